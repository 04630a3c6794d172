"""The command ``footnote``."""

from rag.cli.app import app, main

__all__ = ["app", "main"]
