"""An article as it stands on a page, with room for what the page puts around it."""

from __future__ import annotations

TITLE = "Harbour Towns Turn to Tidal Power"
PROSE = (
    "The council of Vessel Bay voted on Tuesday to build four turbines under its old pier.",
    "Engineers expect the first of them to run by spring, at a cost of nine million euros.",
    "Fishermen who had opposed the plan said they were content with the new routes for boats.",
)
PAGE = "\n\n".join((TITLE, *PROSE))


def page(*, above: str = "", below_title: str = "", middle: str = "", below: str = "") -> str:
    parts = (above, TITLE, below_title, PROSE[0], middle, *PROSE[1:], below)
    return "\n\n".join(part for part in parts if part)
