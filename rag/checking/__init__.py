"""How a sentence of an answer is held against the articles: signals, rules, verdict, reasons."""
