"""The numbers of the fitted check, on signals in 0..1.

Written by ``python -m eval verifier --data verifier_dev.jsonl.gz --fit``: a logistic
regression with a ridge, each weight of the sign that its signal means, and on top one
slope and offset, so that 0.9 means nine in ten where half of the claims are supported.
"""

BIAS = -0.1237
# Below even chances the sum counts by so much.
BELOW = 0.6126
# Whole sentences of an article, word for word; not fitted.
VERBATIM = 0.99
WEIGHTS: dict[str, float] = {
    "absolute": -0.1521,
    "asserted_denied": -0.4556,
    "compared": -0.1004,
    "date": -2.0510,
    "denied_alone": -0.5008,
    "denied_any": 0.0480,
    "denied_asserted": -0.7392,
    "denied_more": -0.0893,
    "edited": -0.1655,
    "grim": -0.4603,
    "held_near": 0.2362,
    "held_one": 0.2789,
    "held_stretch": 0.4362,
    "kept_clean": 1.0764,
    "missing": -0.1590,
    "missing_here": -0.2400,
    "missing_manner": -0.1317,
    "missing_one": -0.0408,
    "missing_plain": 0.4217,
    "missing_verb": 0.2607,
    "name": -0.9233,
    "name_any": 0.0431,
    "name_one": -0.5505,
    "number": -1.2165,
    "number_any": 0.1915,
    "number_here": -0.4792,
    "number_word": -0.3498,
    "only": -0.4426,
    "opposite": -0.7484,
    "pronoun_unresolved": -0.1673,
    "sentences_there": 0.2122,
    "stranger": -1.0000,
    "words_swapped": -1.5843,
}
