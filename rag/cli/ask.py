"""The command ``footnote ask``: an answer on a terminal, sentence by sentence as it is verified."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Annotated, Any

import typer

from rag.answering import validate_filters
from rag.cli.server_client import ServerClient, run_or_delegate
from rag.cli.terminal import (
    JsonOption,
    LibraryOption,
    SettingsOption,
    option,
    pluralize,
    print_json,
)
from rag.settings import Settings, load_settings
from rag.types import QUIET, Answer, Block, Sentence, Usage

BEFORE_BLOCKS: Mapping[Block, str] = {"heading": "\n", "item": "• "}


class BlockSigns:
    """What comes before each sentence of an answer: the signs and numbers of lists."""

    def __init__(self) -> None:
        self._number = 0

    def before(self, block: Block) -> str:
        """The sign of the next sentence; a list's numbers begin at 1."""
        if block == "numbered":
            self._number += 1
            return f"{self._number}. "
        if block:
            self._number = 0
        return BEFORE_BLOCKS.get(block, "")


def sentence_line(text: str, numbers: Iterable[int], doubt: str) -> str:
    """A sentence with its footnotes, and why it is doubted."""
    marks = "".join(f"[{n}]" for n in dict.fromkeys(numbers))
    return f"{text}{' ' if marks else ''}{marks}{f'  ⚠ {doubt}' if doubt else ''}"


def print_as_verified(items: Iterable[Any]) -> Answer | None:
    """Prints the sentences of a stream as they come; returns the answer, None if it was cancelled.

    Sentences that claim nothing wait for one that does: they may turn out to be a refusal, which
    replaces them.
    """
    numbers: dict[str, int] = {}
    signs = BlockSigns()
    waiting: list[Sentence] = []
    for item in items:
        if isinstance(item, Answer):
            for sentence in item.sentences if item.refused else waiting:
                _print(sentence, numbers, signs)
            return item
        if isinstance(item, Sentence):
            waiting.append(item)
            if item.verdict != "no_claim":
                for sentence in waiting:
                    _print(sentence, numbers, signs)
                waiting.clear()
    return None


def _print(sentence: Sentence, numbers: dict[str, int], signs: BlockSigns) -> None:
    """Prints a sentence; articles are numbered in the order in which they are first cited."""
    cited = [
        numbers.setdefault(citation.article_id, len(numbers) + 1) for citation in sentence.citations
    ]
    doubt = "" if sentence.verdict in QUIET else sentence.why
    text = signs.before(sentence.block) + sentence.text
    typer.echo(sentence_line(text, cited, doubt))


BackendOption = Annotated[
    str | None,
    option(
        "--backend",
        "Backend that drafts the answer; several, separated by commas, are tried in order.",
        "NAME",
    ),
]
UnsupportedOption = Annotated[
    str | None,
    option(
        "--unsupported",
        "Sentences that the articles do not fully support: show them, marked, or drop them.",
        "show|drop",
    ),
]
CheckerOption = Annotated[
    str | None,
    option(
        "--checker",
        "Second check: the folder of an entailment model, judge, or judge:NAME.",
        "FOLDER|judge|judge:NAME",
    ),
]
ReaderOption = Annotated[
    str | None,
    option(
        "--reader", "Whether the trained reader judges sentences that a model wrote.", "on|none"
    ),
]
PlacesOption = Annotated[
    str | None,
    option(
        "--text-may-go-to",
        "Limit for this question, within what settings and library allow.",
        "PLACES",
    ),
]
ConversationOption = Annotated[
    str | None,
    option(
        "--conversation",
        "Ask in a saved conversation: its id, `last`, or `new` to start one.",
        "ID|last|new",
    ),
]


def _only(flag: str, what: str, metavar: str) -> Any:
    return option(flag, f"Only articles {what}; may be repeated.", metavar)


def _day(flag: str, what: str) -> Any:
    return option(flag, f"Only articles {what}.", "2025-02-03")


