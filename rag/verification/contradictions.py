"""What a sentence asserts and an article's words do not: one short reason each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag import text as texts
from rag.types import Source
from rag.verification.signals import (
    alignment,
    attribution,
    contrast,
    dates,
    lemmas,
    names,
    polarity,
    quantities,
    reference,
)
from rag.verification.signals.features import NEAR_VERBATIM, View, roles_swapped, turned_round

# A sentence and an article's words speak of the same thing from this weighted share on.
SAME_MATTER = 0.5
# And say it in the same words, perhaps in another order.
SAME_WORDS = 0.9
# What a sentence may say besides the article's words: who reports it.
REPORTING = frozenset(
    lemmas.stem(word)
    for word in "report reports reported writes wrote write states stated adds notes noted puts "
    "explains explained describes described mentions mentioned source published article".split()
)
# What is left behind a lead-in has at least so many characters.
SHORTEST_REST = 15
HEDGE_WORDS = {
    "possible": "only calls it possible",
    "alleged": "only reports it as somebody's claim",
    "planned": "only speaks of a plan or an expectation",
    "partial": "limits it",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One disagreement.

    Attributes:
        kind: Which signal found it.
        words: The words of the sentence that it is about, in lower case or as stems.
        reason: One line without a full stop, beginning in lower case.
        against: Whether the article says something else in its place, not just nothing.
        hard: Whether the sentence is then not supported at all; else it is only partly.
    """

    kind: str
    words: tuple[str, ...]
    reason: str
    against: bool = False
    hard: bool = True


@lru_cache(maxsize=512)
def words_about(source: Source | None) -> frozenset[str]:
    """Words that name a source: its title, publisher and author."""
    if source is None:
        return frozenset()
    about = " ".join(p for p in (source.title, source.publisher, source.author) if p)
    return frozenset(part for word in texts.words(about) for part in (word, *word.split("-")))


def find(view: View, source: Source | None = None) -> tuple[Conflict, ...]:
    """All disagreements between a claim and the stretch of an article that carries it best."""
    known = words_about(source)
    return (
        *_numbers(view),
        *_dates(view, source),
        *_names(view, known),
        *_polarity(view),
        *_roles(view),
        *_gender(view),
        *_contrast(view),
        *_speakers(view, known),
        *_words(view, known),
    )


def _numbers(view: View) -> Iterator[Conflict]:
    said = view.said.quantities
    for item in quantities.missing(view.claim.quantities, said):
        if any(dates.days_of_months(t) & {item.text} for t in (view.claim.text,)):
            continue
        others = [o for o in said if _same_kind(o, item)]
        reason = f"the number “{item.text}” is not in the cited words"
        if others:
            reason = f"the article says {others[0].text} and not {item.text}"
        yield Conflict("number", (item.text.lower(),), reason, bool(others))


def _same_kind(one: quantities.Quantity, other: quantities.Quantity) -> bool:
    """Whether two quantities count the same, or are money or shares both."""
    counted = bool(one.counted) and one.counted == other.counted
    return counted or (bool(one.unit) and one.unit == other.unit)


def _dates(view: View, source: Source | None) -> Iterator[Conflict]:
    claim, said = view.claim, view.said
    published = source.published if source else None
    spoken = dates.spoken(said.text, published) | said.dates
    # Where the article names no date of the same kind, its day of publication stands in.
    if published and not any(word.isdigit() for word in said.dates):
        spoken |= {str(published.year)}
    if published and not said.dates & frozenset(texts.MONTHS):
        spoken |= {texts.month_name(published.month)}
    days = dates.days_of_months(claim.text) - dates.days_of_months(said.text)
    days -= spoken | {item.text for item in said.quantities}
    for word in sorted((claim.dates - spoken) | days):
        other = bool(said.dates)
        yield Conflict("date", (word,), f"the date “{word}” is not in the cited words", other)


