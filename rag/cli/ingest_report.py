"""Prints what an ingest did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from rag.cli.output import pluralize, print_json, print_remark

# This many of the files that were left out for the same reason are named; --json names all.
NAMED_FILES = 10


def show_receipt(
    receipt: dict[str, Any], library: Path, *, as_json: bool, dry_run: bool = False
) -> None:
    """Prints a receipt; that of a dry run says what would be done.

    Raises:
        typer.Exit: With code 1, if something could not be read.
    """
    if as_json:
        print_json(receipt)
    else:
        summary = _forecast(receipt) if dry_run else _summary(receipt)
        typer.echo(f"{summary} Library: {library}")
        _print_remarks(receipt)
    if receipt["failed"]:
        raise typer.Exit(1)


def _summary(receipt: dict[str, Any]) -> str:
    """What an ingest did, such as ``Added 5 articles, updated 1 in 2.1 s (3 unchanged).``"""
    counts = {what: len(ids) for what, ids in receipt.items() if isinstance(ids, list)}
    done = [f"added {pluralize(counts['added'], 'article')}"]
    done += [f"{what} {counts[what]}" for what in ("updated", "removed") if counts[what]]
    done += [f"grouped {counts['grouped']} with near copies"] if counts["grouped"] else []
    unchanged = f" ({counts['unchanged']} unchanged)" if counts["unchanged"] else ""
    text = f"{', '.join(done)} in {receipt['seconds']:.1f} s{unchanged}."
    return text[0].upper() + text[1:]


def _forecast(receipt: dict[str, Any]) -> str:
    """What an ingest would do, such as ``Would add 5 articles, update 1 (3 unchanged).``"""
    verbs = {"updated": "update", "removed": "remove"}
    todo = [f"Would add {pluralize(len(receipt['added']), 'article')}"]
    todo += [f"{verb} {len(receipt[what])}" for what, verb in verbs.items() if receipt[what]]
    unchanged = f" ({len(receipt['unchanged'])} unchanged)" if receipt["unchanged"] else ""
    return f"{', '.join(todo)}{unchanged}. Nothing was written."


def _print_remarks(receipt: dict[str, Any]) -> None:
    """What was guessed, left out or not read; of files left out for one reason, the first few."""
    for note in receipt["notes"]:
        print_remark(f"Note: {note['origin']}: {note['text']}")
    by_reason: dict[str, list[str]] = {}
    for item in receipt["skipped"]:
        by_reason.setdefault(item["reason"], []).append(item["origin"])
    if by_reason:
        typer.echo(f"Left out {pluralize(len(receipt['skipped']), 'file')}:", err=True)
    for reason, origins in by_reason.items():
        more = len(origins) - NAMED_FILES
        listed = ", ".join(origins[:NAMED_FILES]) + (f" and {more} more" if more > 0 else "")
        print_remark(f"  {reason} {listed}")
    for failure in receipt["failed"]:
        print_remark(f"Not read: {failure['origin']}: {failure['reason']}")
