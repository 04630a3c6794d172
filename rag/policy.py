"""Where article text may go: rules and a destination in, permission or refusal out.

`require_allowed` is the one function that decides. It is called where connections are opened, for
every request and before anything is sent, and also before a prompt is made, so that a forbidden
backend gets no prompt.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rag.errors import PolicyRefused, SettingsError, nearest
from rag.types import Evidence, Outgoing, Source

SETTING = "text_may_go_to"
LOCAL = "local"
ANYWHERE = "anywhere"
# The location of a host for which none is given.
UNKNOWN = "unknown"

# Attributes of LlamaIndex objects that contain the address of their server.
ADDRESSES = ("api_base", "base_url", "azure_endpoint", "endpoint_url", "endpoint")
COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
HOST = re.compile(r"(?=.*[.:])[0-9A-Za-z.:_-]+\Z|localhost\Z")


@dataclass(frozen=True, slots=True)
class Rule:
    """Places that text may go to, and where the rule is from, such as ``the settings``."""

    scope: str
    allowed: tuple[str, ...]

    def __str__(self) -> str:
        return f"text_may_go_to = {', '.join(self.allowed)} ({self.scope})"


@dataclass(frozen=True, slots=True)
class Destination:
    """Who would get the text. ``location`` is ``local``, a country's two letters, or ``unknown``.

    ``host`` is empty if it runs in this process.
    """

    backend: str
    host: str
    location: str

    @property
    def leaves(self) -> bool:
        """Whether text sent there leaves this machine, or is meant to count as leaving."""
        return self.location != LOCAL or not (self.host == "" or is_loopback(self.host))


# No setting can override it: an article with `keep_local` stays on this machine.
KEEP_LOCAL = Rule("keep_local in the article", (LOCAL,))


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    bare = host.strip("[]").lower().rstrip(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def host_of(thing: object) -> str:
    """The host that an object's address names; empty if it has none."""
    for name in ADDRESSES:
        value = getattr(thing, name, None)
        if isinstance(value, str) and value:
            return urlsplit(value if "//" in value else f"//{value}").hostname or ""
    return ""


def parse_destinations(value: object) -> tuple[str, ...]:
    """The places of ``text_may_go_to``, validated: a list, or one string with commas.

    Raises:
        SettingsError: An entry is none of ``local``, ``anywhere``, a country or a host.
    """
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise SettingsError(SETTING, value, "a list such as ['local', 'US', 'api.example.org']")
    found = tuple(_parse_destination(entry) for entry in given if str(entry).strip())
    if not found:
        raise SettingsError(SETTING, value, "at least one place, such as 'local'")
    return tuple(dict.fromkeys(found))


def _parse_destination(entry: object) -> str:
    text = str(entry).strip()
    if text.lower() in (LOCAL, ANYWHERE):
        return text.lower()
    if COUNTRY.match(text):
        return text.upper()
    if HOST.match(text):
        return text.lower()
    hint = nearest(text, (LOCAL, ANYWHERE))
    raise SettingsError(
        SETTING, text, f"'local', 'anywhere', a country's two letters, or a host with a dot{hint}"
    )


def allows(rule: Rule, destination: Destination) -> bool:
    """Whether one rule lets text go there."""
    return any(
        place == ANYWHERE
        or place == destination.location
        or (bool(destination.host) and place == destination.host.lower())
        for place in rule.allowed
    )


def require_allowed(rules: Iterable[Rule], destination: Destination) -> None:
    """Raises unless every rule allows the destination.

    Raises:
        PolicyRefused: A rule does not; the first such rule is named.
    """
    for rule in rules:
        if not allows(rule, destination):
            raise PolicyRefused(str(rule), destination.backend)


def must_stay_local(source: Source, destination: Destination) -> bool:
    """Whether `keep_local` forbids sending an article there."""
    return source.keep_local and not allows(KEEP_LOCAL, destination)


def filter_sendable(evidence: Sequence[Evidence], destination: Destination) -> tuple[Evidence, ...]:
    """The evidence that may be sent there: all if it stays here, else none with `keep_local`."""
    return tuple(item for item in evidence if not must_stay_local(item.source, destination))


def authorize(
    rules: Iterable[Rule],
    destination: Destination,
    log: Callable[[Outgoing], None] | None,
    *,
    model: str | None = None,
    characters: int = 0,
    articles: Iterable[str] = (),
) -> bool:
    """Checks the policy and logs a call that leaves this machine; it is on disk on return.

    Returns:
        Whether text leaves this machine.

    Raises:
        PolicyRefused: A rule forbids it.
    """
    require_allowed(rules, destination)
    if not destination.leaves:
        return False
    if log is not None:
        log(
            Outgoing(
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                backend=destination.backend,
                model=model,
                host=destination.host,
                location=destination.location,
                characters=characters,
                articles=tuple(dict.fromkeys(articles)),
            )
        )
    return characters > 0


@dataclass(frozen=True, slots=True)
class Egress:
    """Where text may go for one question or ingest, and where it went.

    Attributes:
        rules: All of them must allow a destination.
        log: Records each call that leaves this machine, before it is made.
        hosts: The hosts that got text, each once, in order.
    """

    rules: tuple[Rule, ...]
    log: Callable[[Outgoing], None] | None = None
    hosts: list[str] = field(default_factory=list)

    def authorize(
        self, destination: Destination, *, characters: int = 0, articles: Iterable[str] = ()
    ) -> None:
        """Must be called before text is sent.

        Args:
            destination: Who gets the text.
            characters: How many characters are sent.
            articles: Ids of the articles that they come from.

        Raises:
            PolicyRefused: A rule forbids it.
        """
        left = authorize(
            self.rules, destination, self.log, characters=characters, articles=articles
        )
        if left and destination.host not in self.hosts:
            self.hosts.append(destination.host)