def _names(view: View, known: frozenset[str]) -> Iterator[Conflict]:
    held = view.said.vocabulary | known
    if any(word in view.said.words for word in ("he", "she", "it", "they", "his", "her", "their")):
        held |= view.near.names
    initials = names.initials(view.near.text)
    # A name spelled out: "European Union" where the article writes "EU".
    letters = {letter for short in names.initials(view.claim.text) & held for letter in short}
    for name in sorted(view.claim.names):
        if names.stands_in(name, held, initials) or name[0] in letters:
            continue
        yield Conflict("name", (name,), f"the name “{name}” is not in the cited words")


def _polarity(view: View) -> Iterator[Conflict]:
    claim, said, one = view.claim, view.said, view.one
    coverage = view.document.share(claim.content, one.content)
    if coverage < SAME_MATTER:
        return
    turned = polarity.turned(claim.text, one.text)
    if _edits(view):
        yield from _edited_polarity(view)
    if claim.denials and not said.denials:
        yield Conflict(
            "negation", tuple(claim.denied), "the sentence denies what the article says", True
        )
    elif one.denials and not claim.denials and (turned or _edits(view)):
        reason = "the article denies what the sentence says"
        yield Conflict("negation", tuple(turned), reason, True)
    elif turned and claim.denials != one.denials:
        yield Conflict("negation", tuple(turned), "one of the two says no", True)
    for kind in polarity.strengthened(claim.text, one.text):
        yield Conflict("hedge", (), f"the article {HEDGE_WORDS[kind]}", hard=False)
    if polarity.certain(claim.text) and not polarity.certain(view.near.text):
        yield Conflict("hedge", (), "the article does not insist on it", hard=False)


def _edited_polarity(view: View) -> Iterator[Conflict]:
    """A "not" or "may" that came or went in a sentence that is otherwise kept."""
    left, put = set(view.difference.left), set(view.difference.put)
    gone = {stem for stem in left if texts.NEGATION.fullmatch(stem)}
    come = {stem for stem in put if texts.NEGATION.fullmatch(stem)}
    if bool(gone) != bool(come):
        what = "left out" if gone else "put in"
        reason = f"the word “{min(gone or come)}” was {what}"
        yield Conflict("negation", tuple(come), reason, True)
    if left & polarity.MODAL - view.one.dates and not put & polarity.MODAL:
        yield Conflict("hedge", tuple(put), f"the article {HEDGE_WORDS['possible']}", hard=False)


def _roles(view: View) -> Iterator[Conflict]:
    moved = roles_swapped(view)
    if moved:
        one, other = moved[0]
        yield Conflict("roles", (one, other), "the article has it the other way round", True)
    elif view.difference.swapped and view.difference.kept > SAME_MATTER:
        words = view.difference.swapped
        yield Conflict("roles", words, "words changed places with each other", True)

    elif view.document.share(view.claim.content, view.one.content) >= SAME_WORDS:
        for one, other in turned_round(view)[:1]:
            reason = "the article has these words the other way round"
            yield Conflict("roles", (one, other), reason, hard=False)


def _gender(view: View) -> Iterator[Conflict]:
    said = reference.other_gender(view.claim.words, view.near.words)
    if said and view.document.share(view.claim.content, view.one.content) >= SAME_MATTER:
        pronouns = reference.HE if said == "she" else reference.SHE
        words = tuple(word for word in view.claim.words if word in pronouns)
        yield Conflict("pronoun", words, f"the article says “{said}”", hard=False)


