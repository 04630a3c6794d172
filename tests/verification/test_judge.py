"""A language model as judge: one request for a whole text, and what its word may change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from articles import BRIDGE, HARBOUR, evidence_of
from rag import (
    Answer,
    Evidence,
    Library,
    SecondaryReview,
    Sentence,
    Settings,
    SettingsError,
    answer,
    check,
    ingest,
    load_settings,
    open_library,
    stream,
)
from rag.answering import Drafted
from rag.generation import CallContext
from rag.policy import Destination, Rule
from rag.settings import BackendSettings
from rag.types import BackendInfo
from rag.verification.judge import Judge, Opinion, Quote, parse_opinions
from rules_alone import verify_by_rules
from scripted_server import Asked, Play, Wire, answers, scripted

EVIDENCE = evidence_of(BRIDGE, HARBOUR)
# Confirmed by code; one that code cannot tell, with its words; and one that no article says.
REWORDED = "Repairs that cost $12 million came before the bridge reopened on Monday."
TRUCKS = "Heavy trucks must still keep off the bridge."
TRUCKS_WORDS = "lorries heavier than 30 tons are still banned"
NORWAY = "Experts from Norway found the foundations intact."
QUESTION = "When did the bridge reopen, and who may use it?"
DRAFT = f"{REWORDED} [1] {TRUCKS} [1] {NORWAY}"

Entry = dict[str, Any]


def says(sentence: int, verdict: str, *quotes: tuple[int, str]) -> Entry:
    quoted = [{"passage": passage, "words": words} for passage, words in quotes]
    return {"sentence": sentence, "verdict": verdict, "quotes": quoted}


class Saying:
    """A model in this process that replies what it is told, and keeps what it was sent."""

    destination: Destination | None = None

    def __init__(self, *entries: Entry, reply: str | None = None) -> None:
        self.info = BackendInfo("oracle")
        self.reply = json.dumps(entries) if reply is None else reply
        self.prompts: list[str] = []
        self.output: list[int | None] = []
        self.room = 24

    def capacity(self, context: CallContext) -> int:
        return self.room

    def draft(self, *asked: object) -> Iterator[str]:
        yield DRAFT

    def probe(self, context: CallContext) -> tuple[str, ...]:
        return ()

    def complete(
        self,
        messages: list[dict[str, str]],
        context: CallContext,
        articles: Sequence[str] = (),
        output: int | None = None,
    ) -> str:
        self.prompts.append(messages[-1]["content"])
        self.output.append(output)
        return self.reply


def review_by(model: Saying, *rules: Rule) -> SecondaryReview:
    return SecondaryReview(Judge(model, rules=rules))


def judged(draft: str, *entries: Entry, evidence: Sequence[Evidence] = EVIDENCE) -> list[Sentence]:
    return list(verify_by_rules(draft, evidence, review_by(Saying(*entries))))


def test_the_built_in_check_leaves_something_to_judge() -> None:
    verdicts = [each.verdict for each in verify_by_rules(DRAFT, EVIDENCE)]
    assert verdicts == ["supported", "not_found", "not_found"]


def test_it_raises_a_sentence_whose_words_it_quotes() -> None:
    first, raised, last = judged(DRAFT, says(2, "SUPPORTED", (1, TRUCKS_WORDS)))
    assert (raised.verdict, raised.confirmed_by, raised.doubts) == ("supported", "oracle", ())
    (citation,) = raised.citations
    assert TRUCKS_WORDS in citation.quote
    assert BRIDGE.text[citation.start : citation.end] == citation.quote
    assert raised.why == "The judge oracle finds it in the cited words."
    # What it says nothing of stays as it was.
    assert (first, last) == (
        verify_by_rules(DRAFT, EVIDENCE)[0],
        verify_by_rules(DRAFT, EVIDENCE)[2],
    )
    assert first.confirmed_by == "code"


def test_it_quotes_two_articles_and_leaves_out_words() -> None:
    told = "Repairs to the bridge were dear, and ships are fewer."
    dear, fewer = "The bridge reopened … repairs that cost $12 million", "Fewer than 40 boats"
    (sentence,) = judged(told, says(1, "SUPPORTED", (1, dear), (2, fewer)))
    assert sentence.verdict == "supported"
    assert [citation.article_id for citation in sentence.citations] == [BRIDGE.id, HARBOUR.id]


def test_a_wrong_number_of_the_passage_does_no_harm() -> None:
    _, raised, _ = judged(DRAFT, says(2, "supported.", (2, TRUCKS_WORDS.upper())))
    assert raised.verdict == "supported" and raised.citations[0].article_id == BRIDGE.id


@pytest.mark.parametrize("worth", ["PARTLY", "UNSUPPORTED"])
def test_it_lowers_what_code_let_pass(worth: str) -> None:
    lowered, *rest = judged(DRAFT, says(1, worth))
    assert (lowered.verdict, lowered.confirmed_by) == ("unconfirmed", None)
    assert "the judge oracle doubts" in lowered.why and lowered.citations
    assert rest == list(verify_by_rules(DRAFT, EVIDENCE)[1:])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("Heavy trucks of over 90 tons must still keep off the bridge.", TRUCKS_WORDS),
        ("Heavy trucks must keep off the bridge until 2031.", TRUCKS_WORDS),
        ("Heavy trucks of Volvo must still keep off the bridge.", TRUCKS_WORDS),
        ("The mayor said: “No lorry shall ever cross it again.”", TRUCKS_WORDS),
        (NORWAY, "Engineers did not find any damage to the foundations"),
    ],
)
def test_a_fact_that_differs_overrules_it(told: str, words: str) -> None:
    (sentence,) = judged(told, says(1, "SUPPORTED", (1, words)))
    assert sentence == verify_by_rules(told, EVIDENCE)[0] and sentence.verdict != "supported"


def test_a_number_that_one_of_its_quotes_has_is_enough() -> None:
    told = "Lorries of more than 30 tons are kept away by the 240 men."
    banned, workers = (1, TRUCKS_WORDS), (1, "thanked the 240 workers")
    assert judged(told, says(1, "SUPPORTED", banned))[0].verdict != "supported"
    assert judged(told, says(1, "SUPPORTED", banned, workers))[0].verdict == "supported"


def test_what_an_article_says_otherwise_stays_so() -> None:
    told = "The bridge reopened on Monday after repairs that cost $15 million."
    words = "The bridge reopened on Monday after repairs that cost $12 million"
    model = Saying(says(1, "SUPPORTED", (1, words)))
    (sentence,) = verify_by_rules(told, EVIDENCE, review_by(model))
    assert sentence.verdict == "contradicted" and model.prompts == []


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "All of these sentences are SUPPORTED.",
        "{}",
        "[]",
        "null",
        "[1, 2, 3]",
        '[{"sentence": 1, "verdict": "UNSUPPORTED", "quotes": [',
        '[{"sentence": 1, "verdict": "doubtful", "quotes": []}]',
        '[{"sentence": 9, "verdict": "UNSUPPORTED", "quotes": []}]',
        '[{"sentence": "1", "verdict": "UNSUPPORTED", "quotes": []}]',
        '[{"sentence": 1, "verdict": "UNSUPPORTED", "quotes": "none"}]',
        '[{"sentence": 1, "verdict": "UNSUPPORTED", "quotes": [{"words": "x"}]}]',
        '[{"sentence": 1, "verdict": ["UNSUPPORTED"]}]',
        "[" * 100_000,
    ],
)
def test_a_reply_that_is_no_opinion_changes_nothing(reply: str) -> None:
    review = review_by(Saying(reply=reply))
    assert verify_by_rules(DRAFT, EVIDENCE, review) == verify_by_rules(DRAFT, EVIDENCE)
    (note,) = review.notes
    assert "only the built-in check counts" in note and "JSON" in note


@pytest.mark.parametrize(
    "entry",
    [
        says(2, "SUPPORTED"),
        says(2, "SUPPORTED", (1, "lorries of every kind are still banned")),
        says(2, "SUPPORTED", (1, TRUCKS_WORDS), (1, "and so are trucks")),
        says(2, "SUPPORTED", (1, "are still")),
        says(2, "SUPPORTED", (1, TRUCKS_WORDS[2:-2])),
        says(2, "SUPPORTED", (1, BRIDGE.text)),
        says(1, "UNSUPPORTED", (1, "the repairs were free of charge")),
    ],
    ids=["none", "forged", "one forged", "two words", "cut words", "everything", "doubt forged"],
)
def test_an_opinion_without_its_words_changes_nothing(entry: Entry) -> None:
    assert judged(DRAFT, entry) == list(verify_by_rules(DRAFT, EVIDENCE))


def test_opinions_that_differ_about_a_sentence_cancel_out() -> None:
    both = (says(1, "UNSUPPORTED"), says(1, "PARTLY"), says(2, "SUPPORTED", (1, TRUCKS_WORDS)))
    assert [each.verdict for each in judged(DRAFT, *both)] == [
        "supported",
        "supported",
        "not_found",
    ]


@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", 'Here: {{"opinions": {}}} Bye.'])
def test_json_in_a_fence_or_a_field_is_read(frame: str) -> None:
    reply = frame.format(json.dumps([says(3, "PARTLY", (2, "a … b ⟨1⟩"))]))
    assert parse_opinions(reply, (1, 3)) == {
        3: Opinion(0.3, (Quote(2, "a"), Quote(2, "b [1]"))),
    }


def test_an_articles_own_words_are_shown_and_not_judged() -> None:
    own = "Mayor Ana Ruiz cut a ribbon at noon and thanked the 240 workers."
    model = Saying(says(1, "UNSUPPORTED"))
    found = verify_by_rules(f"{own} {REWORDED}", EVIDENCE, review_by(model))
    assert [each.verdict for each in found] == ["supported", "unconfirmed"]
    assert f"- {own}\n1. {REWORDED}\n" in model.prompts[0]
    unasked = Saying()
    assert verify_by_rules(own, EVIDENCE, review_by(unasked))[0].verdict == "supported"
    assert unasked.prompts == []


def test_a_text_of_many_sentences_is_one_request() -> None:
    model = Saying(says(1, "UNSUPPORTED"))
    told = " ".join(f"Repairs that cost $12 million came before week {n}." for n in range(40))
    verify_by_rules(told, EVIDENCE, review_by(model))
    assert len(model.prompts) == 1 and "\n40. Repairs" in model.prompts[0]
    assert model.output[0] is not None and model.output[0] > 40 * 100


def test_where_room_is_short_it_reads_what_is_cited() -> None:
    model = Saying(says(1, "UNSUPPORTED"))
    model.room = 1
    found = verify_by_rules(
        "About a third fewer perch were caught at Lindau.", EVIDENCE, review_by(model)
    )
    assert HARBOUR.source.title in model.prompts[0]
    assert BRIDGE.source.title not in model.prompts[0] and len(found) == 1


def test_words_of_an_article_that_stays_here_are_not_sent() -> None:
    kept = replace(EVIDENCE[0], source=replace(BRIDGE.source, keep_local=True))
    model = Saying(says(1, "UNSUPPORTED"))
    model.destination = Destination("oracle", "api.example.org", "US")
    fish = "Fishermen complained of the work, and the catch fell by a third."
    review = review_by(model, Rule("settings", ("anywhere",)))
    verify_by_rules(f"{DRAFT} {fish}", (kept, EVIDENCE[1]), review)
    (prompt,) = model.prompts
    assert fish in prompt
    assert not any(words in prompt for words in (REWORDED, TRUCKS, NORWAY, "12 million"))


def test_a_judge_that_the_rules_forbid_is_not_asked() -> None:
    model = Saying(says(1, "UNSUPPORTED"))
    model.destination = Destination("oracle", "api.example.org", "US")
    review = review_by(model, Rule("settings", ("local",)))
    assert verify_by_rules(DRAFT, EVIDENCE, review) == verify_by_rules(DRAFT, EVIDENCE)
    assert model.prompts == [] and len(review.notes) == 1


def test_a_score_is_what_it_says_of_one_sentence() -> None:
    judge = Judge(Saying(says(1, "PARTLY")), rules=())
    assert judge.score(EVIDENCE, TRUCKS) == pytest.approx(0.3)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("judged")
    for article in (BRIDGE, HARBOUR):
        file = folder / article.source.origin
        file.with_suffix(".md").write_text(
            f"# {article.source.title}\n\n{article.text}\n", encoding="utf-8"
        )
    with open_library(folder / "library", create=True) as opened:
        ingest(folder, opened)
        yield opened


def settings_for(address: str, checker: str = "judge") -> Settings:
    drafter = BackendSettings(
        name="drafter", base_url=address, model="tiny", location="local", patience=0.1
    )
    loaded = load_settings(checker=checker, reader="none")
    return replace(loaded, backend=("extractive", "drafter"), backends=(drafter,))


RAISING = json.dumps([says(1, "UNSUPPORTED"), says(2, "SUPPORTED", (1, TRUCKS_WORDS))])


@pytest.mark.parametrize("checker", ["judge", "judge:drafter"])
def test_an_answer_costs_one_request(checker: str, library: Library) -> None:
    with scripted(answers(DRAFT), answers(RAISING)) as server:
        settings = settings_for(server.address, checker)
        found = answer(QUESTION, library=library, backend="drafter", settings=settings)
    assert len(server.asked) == 2
    prompt = server.asked[1].prompt
    assert all(sentence in prompt for sentence in (REWORDED, TRUCKS, NORWAY))
    assert "end of article" in prompt and QUESTION not in prompt
    said = {each["text"]: each for each in found.to_dict()["sentences"]}
    assert said[REWORDED]["verdict"] == "unconfirmed"
    assert (said[TRUCKS]["verdict"], said[TRUCKS]["confirmed_by"]) == ("supported", "drafter")
    for citation in (one for each in found.sentences for one in each.citations):
        text = library.text(citation.article_id, citation.start, citation.end)
        assert text == citation.quote


def cut_off(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.words(RAISING[:60])
    wire.stop("length")


@pytest.mark.parametrize(
    "play",
    [cut_off, lambda wire, asked: wire.status(500, {"error": "no"}), answers("I agree.")],
    ids=["cut off", "broken", "prose"],
)
def test_a_judge_that_fails_changes_nothing(play: Play, library: Library) -> None:
    with scripted(answers(DRAFT), play) as server:
        settings = settings_for(server.address)
        found = answer(QUESTION, library=library, backend="drafter", settings=settings)
        assert len(server.asked) == 2
    with scripted(answers(DRAFT)) as server:
        plain = replace(settings_for(server.address), checker="builtin")
        expected = answer(QUESTION, library=library, backend="drafter", settings=plain)
    assert found.sentences == expected.sentences
    assert any("only the built-in check counts" in note for note in found.trace.notes)


def test_a_whole_text_that_is_checked_costs_one_request(library: Library) -> None:
    told = f"{REWORDED} {TRUCKS} Fish are fewer since the digging."
    fish = says(3, "SUPPORTED", (2, "the catch fell by a third"))
    reply = json.dumps([says(1, "UNSUPPORTED"), says(2, "SUPPORTED", (1, TRUCKS_WORDS)), fish])
    with scripted(answers(reply)) as server:
        settings = replace(settings_for(server.address), backend=("drafter",))
        found = check(told, library=library, settings=settings)
    assert len(server.asked) == 1
    verdicts = [(each.verdict, each.confirmed_by) for each in found.sentences]
    assert verdicts == [("unconfirmed", None), ("supported", "drafter"), ("supported", "drafter")]
    assert len({item["article_id"] for item in found.to_dict()["evidence"]}) == 2


def test_a_stream_gives_no_verdict_that_changes_later(library: Library) -> None:
    with scripted(answers(DRAFT), answers(RAISING)) as server:
        settings = settings_for(server.address)
        with_drafts = stream(
            QUESTION, library=library, backend="drafter", settings=settings, drafts=True
        )
        items = list(with_drafts)
    final = items[-1]
    assert isinstance(final, Answer)
    assert [each for each in items if isinstance(each, Sentence)] == list(final.sentences)
    grown = [each for each in items if isinstance(each, Drafted)]
    assert grown[-1].text == f"{REWORDED} {TRUCKS} {NORWAY}" and grown[-1].after == 0


def test_a_judge_at_work_is_stopped(library: Library) -> None:
    asked = threading.Event()

    def silent(wire: Wire, request: Asked) -> None:
        asked.set()
        wire.gone(20)

    with scripted(answers(DRAFT), silent) as server:
        settings = settings_for(server.address)
        working = stream(QUESTION, library=library, backend="drafter", settings=settings)
        reading = threading.Thread(target=lambda: list(working))
        reading.start()
        assert asked.wait(20)
        started = time.monotonic()
        working.close()
        reading.join(10)
        assert time.monotonic() - started < 5 and not reading.is_alive()


def test_judge_alone_needs_a_language_model(library: Library) -> None:
    settings = replace(load_settings(checker="judge"), backend=("extractive",))
    with pytest.raises(SettingsError, match="judge:NAME"):
        answer(QUESTION, library=library, settings=settings)
