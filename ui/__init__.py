"""The web surface: chat page, article pages, stored conversations, HTTP API and MCP."""
