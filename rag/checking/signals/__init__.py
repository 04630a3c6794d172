"""What can be compared between a sentence and an article: each signal a small pure function."""
