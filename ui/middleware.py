"""The doorkeeper in front of every route: who may ask, for what, and with which headers.

A page on another site can make a visitor's browser talk to this server. So the host name must be
ours (a name that was re-bound to this machine is not), a request that changes something must not
come from another site, and only those of Gradio's routes are open that the page uses.
"""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.html_shell import content_security_policy, patch_index_html
from ui.reading import not_found_html

LOG = logging.getLogger("footnote.page")
INTERNAL_ERROR = "Something went wrong here. The server's log says what."
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# A question of 20,000 characters in the widest encoding, and a list of a thousand paths, fit.
MAX_BODY_BYTES = 1_000_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Ours, and what the chat page loads and calls; Gradio's uploads, files and proxies stay shut.
OPEN_PATHS = frozenset(
    {
        "/",
        "/articles",
        "/config",
        "/conversations",
        "/favicon.ico",
        "/mcp",
        "/robots.txt",
        "/theme.css",
    }
)
OPEN_PREFIXES = (
    "/api/",
    "/articles/",
    "/conversations/",
    "/footnote/",
    "/assets/",
    "/static/",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/heartbeat/",
    "/gradio_api/startup-events",
    "/gradio_api/cancel",
    "/gradio_api/reset",
    "/gradio_api/info",
    "/gradio_api/theme.css",
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityMiddleware:
    """ASGI middleware.

    Args:
        app: What it guards.
        hosts: Host names that a request may name; none means any, for a server that is open to
            the network on purpose.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None = LOOPBACK_NAMES) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = SecureSend(send, nonce=secrets.token_urlsafe(18) if scope["path"] == "/" else None)
        refused = self.refusal(scope)
        if refused:
            await refused(scope, receive, answer)
            return
        if answer.nonce:
            scope = {**scope, "headers": without_accept_encoding(scope["headers"])}
        try:
            await self.app(scope, receive, answer)
        except Exception:
            LOG.exception("%s %s failed", scope["method"], scope["path"])
            if answer.begun:
                raise
            await refuse(500, "InternalError", INTERNAL_ERROR)(scope, receive, answer)

    def refusal(self, scope: Scope) -> Response | None:
        """The reply to a request that must not pass, or nothing."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and parse_host_name(host) not in self.hosts:
            return refuse(421, "UnknownHost", "This server does not answer to that host name.")
        if not is_open_path(scope["path"]):
            return HTMLResponse(not_found_html(), 404)
        if scope["method"] in SAFE_METHODS:
            return None
        origin = headers.get("origin")
        if headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        ):
            return refuse(403, "ForeignOrigin", "Another site may not use this server.")
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length and not length.isdigit()):
            return refuse(411, "LengthRequired", "Send the length of the request.")
        if length and int(length) > MAX_BODY_BYTES:
            return refuse(413, "TooLarge", f"A request may hold {MAX_BODY_BYTES:,} bytes.")
        return None


class SecureSend:
    """A ``send`` that adds the headers, and rewrites the chat page's frame.

    Args:
        send: Where the messages go.
        nonce: Set for the chat page alone.
    """

    def __init__(self, send: Send, *, nonce: str | None) -> None:
        self.send = send
        self.nonce = nonce
        self.started: Message | None = None
        self.body = b""
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in HEADERS.items():
                headers[name] = value
            headers["content-security-policy"] = content_security_policy(self.nonce)
            message = {**message, "headers": headers.raw}
            if self.nonce and headers.get("content-type", "").startswith("text/html"):
                headers["cache-control"] = "no-store"
                self.started = message
                return
        elif self.started is not None and self.nonce:
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self.flush(self.nonce)
            return
        await self.send(message)

    async def flush(self, nonce: str) -> None:
        """Sends the whole rewritten page."""
        body = (
            patch_index_html(self.body.decode("utf-8"), nonce).encode("utf-8") if self.body else b""
        )
        assert self.started is not None
        headers = MutableHeaders(raw=list(self.started["headers"]))
        if self.body:
            headers["content-length"] = str(len(body))
        await self.send({**self.started, "headers": headers.raw})
        self.started = None
        await self.send({"type": "http.response.body", "body": body})


def refuse(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"kind": kind, "message": message}}, status)


def parse_host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty if it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def is_open_path(path: str) -> bool:
    """Whether a path is one of ours, or one of Gradio's that the page needs."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def without_accept_encoding(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Request headers without the wish for compression, so that the reply can be rewritten."""
    return [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]
