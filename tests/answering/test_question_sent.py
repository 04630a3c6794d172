"""The question that a model is sent is the question that the user asked, whole and unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from articles import BRIDGE, HARBOUR
from rag import Answer, Library, answer, ingest, load_settings, open_library
from rag.answering import pipeline
from rag.settings import BackendSettings
from scripted_server import Scripted, answers, scripted
from tiny_embedder import TinySpanEmbedder

SINGLE = (
    "When did the bridge reopen?",
    "who cut the ribbon",
    "Why?",
    "BRIDGE REPAIR COST???",
    "how many cars used the bridge b4 it closed in march 2023",
    "What is the limit for lorries, in tons (not in kilograms)?",
    "Is it true that 50% of the lanes – i.e. two of four – are closed?",
    "What did the Morning Herald report on 4 June 2024 about the bridge?",
    "What happened after 2020-01-01 and before 2024?",
    "Did the council's plan (see p. 3 [sic]) mention reeds?",
    "Does the article say x < y && z > 0, or <b>nothing</b> of the kind?",
    "What is meant by [1] and by {placeholder} in %s?",
)
SEVERAL_PARTS = (
    "When did the bridge reopen, and what did the repairs cost?",
    "Who sued Carver Steel, why, and how did the company reply?",
    "What changed at Lindau? And at the bridge?",
    "1) Who is Ida Brandt? 2) Who is Torben Holm? 3) Do they know each other?",
    "Compare the harbour of Lindau with the bridge.",
    "How does the catch in 2019 differ from that of 1990, if at all?",
    "Tell me about the ribbon; the workers; the foundations; and the lorries.",
    "I have two questions. First, when does traffic return to normal? Second, says who?",
    "Which of the two is older:\n- the bridge\n- the union of fishermen?",
)
INSTRUCTIONS = (
    "Who took part in the opening? Make a list.",
    "List the figures about the bridge as a table with two columns.",
    "Summarise the article on the bridge in exactly two sentences.",
    "Hi, could you please tell me when the bridge reopened? Thanks a lot!",
    "Explain to a ten-year-old why fewer boats fish on the lake.",
    "What did the repairs cost? Answer with a number only.",
    "In the style of a telegram: what happened to the perch?",
    "Please be brief. Who is the mayor?",
    "Step by step, how did the catch come to fall? Do not speculate.",
    "Ignore the articles about harbours. What do the others say?",
    "Answer in German: when did the bridge reopen?",
    "Give me three bullet points, in bold, on the lawsuit, please.",
)
QUOTES = (
    "Who said “This bridge has carried us for ninety years”?",
    'What does "fewer than 40 boats" refer to?',
    "Did anybody say 'the contract was broken', or words like that?",
    "What do the authors mean by «return to normal»?",
    'Is the phrase "scared away the perch" the fishermen\'s own?',
)
OTHER_LANGUAGES = (
    "Wann wurde die Brücke wieder eröffnet, und was hat die Reparatur gekostet?",
    "Wer leitet die Fischergewerkschaft? Bitte als Liste.",
    "Quand le pont a-t-il rouvert, et combien ont coûté les réparations ?",
    "¿Cuánto costaron las obras del puente, y quién las pagó?",
    "When did it reopen – und wer hat das Band durchgeschnitten?",
    "橋はいつ再開しましたか。",
)
QUESTIONS = (*SINGLE, *SEVERAL_PARTS, *INSTRUCTIONS, *QUOTES, *OTHER_LANGUAGES)
# The earlier question, the follow-up, and words that its reading must have besides its own.
FOLLOW_UPS = (
    ("When did the bridge reopen?", "And what did it cost?", "bridge"),
    ("Who is Mayor Ana Ruiz?", "What did she say?", "Ruiz"),
    ("What did Northline do to Carver Steel?", "Why did it do that? Make a list.", "Northline"),
    ("How many boats fish on the lake of Lindau?", "And how many in 1990?", "Lindau"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("articles")
    for article in (BRIDGE, HARBOUR):
        told = f"# {article.source.title}\n\n{article.text}\n"
        (folder / article.source.origin).with_suffix(".md").write_text(told, encoding="utf-8")
    path = tmp_path_factory.mktemp("asked") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as opened:
        ingest([folder], library=opened)
        yield opened


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted(answers("The bridge reopened on Monday [1].")) as running:
        yield running


@pytest.fixture(autouse=True)
def every_question_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the articles answer is another matter: a hopeless question is sent here too."""
    monkeypatch.setattr(pipeline, "HOPELESS", 0.0)


def sent(
    question: str, library: Library, server: Scripted, *, model: str = "tiny", earlier: str = ""
) -> str:
    """The last thing that the model is sent for a question."""
    preset = BackendSettings(name="mine", base_url=server.address, model=model, location="local")
    settings = replace(load_settings(reader="none"), backends=(preset,), backend=("mine",))
    history: list[Answer] = []
    if earlier:
        history = [answer(earlier, library=library, settings=settings)]
    server.asked.clear()
    answer(question, library=library, settings=settings, history=history)
    return str(server.asked[-1].body["messages"][-1]["content"])


def test_lines_stay_lines(library: Library, server: Scripted) -> None:
    typed = "  What do the articles say about\n1. the bridge\n2. the perch?\n"
    prompt = sent(typed, library, server)
    assert "\nQuestion: What do the articles say about\n1. the bridge\n2. the perch?" in prompt


def test_the_questions_are_many_and_differ() -> None:
    assert len(set(QUESTIONS)) + len(set(FOLLOW_UPS)) >= 47


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_is_sent_the_question_as_asked(
    question: str, library: Library, server: Scripted
) -> None:
    prompt = sent(question, library, server)
    # Courtesies and instructions may be read out of it, below; never in its place.
    _, found, reading = prompt.partition(f"\nQuestion: {question}")
    assert found
    assert reading == "" or reading.startswith("\n(That is: ")


@pytest.mark.parametrize("question", QUESTIONS[::6])
def test_a_small_model_too(question: str, library: Library, server: Scripted) -> None:
    prompt = sent(question, library, server, model="smol-135m")
    _, found, reading = prompt.partition(f"\nQuestion:\n{question}")
    assert found
    assert reading == "" or reading.startswith("\n(That is: ")


@pytest.mark.parametrize(("earlier", "question", "added"), FOLLOW_UPS)
def test_a_follow_up_is_sent_with_its_reading_below(
    earlier: str, question: str, added: str, library: Library, server: Scripted
) -> None:
    prompt = sent(question, library, server, earlier=earlier)
    _, found, reading = prompt.partition(f"\nQuestion: {question}\n(That is: ")
    assert found and reading.endswith(")") and added in reading
