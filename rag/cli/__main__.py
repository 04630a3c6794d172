"""``python -m rag.cli`` does what ``footnote`` does."""

from rag.cli import main

if __name__ == "__main__":
    main()
