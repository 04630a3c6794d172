"""Lets Gradio's handlers, which run apart from the request, make HTML for their visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, Protocol, TypeVar, cast

from ui.visitor import Visitor, visited_by

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
