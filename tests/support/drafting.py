"""Evidence made by hand, and asking a backend or a list of them for an answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from rag.answering.streaming import may_show_partial
from rag.errors import FootnoteError
from rag.generation.base import Retract
from rag.generation.draft_sentences import DraftSentence, PartialSentence, Preamble
from rag.generation.failover import DraftEvent, Failover
from rag.generation.openai_compatible import OpenAICompatible
from rag.generation.providers import Provider
from rag.generation.resilience import CircuitBreakers
from rag.policy import Rule
from rag.query.query import Query
from rag.types import Article, Evidence, Passage

# Short enough for a suite, long enough for a machine that does something else besides.
QUICK = (2.0, 2.0, 1.0, 6.0)


def evidence(*texts: str, keep_local: tuple[int, ...] = ()) -> tuple[Evidence, ...]:
    texts = texts or (
        "The bridge of Esk opened in 1932.",
        "The bridge was painted red in 1950.",
        "Tarn planted nine hundred oaks.",
    )
    made = []
    for rank, text in enumerate(texts, start=1):
        article = Article.build(
            text,
            title=f"Story {rank}",
            origin=f"{rank}.md",
            publisher=f"Paper {rank}",
            keep_local=rank in keep_local,
        )
        passage = Passage(article.id, 0, len(text), text)
        made.append(Evidence(passage, article.source, rank, 1.0 / rank, ("dense",)))
    return tuple(made)


def provider(base_url: str, **known: Any) -> Provider:
    made = Provider("mine", base_url, "local", model="tiny", times=QUICK)
    return replace(made, **known)


@dataclass
class Outcome:
    """What a list of backends wrote, without its marks; ``grown`` is what was seen before that."""

    text: str = ""
    sentences: list[DraftSentence] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)
    error: FootnoteError | None = None
    broken: str | None = None
    drafter: Failover | None = None
    waits: list[float] = field(default_factory=list)


def ask(
    *providers: Provider | Any,
    rules: tuple[Rule, ...] = (),
    found: tuple[Evidence, ...] | None = None,
    circuit_breakers: CircuitBreakers | None = None,
    log: Any = None,
    growing: bool = False,
) -> Outcome:
    """Asks a list of backends without waiting between repeats, and tells what came of it."""
    outcome = Outcome()
    backends = [
        OpenAICompatible(one, sleep=outcome.waits.append) if isinstance(one, Provider) else one
        for one in providers
    ]
    drafter = Failover(
        backends, rules=rules, log=log, circuit_breakers=circuit_breakers or CircuitBreakers()
    )
    outcome.drafter = drafter
    try:
        draft = drafter.draft(
            Query(text="When did it open?"),
            found or evidence(),
            partial=may_show_partial if growing else None,
        )
        for item in draft:
            take(item, outcome)
    except FootnoteError as error:
        outcome.error = error
    outcome.text = " ".join(sentence.text for sentence in outcome.sentences)
    outcome.broken = drafter.interruption
    return outcome


def take(item: DraftEvent, outcome: Outcome) -> None:
    if isinstance(item, Retract):
        outcome.sentences.clear()
    elif isinstance(item, PartialSentence):
        outcome.grown.append(item.text)
    elif isinstance(item, Preamble):
        outcome.sentences.append(DraftSentence(item, ()))
    else:
        outcome.sentences.append(item)
