"""Measures Footnote: ``python -m eval --help`` lists the suites.

The suites are in `eval.suites`; what fits the weights that the product ships is in
`eval.training`. Every question in ``eval/cases/`` is development data.
"""
