"""The web surface: chat page, article pages, stored conversations, HTTP API and MCP."""

import rag  # noqa: F401 - before Gradio, whose reports it switches off