def _contrast(view: View) -> Iterator[Conflict]:
    claim, one = view.claim, view.one
    if view.document.share(claim.content, one.content) < SAME_MATTER:
        return
    for stem in contrast.clashes(sorted(claim.content - view.said.content), one.content):
        yield Conflict("opposite", (stem,), f"the article says the opposite of “{stem}…”", True)
    told = contrast.shares(view.near.words)
    new = contrast.shares(claim.words) - told
    if new and contrast.shares(one.words):
        yield Conflict("quantity word", (), "the article speaks of another share", hard=False)
    told_of_all = frozenset[str]().union(*contrast.universal(view.near.words))
    for group in contrast.universal(claim.words):
        if group & one.content and not group & told_of_all:
            yield Conflict(
                "quantity word", ("all", "every"), "the article does not say it of all", hard=False
            )
    if _edits(view) and contrast.limits(view.difference.left):
        yield Conflict("quantity word", (), "the article limits it", hard=False)
    if contrast.exclusive(claim.words) and not contrast.exclusive(view.near.words):
        yield Conflict("only", ("only",), "the article does not say “only”", hard=False)
    for word in sorted(contrast.comparisons(claim.words) - contrast.comparisons(view.near.words)):
        if lemmas.stem(word) not in view.near.stems:
            reason = f"the article does not say “{word}”"
            yield Conflict("comparison", (word,), reason, hard=False)


def _speakers(view: View, known: frozenset[str]) -> Iterator[Conflict]:
    told = view.document.sentences[view.stretch.first : view.stretch.last + 1]
    if any(attribution.only_reported(each.text, view.claim.text) for each in told):
        yield Conflict("speaker", (), "the article only reports that somebody says so", hard=False)
    for name in attribution.misattributed(view.claim.text, view.near.text, known):
        yield Conflict("speaker", (name,), f"the article does not have “{name}” say it", True)


def _words(view: View, known: frozenset[str]) -> Iterator[Conflict]:
    """Words put into an article's sentence that is otherwise kept."""
    if not _edits(view):
        return
    allowed = {lemmas.stem(word) for word in known} | REPORTING | view.said.content
    put = filter(alignment.counts, view.difference.put)
    new = [s for s in put if s not in allowed and s.isalpha() and s not in quantities.SPELLED]
    if view.one.denials and view.claim.denials:
        # "Found no damage" denies as "did not find any" does.
        new = [s for s in new if not texts.NEGATION.fullmatch(s)]
    if new:
        listed = ", ".join(f"“{stem}…”" for stem in new[:3])
        yield Conflict("word", tuple(new), f"the article does not say {listed}", hard=False)


def _edits(view: View) -> bool:
    return view.difference.kept >= NEAR_VERBATIM


LEAD_IN = re.compile(
    r"^(?:according to|as|in)\s+(?P<who>[^,:“\"]{2,120}?)"
    r"(?:\s+(?:reports?|reported|writes?|wrote|notes?|noted|puts? it|states?|stated))?,\s+"
    r"|^(?P<writer>[^,:“\"]{2,80}?)\s+(?:reports?|reported|writes?|wrote|notes?|noted)\s+that\s+",
    re.IGNORECASE,
)


def lead_in(sentence: str, source: Source | None) -> int:
    """Length of "According to X," in front of a sentence, where X only names its source; else 0."""
    if source is None:
        return 0
    for name in (source.title, source.publisher, source.author):
        opening = (
            re.compile(rf"^according to\s+[“\"]?{re.escape(name)}[”\"]?,\s+", re.I)
            if name
            else None
        )
        if opening and (match := opening.match(sentence)):
            return match.end()
    match = LEAD_IN.match(sentence)
    if match is None or len(sentence) - match.end() < SHORTEST_REST:
        return 0
    who = frozenset(texts.words(match["who"] or match["writer"] or ""))
    who -= texts.STOP_WORDS | {"article", "report", "source"}
    return match.end() if who <= words_about(source) else 0


def without_lead_in(sentence: str, source: Source | None) -> str:
    """A sentence without "According to X," where X is nothing but the name of its source."""
    rest = sentence[lead_in(sentence, source) :]
    return rest[:1].upper() + rest[1:]


def worst(conflicts: Iterable[Conflict]) -> str | None:
    """``against``, ``hard`` or ``soft``: the gravest of them; None of none."""
    found = tuple(conflicts)
    if not found:
        return None
    if any(c.against and c.hard for c in found):
        return "against"
    return "hard" if any(c.hard for c in found) else "soft"
