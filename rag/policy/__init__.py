"""Where article text may go: rules, permission before each call, and its record."""

from rag.policy.rules import (
    COUNTRY,
    KEEP_LOCAL,
    LOCAL,
    UNKNOWN,
    Destination,
    Egress,
    Rule,
    authorize,
    filter_sendable,
    host_of,
    is_loopback,
    must_stay_local,
    parse_destinations,
    require_allowed,
)

__all__ = [
    "COUNTRY",
    "KEEP_LOCAL",
    "LOCAL",
    "UNKNOWN",
    "Destination",
    "Egress",
    "Rule",
    "authorize",
    "filter_sendable",
    "host_of",
    "is_loopback",
    "must_stay_local",
    "parse_destinations",
    "require_allowed",
]
