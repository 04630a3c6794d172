"""Whom a page is made for: the language it speaks, the library it shows, and the others.

Handlers and templates are many and share this, so it is set once for each request, in a variable
of its context, and read by `ui.html.render`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import isgeneratorfunction
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

DEFAULT_LANGUAGE = "en"


class Place(NamedTuple):
    """A library of a server: its name, and what its addresses begin with; empty for the first."""

    name: str
    base: str = ""

    def address(self, server: str) -> str:
        """Where the library is, at a server whose own address ends with a slash."""
        return f"{server}{self.base[1:]}/" if self.base else server


class Visitor(NamedTuple):
    """What the page's fixed parts need to know.

    Attributes:
        place: The library that is shown.
        places: All libraries of the server; empty where there is only one.
        language: A key of ``words.toml``.
    """

    place: Place = Place("")
    places: tuple[Place, ...] = ()
    language: str = DEFAULT_LANGUAGE


NOBODY = Visitor()
_CURRENT: ContextVar[Visitor] = ContextVar("visitor", default=NOBODY)


def current_visitor() -> Visitor:
    """Whom the running code makes a page for."""
    return _CURRENT.get()


@contextmanager
def visited_by(visitor: Visitor) -> Iterator[None]:
    """Pages that are made within this are made for that visitor."""
    token = _CURRENT.set(visitor)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def places_for(folders: Sequence[Path]) -> tuple[Place, ...]:
    """A place for each library: named as its folder, the first one at the root of the server."""
    places: list[Place] = []
    for folder in folders:
        name = folder.absolute().name or "library"
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "library"
        same = [place for place in places if place.base == f"/in/{slug}" or place.name == name]
        if same:
            name, slug = f"{name} ({len(same) + 1})", f"{slug}-{len(places) + 1}"
        places.append(Place(name, f"/in/{slug}" if places else ""))
    return tuple(places)


Handler = TypeVar("Handler", bound=Callable[..., Any])


class HasVisitors(Protocol):
    """Knows the visitor behind a request of Gradio's."""

    def visitor(self, request: Any) -> Visitor: ...


def for_visitor(handler: Handler) -> Handler:
    """A method whose last argument is Gradio's request, run for the visitor who sent that."""

    @wraps(handler)
    def once(handlers: HasVisitors, *given: Any) -> Any:
        with visited_by(handlers.visitor(given[-1])):
            return handler(handlers, *given)

    @wraps(handler)
    def steps(handlers: HasVisitors, *given: Any) -> Iterator[Any]:
        # Gradio runs each step in its own context.
        made, visitor = handler(handlers, *given), handlers.visitor(given[-1])
        try:
            while True:
                with visited_by(visitor):
                    try:
                        step = next(made)
                    except StopIteration:
                        return
                yield step
        finally:
            made.close()

    return cast(Handler, steps if isgeneratorfunction(handler) else once)
