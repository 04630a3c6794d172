"""The log of what left this machine for a library, and the library's own egress rule."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.policy import Rule, parse_destinations
from rag.store.catalog import Catalog
from rag.types import Outgoing

RULE_KEY = "text_may_go_to"
SCOPE = "this library"


class EgressLog:
    """Stored in the catalog, so that it moves with the library."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def record(self, call: Outgoing) -> None:
        """Records a call before it is made; it is on disk on return."""
        row = (call.at, call.backend, call.model, call.host, call.location, call.characters)
        with self._catalog.writing(aside=True) as db:
            db.execute(
                "INSERT INTO outgoing (at, backend, model, host, location, characters, articles)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(call.articles)),
            )

    def calls(self) -> tuple[Outgoing, ...]:
        """All calls, oldest first."""
        with self._catalog.reading() as db:
            rows = db.execute(
                "SELECT at, backend, model, host, location, characters, articles"
                " FROM outgoing ORDER BY number"
            )
            return tuple(
                Outgoing(at, backend, model, host, location, count, tuple(json.loads(articles)))
                for at, backend, model, host, location, count, articles in rows
            )

    @property
    def rule(self) -> Rule | None:
        """Where this library's text may go; None leaves it to the settings."""
        kept = self._catalog.note(RULE_KEY)
        return None if kept is None else Rule(SCOPE, tuple(kept.split(",")))

    def rules(
        self, allowed: Sequence[str], for_question: str | Sequence[str] | None = None
    ) -> tuple[Rule, ...]:
        """All rules for a question: those of settings, library and question.

        Raises:
            SettingsError: A place of the question is invalid.
        """
        found = [Rule("the settings", tuple(allowed))]
        if self.rule is not None:
            found.append(self.rule)
        if for_question is not None:
            found.append(Rule("this question", parse_destinations(for_question)))
        return tuple(found)

    def set_rule(self, allowed: str | Sequence[str] | None) -> None:
        """Sets or lifts the library's own rule, which can only narrow the settings.

        Raises:
            SettingsError: A place is invalid.
        """
        text = None if allowed is None else ",".join(parse_destinations(allowed))
        self._catalog.set_note(RULE_KEY, text)
