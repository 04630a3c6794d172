"""The menu that chooses what writes the answers: location and state of each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from typing import NamedTuple

from markupsafe import Markup

from rag import BackendHealth
from ui.html import render
from ui.render import EXTRACTIVE
from ui.words import listed, say

LOCAL = "local"
ANYWHERE = "anywhere"


class MenuEntry(NamedTuple):
    """A backend: its value, what it is called, where it runs and how it is, and why."""

    name: str
    label: str
    about: str
    why: str = ""


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
        label=reduce(_then, map(_label, chosen)) if chosen else "",
        is_open=found is not None,
        usable=[MenuEntry(item.name, _label(item.name), _about(item)) for item in usable],
        others=[
            MenuEntry(item.name, item.name, _about(item), item.why)
            for item in found or ()
            if item not in usable
        ],
        extractive=EXTRACTIVE,
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
        return say("may_go_anywhere")
    # A host may be allowed as itself by one rule and by its country by another, so only rules
    # that say the same are summed up.
    if any(places <= {LOCAL} for places in strict):
        return say("may_go_nowhere")
    rules = dict.fromkeys(
        listed(sorted(places - {LOCAL})) or say("this_computer") for places in strict
    )
    places = reduce(lambda first, second: say("and_only_to", first=first, second=second), rules)
    return say("may_go_to", places=places)


def _then(first: str, second: str) -> str:
    return say("and_then", first=first, second=second)


def _label(name: str) -> str:
    return say("quotes_only") if name == EXTRACTIVE else name


def _about(item: BackendHealth) -> str:
    if item.name == EXTRACTIVE:
        return say("quotes_only_how")
    places = {LOCAL: say("on_this_computer"), "unknown": say("place_unknown")}
    where = places.get(item.location, say("in_place", place=item.location))
    state = say(f"state_{item.state.replace(' ', '_')}")
    allowed = "" if item.allowed else say("not_allowed")
    return listed(part for part in (item.model, where, state, allowed) if part)
