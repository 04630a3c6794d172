"""No reason for a doubt and no form of an example question is left without its translations."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

import rag.verification
import ui.examples
import ui.next_questions
from rag.types import Verdict
from rag.verification.claim_conflicts import HEDGE_WORDS
from rag.verification.verdicts import explain
from ui.visitor import Visitor, visited_by
from ui.words import PHRASES, all_words, in_english, translated

VERIFICATION = Path(rag.verification.__file__).parent
OTHERS = [language for language in all_words() if language != "en"]
Node = TypeVar("Node", bound=ast.AST)
# Of sentences of which the page shows no reason.
OF_SUPPORTED = ("The cited words say each part of it.", "Claims nothing.", "Comparing the two: ")
# Words of an article that look like those of a reason.
QUOTE = "He said: “the date “X” is not in the cited words”; so. An end"
# What fills a reason, by how the code writes it; everything else is a word.
FILLED = {
    "listed": ("“one”", "“one”, “two”"),
    "words": ("“week” and not “month”",),
    "what": ("left out", "put in"),
    "sure": ("42%",),
    "self.name": ("the judge small", "the entailment model nli", "another"),
    "HEDGE_WORDS[kind]": tuple(HEDGE_WORDS.values()),
    "HEDGE_WORDS['possible']": (HEDGE_WORDS["possible"],),
}


def texts_of(node: ast.expr | None) -> list[str]:
    """What a string in the code can say; nothing of an expression that is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, ast.JoinedStr):
        return []
    texts = [""]
    for part in node.values:
        given = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
        added = FILLED.get(given, ("Word",)) if given else (str(ast.literal_eval(part)),)
        texts = [before + after for before in texts for after in added]
    return texts


def nodes(kind: type[Node]) -> list[Node]:
    """Those of one kind in the code of the checks."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in VERIFICATION.rglob("*.py")]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, kind)]


def assigned(name: str) -> list[str]:
    """What a name stands for somewhere."""
    values = [each.value for each in nodes(ast.Assign) if name in map(ast.unparse, each.targets)]
    return [text for value in values for text in texts_of(value)]


def given(name: str, place: int, names: Collection[str]) -> list[str]:
    """What is given at a place of the calls of a class, if it has not one of the names."""
    calls = [call for call in nodes(ast.Call) if ast.unparse(call.func) == name]
    values = [call.args[place] for call in calls if len(call.args) > place]
    texts = {ast.unparse(value): texts_of(value) for value in values}
    assert {code for code, said in texts.items() if not said} <= set(names)
    return [text for said in texts.values() for text in said]


def conflicts() -> list[str]:
    return [*given("Conflict", 2, ["reason"]), *assigned("reason")]


def explained(verdict: Verdict, *reasons: str, kind: str = "number", missing: str = "") -> str:
    held = [SimpleNamespace(kind=kind, reason=reason, against=True) for reason in reasons]
    best: Any = SimpleNamespace(quote=QUOTE, conflicts=held, coverage=1.0)
    return explain(verdict, best, (), missing)


def reasons() -> Iterator[str]:
    """All that the code can say of a sentence that it doubts."""
    found = conflicts()
    for one, two in zip(found, found[1:] + found[:1], strict=True):
        yield explained("unconfirmed", one)
        yield explained("contradicted", one, two)
    yield explained("contradicted", found[0], kind="negation")
    yield explained("unconfirmed")
    yield explained("not_found")
    yield explained("unconfirmed", missing="Gone; “so”")
    names = ("why", "explain(best.verdict, best, marks)")
    for text in (*assigned("why"), *given("Sentence", 4, names)):
        if text and not text.startswith(OF_SUPPORTED):
            yield text


def examples() -> list[str]:
    """The forms of the example questions, filled in."""
    code = [
        Path(module.__file__ or "").read_text("utf-8")
        for module in (ui.examples, ui.next_questions)
    ]
    forms = {form for text in code for form in re.findall(r'"(What [^"]*\?)"', text)}
    return sorted({re.sub(r"\{.*?\}", "Esk: a “port”", form) for form in forms})


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_is_translated_and_keeps_the_articles_words(language: str) -> None:
    for reason in reasons():
        with visited_by(Visitor(language=language)):
            said = translated(reason)
        assert said != reason and said[0] == said[0].upper(), reason
        assert (QUOTE in reason) == (QUOTE in said), reason
        rest = said.replace(QUOTE, "")
        assert not re.search(r"\b(?:the|it|does|says|closest)\b", rest.lower()), said
        assert translated(reason) == reason


@pytest.mark.parametrize("language", OTHERS)
def test_example_questions_are_read_in_one_language_and_asked_in_english(language: str) -> None:
    assert len(examples()) == 3
    with visited_by(Visitor(language=language)):
        for question in examples():
            shown = translated(question)
            assert shown != question and shown.count("Esk: a “port”") == question.count("Esk")
            assert in_english(shown) == question
        assert in_english("Who pays for the ferry?") == translated("Who pays for the ferry?")


def test_every_phrase_is_said_somewhere() -> None:
    said = [*reasons(), *conflicts(), *examples()]
    for key, phrase in all_words()["en"][PHRASES].items():
        form = re.sub(r"\\\{\w+\\\}", ".+", re.escape(phrase))
        assert any(re.search(form, text, re.IGNORECASE) for text in said), key


def test_what_has_no_known_form_stays_english() -> None:
    unknown = "The date “X” is not in the cited words; it rains. Closest passage: “Y”"
    with visited_by(Visitor(language="de")):
        assert (translated(unknown), translated("")) == (unknown, "")
