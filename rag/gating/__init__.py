"""How well the evidence speaks to a question, whether it answers it, and what a refusal says."""
