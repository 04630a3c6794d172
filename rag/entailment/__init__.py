"""Entailment models from a local folder, as stronger checkers."""
