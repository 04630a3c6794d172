"""Security checks in front of every route: who may ask, for what, and with which headers.

A page on another site can make a visitor's browser talk to this server. So the host name must be
ours (a name that was re-bound to this machine is not), a request that changes something must not
come from another site, and only those of Gradio's routes are open that the page uses.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access import COOKIE, Access, visitor_of
from ui.api import error_response
from ui.deadlines import received, unless_stalled
from ui.html import base
from ui.html_shell import content_security_policy, patch_index_html
from ui.reading import not_found_html
from ui.visitor import NOBODY, Visitor, visited_by

LOG = logging.getLogger("footnote.page")
INTERNAL_ERROR = "Something went wrong. The server's log says what."
# A question of 20,000 characters in the widest encoding, and a list of a thousand paths, fit.
MAX_BODY_BYTES = 1_000_000
# A file that is dropped on the page, and a page that the bookmarklet hands over.
UPLOAD_PATH, CLIP_PATH = "/api/uploads", "/clip"
MAX_BYTES = {UPLOAD_PATH: 100_000_000, CLIP_PATH: 50_000_000}
LONGEST_PATH = 2_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Ours, and what the chat page loads and calls; Gradio's uploads, files and proxies stay shut.
OPEN_PATHS = frozenset(
    {
        "/",
        "/articles",
        "/check",
        "/check/result",
        CLIP_PATH,
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
        access: Which host names a request may name, and who owns the server.
        visitor: Whom the pages are made for.
    """

    def __init__(self, app: ASGIApp, *, access: Access, visitor: Visitor = NOBODY) -> None:
        self.app = app
        self.access = access
        self.visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with visited_by(visitor_of(HTTPConnection(scope), self.visitor)):
            await self.secured(scope, receive, send)

    async def secured(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replies to a request, unless it must not pass."""
        path = path_of(scope)
        nonce = secrets.token_urlsafe(18) if path == "/" else None
        secured = SecuredSend(send, nonce=nonce, opener=path == CLIP_PATH)
        refusal = self.refusal(scope)
        if refusal:
            await refusal(scope, receive, secured)
            return
        if nonce:
            scope = {**scope, "headers": without_accept_encoding(scope["headers"])}
        # A file is read as it comes; any other body is small enough to be kept until it is whole.
        upload = path == UPLOAD_PATH
        whole = unless_stalled(receive) if upload else await received(receive)
        if whole is None:
            await timed_out()(scope, receive, secured)
            return
        try:
            await self.app(self.access.noted(scope), whole, secured)
        except asyncio.CancelledError:
            # The server stops and has cut the connection: no reply.
            return
        except ClientDisconnect:
            # The client has left, or it is there and has sent no more.
            if not secured.started:
                await timed_out()(scope, receive, secured)
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
        if not self.access.answers_to(host):
            message = "This server does not answer to that host name."
            return error_response("UnknownHost", message, 421)
        path = path_of(scope)
        if not is_open_path(path):
            return HTMLResponse(not_found_html(), 404)
        if scope["method"] in SAFE_METHODS:
            return self.owner_entry(scope)
        origin = headers.get("origin")
        if headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        ):
            return error_response("ForeignOrigin", "Another site may not use this server.", 403)
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length and not length.isdigit()):
            return error_response("LengthRequired", "Send the length of the request.", 411)
        most = MAX_BYTES.get(path, MAX_BODY_BYTES)
        if length and int(length) > most:
            message = f"A request may have at most {most:,} bytes."
            return error_response("TooLarge", message, 413)
        return None

    def owner_entry(self, scope: Scope) -> Response | None:
        """The reply to the owner's address, ``/?token=…``: the page, with the token in a cookie."""
        token = QueryParams(scope["query_string"]).get("token") if path_of(scope) == "/" else None
        if token is None or not self.access.is_token(token):
            return None
        reply = RedirectResponse(f"{base()}/", 303)
        reply.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return reply


class SecuredSend:
    """An ASGI ``send`` that adds the security headers, and rewrites the chat page's HTML shell.

    Args:
        send: Where the messages go.
        nonce: Set for the chat page alone.
        opener: Whether the page may talk to the window that opened it.
    """

    def __init__(self, send: Send, *, nonce: str | None, opener: bool = False) -> None:
        self.send = send
        self.nonce = nonce
        self.opener = opener
        self.started = False
        self._page_start: Message | None = None
        self._page = b""

    async def __call__(self, message: Message) -> None:
        self.started = True
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in HEADERS.items():
                headers[name] = value
            if self.opener:
                headers["cross-origin-opener-policy"] = "unsafe-none"
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


def timed_out() -> Response:
    """The reply to a request of which only a part has come."""
    error = error_response("TimedOut", "The request did not arrive in time.", 408)
    error.headers["connection"] = "close"
    return error


def path_of(scope: Scope) -> str:
    """The path of a request within its library's part of the server."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def is_open_path(path: str) -> bool:
    """Whether a path is one of ours, or one of Gradio's that the page needs."""
    # Longer ones than file systems know would fail below.
    return len(path) <= LONGEST_PATH and (path in OPEN_PATHS or path.startswith(OPEN_PREFIXES))


def without_accept_encoding(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Request headers that ask for no compression, so that the reply can be rewritten."""
    return [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]
