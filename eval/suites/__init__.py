"""One module a suite, each with a function ``measure`` that returns a `eval.report.Report`."""
