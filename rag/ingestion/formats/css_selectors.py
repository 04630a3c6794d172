"""Finds the elements of a page that a selector of CSS names, quickly for whole style sheets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from rag.ingestion.limits import Unreadable

# How many elements may be looked at, in all and for each of a page: real ones need a tenth. A style
# sheet takes its rules times the elements.
MOST_LOOKS, MOST_LOOKS_EACH = 5_000_000, 200
# A tag, and the classes and ids that follow it.
COMPOUND = re.compile(r"(\*|[\w-]*)((?:[.#][\w-]+)*)")


class Compound(NamedTuple):
    """One step of a selector: what an element has to be, and whether its parent is the one before.

    Attributes:
        tag: ``*`` for any.
        ids: All of which it must have.
        classes: All of which it must have.
        child: Whether the step before names its parent, and not any ancestor.
    """

    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    child: bool

    def fits(self, element: HtmlElement) -> bool:
        return (
            self.tag in ("*", element.tag)
            and (not self.ids or self.ids <= {element.get("id")})
            and (not self.classes or self.classes <= set(element.get("class", "").split()))
        )


class ElementIndex:
    """The elements of a page by tag, id and class: most rules of a style sheet concern none."""

    def __init__(self, tree: HtmlElement) -> None:
        self._by: dict[tuple[str, str], list[HtmlElement]] = defaultdict(list)
        for element in tree.iter(etree.Element):
            keys = {("tag", "*"), ("tag", element.tag), ("id", element.get("id", ""))}
            keys |= {("class", name) for name in element.get("class", "").split()}
            for key in keys:
                self._by[key].append(element)
        self._looks_left = MOST_LOOKS + MOST_LOOKS_EACH * len(self._by["tag", "*"])

    def matching(self, selector: str) -> Iterator[HtmlElement]:
        """The elements of a selector of tags, classes, ids and their nesting; none of others.

        Raises:
            Unreadable: All selectors together look at too many elements.
        """
        steps = _steps(selector)
        if steps:
            last = steps[-1]
            keys = [("id", name) for name in last.ids] + [("class", name) for name in last.classes]
            lists = [self._by.get(key, []) for key in keys or [("tag", last.tag)]]
            found = min(lists, key=len)
            self._look_at(len(found))
            yield from (e for e in found if last.fits(e) and self._is_within(e, steps))

    def _is_within(self, element: HtmlElement, steps: Sequence[Compound]) -> bool:
        """Whether the ancestors of an element fit all steps but the last."""
        if len(steps) == 1:
            return True
        # The deepest first.
        places = [element]
        for step, inner in zip(steps[-2::-1], steps[:0:-1], strict=True):
            if inner.child:
                above = [up for place in places if (up := place.getparent()) is not None]
            else:
                above = list(places[0].iterancestors())
            self._look_at(len(above))
            places = [place for place in above if step.fits(place)]
            if not places:
                return False
        return True

    def _look_at(self, elements: int) -> None:
        self._looks_left -= elements
        if self._looks_left < 0:
            raise Unreadable("Its style sheets have too many rules for so many elements.")


def _steps(selector: str) -> tuple[Compound, ...]:
    """A selector of tags, classes, ids and their nesting; empty for all others."""
    steps: list[Compound] = []
    child = False
    for part in selector.replace(">", " > ").split():
        if part == ">":
            child = True
            continue
        match = COMPOUND.fullmatch(part)
        if not match:
            return ()
        names = re.findall(r"([.#])([\w-]+)", match[2])
        ids, classes = (frozenset(name for sign, name in names if sign == s) for s in "#.")
        steps.append(Compound(match[1].lower() or "*", ids, classes, child))
        child = False
    return tuple(steps)
