"""Which sentences of the evidence answer, and the short answer that they hold."""
