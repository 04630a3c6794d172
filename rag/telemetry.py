"""Switches off what other libraries report to their makers.

They read these variables when they are imported, which happens long after `rag`. ONNX Runtime
also has a call that switches it off, but by then it has looked up a host and written a device id.
"""

import os

os.environ.update(
    ANONYMIZED_TELEMETRY="False",  # Chroma
    DO_NOT_TRACK="1",
    GRADIO_ANALYTICS_ENABLED="False",
    HF_HUB_DISABLE_TELEMETRY="1",
    ORT_DISABLE_TELEMETRY="1",  # ONNX Runtime
)
