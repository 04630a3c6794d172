"""Security checks in front of every route: who may ask, for what, and with which headers.

A page on another site can make a visitor's browser talk to this server. So the host name must be
ours (a name that was re-bound to this machine is not), a request that changes something must not
come from another site, and only those of Gradio's routes are open that the page uses.
"""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api import error_response
from ui.html_shell import content_security_policy, patch_index_html
from ui.reading import not_found_html

LOG = logging.getLogger("footnote.page")
INTERNAL_ERROR = "Something went wrong. The server's log says what."
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# A question of 20,000 characters in the widest encoding, and a list of a thousand paths, fit.
MAX_BODY_BYTES = 1_000_000
# A file that is dropped on the page.
MAX_UPLOAD_BYTES = 100_000_000
UPLOAD_PATH = "/api/uploads"
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
    """ASGI middleware that refuses what must not pass and secures what is sent.

    Args:
        app: The application that it protects.
        hosts: Host names that a request may name; None for any, for a server that is open to
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
        nonce = secrets.token_urlsafe(18) if scope["path"] == "/" else None
        secured = SecuredSend(send, nonce=nonce)
        refusal = self.refusal(scope)
        if refusal:
            await refusal(scope, receive, secured)
            return
        if nonce:
            scope = {**scope, "headers": without_accept_encoding(scope["headers"])}
        try:
            await self.app(scope, receive, secured)
        except Exception:
            LOG.exception("%s %s failed", scope["method"], scope["path"])
            if secured.started:
                raise
            error = error_response("InternalError", INTERNAL_ERROR, 500)
            await error(scope, receive, secured)

    def refusal(self, scope: Scope) -> Response | None:
        """The reply to a request that must not pass, or None."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and parse_host_name(host) not in self.hosts:
            message = "This server does not answer to that host name."
            return error_response("UnknownHost", message, 421)
        if not is_open_path(scope["path"]):
            return HTMLResponse(not_found_html(), 404)
        if scope["method"] in SAFE_METHODS:
            return None
        origin = headers.get("origin")
        if headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        ):
            return error_response("ForeignOrigin", "Another site may not use this server.", 403)
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length and not length.isdigit()):
            return error_response("LengthRequired", "Send the length of the request.", 411)
        most = MAX_UPLOAD_BYTES if scope["path"] == UPLOAD_PATH else MAX_BODY_BYTES
        if length and int(length) > most:
            message = f"A request may have at most {most:,} bytes."
            return error_response("TooLarge", message, 413)
        return None


class SecuredSend:
    """An ASGI ``send`` that adds the security headers, and rewrites the chat page's HTML shell.

    Args:
        send: Where the messages go.
        nonce: Set for the chat page alone.
    """

    def __init__(self, send: Send, *, nonce: str | None) -> None:
        self.send = send
        self.nonce = nonce
        self.started = False
        self._page_start: Message | None = None
        self._page = b""

    async def __call__(self, message: Message) -> None:
        self.started = True
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in HEADERS.items():
                headers[name] = value
            headers["content-security-policy"] = content_security_policy(self.nonce)
            message = {**message, "headers": headers.raw}
            if self.nonce and headers.get("content-type", "").startswith("text/html"):
                headers["cache-control"] = "no-store"
                self._page_start = message
                return
        elif self._page_start is not None and self.nonce:
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._page_start, self.nonce)
            return
        await self.send(message)

    async def _send_page(self, start: Message, nonce: str) -> None:
        """Sends the whole rewritten page; a reply to HEAD has no body and keeps its length."""
        page = patch_index_html(self._page.decode("utf-8"), nonce) if self._page else ""
        body = page.encode("utf-8")
        headers = MutableHeaders(raw=list(start["headers"]))
        if body:
            headers["content-length"] = str(len(body))
        self._page_start = None
        await self.send({**start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": body})


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
    """Request headers that ask for no compression, so that the reply can be rewritten."""
    return [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]
