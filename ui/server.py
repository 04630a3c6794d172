"""One server for the chat page, the article pages and the HTTP API of one or several libraries."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import uvicorn
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from rag import FootnoteError, SettingsError
from ui.access import Access
from ui.api import add_error_handlers, api_router
from ui.chat import mount_chat
from ui.check_page import check_page_router
from ui.clip import clip_router
from ui.collections_api import collections_api_router
from ui.conversations_api import conversations_api_router, feedback_api_router
from ui.conversations_pages import conversation_pages_router
from ui.deadlines import TimedProtocol
from ui.html import STATIC
from ui.mcp import add_mcp
from ui.middleware import SecurityMiddleware
from ui.pages import article_pages_router, static_files
from ui.service import Service
from ui.uploads import uploads_router

LOG = logging.getLogger("footnote.page")
FIRST_PORT = 7860
PORTS_TRIED = 100
# After Ctrl-C: until connections are cut, and until requests that still run are cancelled.
SECONDS_TO_REPLY, SECONDS_TO_END = 0.5, 1.0


def create_app(services: Sequence[Service], access: Access) -> Starlette:
    """Every library in its place: the first at the root, the others below ``/in/NAME/``."""
    first, *others = [library_app(service, access) for service in services]
    if not others:
        return first
    routes: list[BaseRoute] = []
    for service, app in zip(services[1:], others, strict=True):
        base = service.visitor.place.base
        routes += [Route(base, partial(_with_slash, base)), Mount(base, app)]

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in (first, *others):
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    return Starlette(routes=[*routes, Mount("", first)], lifespan=running)


async def _with_slash(base: str, _: Request) -> RedirectResponse:
    return RedirectResponse(f"{base}/")


def library_app(service: Service, access: Access) -> FastAPI:
    """Every route over one library, protected by `SecurityMiddleware`."""
    app = FastAPI(title="Footnote", docs_url=None, redoc_url=None, openapi_url=None)
    add_error_handlers(app)
    app.include_router(conversations_api_router(service))
    app.include_router(feedback_api_router(service))
    app.include_router(collections_api_router(service))
    app.include_router(uploads_router(service))
    app.include_router(api_router(service, access))
    app.include_router(article_pages_router(service))
    app.include_router(conversation_pages_router(service))
    app.include_router(check_page_router(service))
    app.include_router(clip_router(service))
    app.mount(STATIC, static_files())
    add_mcp(app, service)
    mount_chat(app, service)
    app.add_middleware(SecurityMiddleware, access=access, visitor=service.visitor)
    return app


def listening_socket(host: str, port: int | None) -> socket.socket:
    """A socket bound to the port, or to the first free one from 7860.

    Raises:
        SettingsError: The port, or every port tried, is taken, or the host is not this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last: OSError | None = None
    for candidate in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, candidate))
            bound.listen(128)
            return bound
        except (OSError, OverflowError) as error:
            bound.close()
            last = error if isinstance(error, OSError) else OSError(str(error))
    allowed = "a free port of an address of this machine" if port is None else "a free port"
    reason = last.strerror or str(last) if last else "no port"
    raise SettingsError("port", f"{host}:{port or FIRST_PORT}", f"{allowed} ({reason})") from last


def address_of(bound: socket.socket) -> str:
    """The address to type into a browser on this machine."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class Server(uvicorn.Server):
    """A uvicorn server that says when it really listens, and stops without waiting for work.

    Args:
        config: What it serves, and how.
        ready: Called once it listens.
        stopping: Called when it is told to stop; should cancel the work for its visitors.
    """

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self.ready = ready
        self.stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and not self.should_exit:
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends every request soon.

        uvicorn would wait for the event streams of open pages, and then log a traceback for each.
        """
        self.stopping()
        loop = asyncio.get_running_loop()
        loop.call_later(SECONDS_TO_REPLY, self._hang_up)
        loop.call_later(SECONDS_TO_END, self._give_up)
        await super().shutdown(sockets=sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def _give_up(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()


def make_server(
    services: Sequence[Service],
    bound: socket.socket,
    *,
    access: Access,
    ready: Callable[[], None] = lambda: None,
    stopping: Callable[[], None] = lambda: None,
) -> Server:
    """A server for an already bound socket; ``run(sockets=[bound])`` serves until stopped.

    Args:
        services: What answers from each library; stopped with the server.
        bound: The socket.
        access: Who may do what.
        ready: Called once the server listens.
        stopping: Called when it is told to stop.
    """

    def stop() -> None:
        for service in services:
            service.stop()
        stopping()

    config = uvicorn.Config(
        create_app(services, access),
        log_level="warning",
        access_log=False,
        server_header=False,
        # `Server` ends requests long before; uvicorn would log an error for those that are left.
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        proxy_headers=False,
        http=TimedProtocol,
    )
    return Server(config, ready, stop)


def warm_up(services: Sequence[Service]) -> threading.Thread:
    """Loads what the first question needs, and finds the examples, before a visitor asks."""

    def prepare() -> None:
        for service in services:
            with suppress(FootnoteError):
                if service.articles():
                    service.library.search("What is this about?", k=1)
                    service.example_questions()

    thread = threading.Thread(target=prepare, name="warm-up", daemon=True)
    thread.start()
    return thread