Values = list[str] | None
PublisherOption = Annotated[Values, _only("--publisher", "of this publisher", "NAME")]
AuthorOption = Annotated[Values, _only("--author", "by this author", "NAME")]
CategoryOption = Annotated[Values, _only("--category", "of this category", "NAME")]
ArticleOption = Annotated[Values, _only("--article", "with this id", "ID")]
AfterOption = Annotated[str | None, _day("--after", "from this day on")]
BeforeOption = Annotated[str | None, _day("--before", "up to this day")]


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    library: LibraryOption = None,
    backend: BackendOption = None,
    unsupported: UnsupportedOption = None,
    checker: CheckerOption = None,
    reader: ReaderOption = None,
    may_go_to: PlacesOption = None,
    conversation: ConversationOption = None,
    publisher: PublisherOption = None,
    author: AuthorOption = None,
    category: CategoryOption = None,
    article: ArticleOption = None,
    after: AfterOption = None,
    before: BeforeOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from the articles."""
    own = {"checker": checker, "reader": reader}
    chosen = load_settings(
        settings, library=library, backend=backend, unsupported=unsupported, **own
    )
    restrictions = {
        "publishers": publisher,
        "authors": author,
        "categories": category,
        "articles": article,
        "after": after,
        "before": before,
    }
    filters = {name: value for name, value in restrictions.items() if value}
    # Here, because a server would name the fields of its interface instead of the flags.
    validate_filters(filters)

    live = sys.stdout.isatty() and not as_json and conversation is None
    options = {"settings": chosen, "text_may_go_to": may_go_to, "filters": filters or None}
    values = _answered(question, conversation, options, own, live=live)
    if as_json:
        print_json(values)
    else:
        _print_answer(values, printed=live)


def _answered(
    question: str,
    conversation: str | None,
    options: Mapping[str, Any],
    own: Mapping[str, str | None],
    *,
    live: bool,
) -> dict[str, Any]:
    """The answer, from here or from the server that owns the library, which ignores ``own``.

    Args:
        question: As typed.
        conversation: Its id, ``last`` or ``new``; None for none.
        options: Further arguments of `rag.answer`.
        own: Flags about what this process would load, such as the reader.
        live: Whether to print the sentences as they are verified.
    """
    settings: Settings = options["settings"]

    def ask_there(server: ServerClient) -> dict[str, Any]:
        warn_of_ignored_flags(own, server.address)
        body = {
            "question": question,
            "backend": list(settings.backend),
            "text_may_go_to": options["text_may_go_to"],
            "unsupported": settings.unsupported,
            "conversation": conversation,
            "filters": options["filters"],
        }
        values = server.post("/api/ask", body)
        if live:
            print_sentences(values)
        return values

    return run_or_delegate(lambda: _ask_here(question, conversation, options, live=live), ask_there)


def warn_of_ignored_flags(flags: Mapping[str, str | None], address: str) -> None:
    """Says which of the given flags a server ignores, as its owner decides what it may load."""
    for name in (name for name, value in flags.items() if value is not None):
        typer.echo(
            f"--{name} has no effect: the server at {address} owns the library and "
            f"uses its own {name}. Stop it, or start it with this {name}.",
            err=True,
        )


def _ask_here(
    question: str, conversation: str | None, options: Mapping[str, Any], *, live: bool
) -> dict[str, Any]:
    from rag.answering import answer, stream

    if live:
        with closing(stream(question, **options)) as asked:
            found = print_as_verified(asked)
        if found is None:
            raise typer.Abort
        return found.to_dict()
    if conversation is None:
        return answer(question, **options).to_dict()
    from rag.answering import answer_in
    from rag.retrieval import open_library

    with open_library(options["settings"].library) as library:
        return answer_in(conversation, question, library=library, **options).to_dict()


def _print_answer(values: dict[str, Any], *, printed: bool = False) -> None:
    """Prints an answer; ``printed`` if its sentences are on the terminal already."""
    read = values["trace"].get("understood", {}).get("text", values["question"])
    if read != values["question"]:
        typer.echo(f"Interpreted as: {read}", err=True)
    (print_sources if printed else print_sentences)(values)
    _print_trace(values)
    if kept := values.get("conversation"):
        typer.echo(f"Saved as question {kept['number']} of conversation {kept['id']}.", err=True)


def print_sentences(values: dict[str, Any]) -> None:
    """Sentences with footnotes and doubts, and then what the footnotes cite."""
    signs = BlockSigns()
    for sentence in values["sentences"]:
        doubt = "" if sentence["verdict"] in QUIET else sentence["why"]
        numbers = [citation["n"] for citation in sentence["citations"]]
        text = signs.before(sentence["block"]) + sentence["text"]
        typer.echo(sentence_line(text, numbers, doubt))
    print_sources(values)


def print_sources(values: dict[str, Any]) -> None:
    """What the footnotes cite, a line each."""
    shown: dict[int, dict[str, Any]] = {}
    for citation in (c for sentence in values["sentences"] for c in sentence["citations"]):
        shown.setdefault(citation["n"], citation)
    if shown:
        typer.echo()
    for n, citation in sorted(shown.items()):
        about = [citation[name] for name in ("title", "part", "publisher", "published", "url")]
        # A server of an earlier version does not report copies.
        if copies := citation.get("copies"):
            about.append(f"also in {pluralize(len(copies), 'other')}")
        typer.echo(f"[{n}] " + " · ".join(part for part in about if part))


def _print_trace(values: dict[str, Any]) -> None:
    """Which backend answered, unless it was the extractive one alone."""
    trace, backend = values["trace"], values["backend"]
    if not values["complete"]:
        typer.echo("\nThe answer is incomplete.", err=True)
    for line in trace["notes"]:
        typer.echo(line, err=True)
    for attempt in trace["tried"]:
        typer.echo(f"{attempt['backend']} failed: {attempt['why']} (trying the next)", err=True)
    if backend["name"] != "extractive" or trace["tried"] or trace["left_machine"]:
        left = ", ".join(trace["left_machine"])
        where = f"Text was sent to {left}." if left else "Nothing left this machine."
        model = f" ({backend['model']})" if backend["model"] else ""
        counted = f" {Usage(**trace['usage'])}." if trace["usage"] else ""
        typer.echo(f"Answered by {backend['name']}{model}. {where}{counted}", err=True)
