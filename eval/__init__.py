"""Measures Footnote: ``python -m eval --help`` lists the suites.

The suites are in `eval.suites`; what fits the weights that the product ships is in
`eval.training`. Every question in ``eval/cases/`` is development data.
"""

import rag  # noqa: F401 - before ONNX Runtime, whose reports it switches off
