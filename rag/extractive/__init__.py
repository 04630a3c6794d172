"""Answers with sentences of the articles, without a model."""

from rag.extractive.backend import Extractive

__all__ = ["Extractive"]
