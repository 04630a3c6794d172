"""Fits the weights in ``rag/data/``: ``python -m eval fit --help`` lists them."""
