"""The reader judges what a model wrote; hard facts overrule it, and without it rules go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag import reader as reader_module
from rag.reader import Judgement, OptionalReader, Window, load_reader
from rag.types import Article, Evidence, Passage
from rag.verification import verify
from scripted_reader import TEXT, Sure, checked

PARAPHRASE = "Accidents led Esk's councillors to shut the ferry down. [1]"


def test_the_reader_supports_a_paraphrase_that_rules_doubt() -> None:
    assert checked(PARAPHRASE, None).verdict != "supported"
    found = checked(PARAPHRASE, Sure(0.97))
    assert found.verdict == "supported" and found.citations and found.support >= 0.9


def test_what_the_reader_does_not_find_is_not_supported() -> None:
    assert checked(PARAPHRASE, Sure(0.02)).verdict == "not_found"
    assert checked(PARAPHRASE, Sure(0.5, 0.2)).verdict == "unconfirmed"
    assert checked(PARAPHRASE, Sure(0.03, 0.95)).verdict != "supported"


@pytest.mark.parametrize(
    "draft",
    [
        "The council shut the ferry of Esk down after 41 accidents. [1]",
        "The councillors shut the ferry down because Bea Moss had asked for it. [1]",
    ],
)
def test_a_hard_fact_that_differs_overrules_the_reader(draft: str) -> None:
    assert checked(draft, Sure(0.99)).verdict != "supported"


NEAR = "After accidents the old ferry of Esk was closed by the council. [1]"
EDIT = "The council of Esk closed the old ferry after accidents. [1]"
WRONG_NUMBER = "The council of Esk closed the old ferry after 41 accidents. [1]"
WRONG_NUMBER_REWORDED = "Esk's councillors shut the ferry down after 41 accidents. [1]"


@pytest.mark.parametrize(
    ("draft", "supported", "contradicted", "verdict"),
    [
        # Far from the article's words, the reader itself has to find it supported.
        (PARAPHRASE, 0.65, 0.3, "supported"),
        (PARAPHRASE, 0.55, 0.4, "unconfirmed"),
        # Near them it need only be spoken of, and not unlikely.
        (NEAR, 0.3, 0.6, "supported"),
        (NEAR, 0.2, 0.7, "unconfirmed"),
        (NEAR, 0.5, 0.2, "unconfirmed"),
        # Of an edit in which code finds nothing changed, it need not even be likely.
        (EDIT, 0.05, 0.9, "supported"),
        (EDIT, 0.05, 0.7, "unconfirmed"),
        (EDIT.replace("after accidents", "only after accidents"), 0.05, 0.9, "unconfirmed"),
        # "An article says otherwise" takes a fact that differs and a reader that agrees.
        (WRONG_NUMBER, 0.3, 0.45, "unconfirmed"),
        (WRONG_NUMBER, 0.3, 0.55, "contradicted"),
        # Far from the article's words it takes a sure one.
        (WRONG_NUMBER_REWORDED, 0.1, 0.75, "unconfirmed"),
        (WRONG_NUMBER_REWORDED, 0.1, 0.85, "contradicted"),
    ],
)
def test_the_limits_of_each_verdict(
    draft: str, supported: float, contradicted: float, verdict: str
) -> None:
    assert checked(draft, Sure(supported, contradicted)).verdict == verdict


def test_a_name_that_only_the_title_has_is_not_near() -> None:
    text = "The board ousted the manager of the mill in spring, to the surprise of the town."
    claim = "The board of Ferry ousted the manager of the mill in spring."
    assert checked(claim, Sure(0.5, 0.4), text).verdict == "unconfirmed"
    assert checked(claim.replace(" of Ferry", ""), Sure(0.5, 0.4), text).verdict == "supported"
    assert checked(claim, Sure(0.9), text).verdict == "supported"


class Finds(Sure):
    """Finds every claim supported beside one article, and nowhere else."""

    def __init__(self, title: str) -> None:
        super().__init__(0.02)
        self._title = title

    def judge(self, pairs: Sequence[tuple[Window, str]]) -> list[Judgement]:
        self.seen.extend(pairs)
        found = Judgement(0.98, 0.01, 0.01, ())
        return [
            found if window.header.startswith(self._title) else self.made for window, _ in pairs
        ]


CLAIM = "Accidents led the councillors to have the ferry closed down."
TOLD = ("closed the ferry after accidents", "closed the ferry", "the ferry", "accidents")


def places() -> list[Evidence]:
    """Articles with fewer and fewer words of `CLAIM`, titled "Place 1" to "Place 4"."""
    articles = [
        Article.build(f"The councillors spoke of {words} here.", title=f"Place {n}", origin=str(n))
        for n, words in enumerate(TOLD, start=1)
    ]
    return [
        Evidence(Passage(a.id, 0, len(a.text), a.text), a.source, rank, 1.0, ("dense",))
        for rank, a in enumerate(articles, start=1)
    ]


@pytest.mark.parametrize(
    ("title", "read"), [("Place 1", 1), ("Place 2", 2), ("Place 4", 4), ("None", 4)]
)
def test_further_places_are_read_only_where_those_before_say_nothing(title: str, read: int) -> None:
    reader, evidence = Finds(title), places()
    (sentence,) = verify(CLAIM, evidence, None, lambda: reader)  # type: ignore[arg-type,return-value]
    assert (sentence.verdict == "supported") == (title != "None")
    assert len(reader.seen) == read
    if title != "None":
        (citation,) = sentence.citations
        assert citation.article_id == evidence[int(title[-1]) - 1].source.id


def test_a_place_is_read_once_also_if_the_library_is_asked() -> None:
    reader, evidence = Finds("None"), places()
    verify(
        CLAIM,
        evidence[:2],
        None,
        lambda: reader,  # type: ignore[arg-type,return-value]
        look_up=lambda text: evidence[2:],
    )
    assert len(reader.seen) == len(set(reader.seen)) == 4


def test_an_articles_own_words_are_not_judged() -> None:
    reader = Sure(0.0)
    assert checked("Fishermen had asked her to keep the ferry. [1]", reader).verdict == "supported"
    assert reader.seen == []


def test_the_window_has_the_sentences_around_and_the_source() -> None:
    reader = Sure(0.9)
    checked(PARAPHRASE, reader)
    window, claim = reader.seen[0]
    assert window.header == "Ferry closed. Esk Times."
    assert len(window.sentences) == 3 and claim.startswith("Accidents led")


def test_the_shipped_reader_tells_a_paraphrase_from_another_subject() -> None:
    other = checked("The schools of Tarn got new roofs in the holidays. [1]", load_reader())
    assert checked(PARAPHRASE, load_reader()).support > other.support
    assert other.verdict == "not_found"


def test_a_damaged_reader_is_noted_and_rules_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "reader.onnx"
    broken.write_bytes(b"no reader")
    monkeypatch.setattr(reader_module, "FILE", broken)
    reader_module._load.cache_clear()
    optional = OptionalReader()
    assert optional() is None and optional() is None
    assert len(optional.notes) == 1 and "--reader none" in optional.notes[0]
    article = Article.build(TEXT, title="T", origin="o")
    passage = Passage(article.id, 0, len(TEXT), TEXT)
    evidence = (Evidence(passage, article.source, 1, 1.0, ("dense",)),)
    (sentence,) = verify(PARAPHRASE, evidence, None, optional)
    assert sentence.verdict != "supported"
    reader_module._load.cache_clear()


# A text of another language, a true paraphrase of it and a sentence of its own.
OTHER_LANGUAGES = {
    "German": (
        "Die alte Papiermühle in Harrow wurde am Montag nach sechs Jahren wieder eröffnet. "
        "Die neue Besitzerin zahlte dafür 2,4 Millionen Pfund und will vierzig Leute einstellen.",
        "Für 2,4 Millionen Pfund hat die neue Besitzerin die Mühle gekauft.",
    ),
    "Spanish": (
        "La antigua fábrica de papel de Harrow volvió a abrir el lunes después de seis años. "
        "La nueva dueña pagó por ella 2,4 millones de libras y dará trabajo a cuarenta personas.",
        "La fábrica fue comprada por la nueva dueña por 2,4 millones de libras.",
    ),
    "Russian": (
        "Старая бумажная фабрика в Харроу снова открылась в понедельник после шести лет. "
        "Новая владелица заплатила за неё 2,4 миллиона фунтов.",
        "Владелица купила фабрику за 2,4 миллиона фунтов.",
    ),
    "Hebrew": (
        "מפעל הנייר הישן בהארו נפתח מחדש ביום שני אחרי שש שנים. "
        "הבעלים החדשה שילמה תמורתו שני מיליון לירות.",
        "הבעלים קנתה את המפעל בשני מיליון לירות.",
    ),
}


def evidence_from(text: str) -> tuple[Evidence, ...]:
    article = Article.build(text, title="Mill", origin="o")
    passage = Passage(article.id, 0, len(article.text), article.text)
    return (Evidence(passage, article.source, 1, 1.0, ("dense",)),)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_another_language_is_not_checked_and_not_doubted(language: str) -> None:
    text, paraphrase = OTHER_LANGUAGES[language]
    reader = Sure(0.0, 0.99)
    (sentence,) = verify(paraphrase, evidence_from(text), None, lambda: reader)  # type: ignore[arg-type]
    assert sentence.verdict == "unconfirmed" and "not checked" in sentence.why
    assert sentence.citations and not sentence.doubts
    own = verify(text, evidence_from(text), None, lambda: reader)  # type: ignore[arg-type]
    assert {each.verdict for each in own} == {"supported"}
    assert reader.seen == []


ODD = {
    "one word": "Ferry",
    "control characters": "The ferry \x00\x1b[31m was\u200b closed\x7f in March.",
    "half a surrogate": "The ferry was \ud83d closed.",
    "right to left": "\u202eמעבורת נסגרה\u202c ferry",
    "20,000 characters": "The ferry was closed " * 1_000,
    "20,000 letters": "f" * 20_000,
    "20,000 stops": ". " * 10_000,
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_claims_and_texts_are_checked_without_an_error(odd: str) -> None:
    for text in (TEXT, ODD[odd], f"{TEXT} {ODD[odd]} {TEXT}"):
        for draft in (ODD[odd], f"{PARAPHRASE} {ODD[odd]}"):
            for sentence in verify(draft, evidence_from(text), None, load_reader):
                assert 0.0 <= sentence.support <= 1.0
                assert sentence.verdict != "contradicted"
    assert verify("", evidence_from(ODD[odd]), None, load_reader) == ()
