"""How commands print."""

from __future__ import annotations

import json
from typing import Any

import typer


def print_json(values: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))


def pluralize(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
