"""The numbers of the fitted check, on signals in 0..1.

Written by ``python -m eval verifier --data verifier_dev.jsonl.gz --fit``: a logistic
regression with a ridge, each weight of the sign that its signal means, and on top one
slope and offset, so that 0.9 means nine in ten where half of the claims are supported.
"""

BIAS = -0.1321
# Below even chances the sum counts by so much.
BELOW = 0.6122
# Whole sentences of an article, word for word; not fitted.
VERBATIM = 0.99
WEIGHTS: dict[str, float] = {
    "absolute": -0.1527,
    "asserted_denied": -0.4565,
    "compared": -0.1009,
    "date": -2.0563,
    "denied_alone": -0.5020,
    "denied_any": 0.0483,
    "denied_asserted": -0.7409,
    "denied_more": -0.0898,
    "edited": -0.1634,
    "grim": -0.4615,
    "held_near": 0.2378,
    "held_one": 0.2705,
    "held_stretch": 0.4381,
    "kept_clean": 1.2208,
    "missing": -0.1602,
    "missing_here": -0.2394,
    "missing_manner": -0.1320,
    "missing_one": -0.0325,
    "missing_plain": 0.4223,
    "missing_verb": 0.2609,
    "name": -0.9260,
    "name_any": 0.0443,
    "name_one": -0.5519,
    "number": -1.2193,
    "number_any": 0.1917,
    "number_here": -0.4801,
    "number_word": -0.3508,
    "only": -0.4437,
    "opposite": -0.7495,
    "pronoun_unresolved": -0.1666,
    "sentences_there": 0.2139,
    "stranger": -1.0000,
    "words_swapped": -1.5815,
}
