"""``python -m rag.cli`` does what ``footnote`` does."""

from rag.cli import main

main()
