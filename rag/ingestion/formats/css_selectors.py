"""Finds the elements of a page that a selector of CSS names, quickly for whole style sheets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

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
            and self.ids <= {element.get("id")}
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

    def matching(self, selector: str) -> Iterator[HtmlElement]:
        """The elements of a selector of tags, classes, ids and their nesting; none of others."""
        steps = _steps(selector)
        if steps:
            last = steps[-1]
            keys = [("id", name) for name in last.ids] + [("class", name) for name in last.classes]
            lists = [self._by.get(key, []) for key in keys or [("tag", last.tag)]]
            yield from (e for e in min(lists, key=len) if last.fits(e) and _is_within(e, steps))


def _is_within(element: HtmlElement, steps: Sequence[Compound]) -> bool:
    """Whether the ancestors of an element fit all steps but the last."""
    places = {element}
    for step, inner in zip(steps[-2::-1], steps[:0:-1], strict=True):
        if inner.child:
            above = {place.getparent() for place in places} - {None}
        else:
            above = {ancestor for place in places for ancestor in place.iterancestors()}
        places = {place for place in above if step.fits(place)}
    return bool(places)


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
