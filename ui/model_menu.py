"""The menu that chooses what writes the answers: location and state of each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from markupsafe import Markup

from rag import BackendHealth
from ui.html import render
from ui.render import EXTRACTIVE

LOCAL = "local"
ANYWHERE = "anywhere"
QUOTING = "Quotes only, no AI"


class MenuEntry(NamedTuple):
    """A backend: its value, what it is called, and where it runs and how it is."""

    name: str
    label: str
    about: str


def model_menu_html(
    chosen: Sequence[str],
    found: Sequence[BackendHealth] | None = None,
    *,
    allowed: Sequence[Collection[str]] = (),
    sent_to: Collection[str] = (),
) -> Markup:
    """The menu, folded until its backends were looked up.

    Args:
        chosen: The backends in force, in the order in which they are tried.
        found: What is known of each; None if that was not asked.
        allowed: The places of each rule about where text may go.
        sent_to: The hosts that got text in this conversation.
    """
    usable = [item for item in found or () if is_usable(item)]
    return render(
        "model_menu.html",
        label=", then ".join(_label(name) for name in chosen),
        is_open=found is not None,
        usable=[MenuEntry(item.name, _label(item.name), _about(item)) for item in usable],
        others=[
            MenuEntry(item.name, item.name, item.why) for item in found or () if item not in usable
        ],
        chosen=chosen[0] if chosen else EXTRACTIVE,
        policy=policy_sentence(allowed),
        sent_to=sorted(sent_to),
    )


def is_usable(item: BackendHealth) -> bool:
    """Whether a visitor may choose it: set up, allowed, and not known to be down."""
    return item.configured and item.allowed and bool(item.reachable)


def policy_sentence(allowed: Sequence[Collection[str]]) -> str:
    """Where text may go, in plain words: a place must be allowed by every rule."""
    strict = [set(places) for places in allowed if ANYWHERE not in places]
    if not strict:
        return "Article text may be sent to any service that you choose."
    # A host may be allowed as itself by one rule and by its country by another, so only rules
    # that say the same are summed up.
    if any(places <= {LOCAL} for places in strict):
        return "Article text stays on this computer."
    rules = dict.fromkeys(
        ", ".join(sorted(places - {LOCAL})) or "this computer" for places in strict
    )
    return f"Article text may be sent to {'; and only to '.join(rules)}."


def _label(name: str) -> str:
    return QUOTING if name == EXTRACTIVE else name


def _about(item: BackendHealth) -> str:
    if item.name == EXTRACTIVE:
        return "Sentences of the articles, on this computer"
    places = {LOCAL: "on this computer", "unknown": "elsewhere, country unknown"}
    where = places.get(item.location, f"in {item.location}")
    return ", ".join(part for part in (item.model, where, "ready") if part)
