"""The numbers of the fitted check, on signals in 0..1.

Written by ``python -m eval verifier --data verifier_dev.jsonl.gz --fit``: a logistic
regression with a ridge, each weight of the sign that its signal means, and on top one
slope and offset, so that 0.9 means nine in ten where half of the claims are supported.
"""

BIAS = -0.0322
# Whole sentences of an article, word for word; not fitted.
VERBATIM = 0.99
WEIGHTS: dict[str, float] = {
    "absolute": -0.1369,
    "asserted_denied": -0.4570,
    "compared": -0.0794,
    "date": -2.0509,
    "denied_alone": -0.4811,
    "denied_any": 0.0430,
    "denied_asserted": -0.7332,
    "denied_more": -0.0736,
    "edited": -0.1715,
    "grim": -0.4895,
    "held_near": 0.2026,
    "held_one": 0.2859,
    "held_stretch": 0.4326,
    "kept_clean": 1.0312,
    "missing": -0.1799,
    "missing_here": -0.2539,
    "missing_manner": -0.1338,
    "missing_one": -0.1308,
    "missing_plain": 0.4590,
    "missing_verb": 0.2672,
    "name": -0.9155,
    "name_any": 0.0468,
    "name_one": -0.5476,
    "number": -1.2320,
    "number_any": 0.1944,
    "number_here": -0.4499,
    "number_word": -0.3736,
    "only": -0.4414,
    "opposite": -0.7400,
    "pronoun_unresolved": -0.1690,
    "sentences_there": 0.2066,
    "stranger": -1.0000,
    "words_swapped": -1.6126,
}
