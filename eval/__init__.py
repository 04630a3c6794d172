"""Measuring Footnote: questions with known answers, put to a library through the door."""
