"""Perturbs true sentences of articles into false ones, with a seed, and counts those detected."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.metrics import Estimate, rate
from rag import Article, Filters, Library, OptionalReader, Sentence, sentences, verify

SEED = 20_254
# Words in a sentence that is perturbed: shorter ones say too little.
LEAST_WORDS, MOST_WORDS = 8, 60
# How often a sentence may be perturbed in one way, each time with another result.
ROUNDS = 4

MONTHS = "January February March April May June July August September October November December"
OTHER_NAMES = ("Marlowe", "Brightwater", "Tokyo", "Castellan", "Norland", "Vexler", "Orsini")
NEGATION = re.compile(r"\b(?:not|never|cannot|no longer)\s|n['’]t\b", re.IGNORECASE)
HEDGE = re.compile(
    r"\b(?:may|might|could|reportedly|allegedly|possibly|probably|perhaps|likely|appears? to"
    r"|seems? to|is said to|claims? to|plans? to|expects? to|hopes? to|suggests? that)\s",
    re.IGNORECASE,
)
STRONGER = {"may": "will", "might": "will", "could": "will", "reportedly": "certainly"}
INVENTED = (
    "We will never let a machine decide this for us",
    "Nobody in this industry saw it coming before spring",
    "It is the largest order that we have ever signed",
    "The results speak louder than our competitors do",
)


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A sentence about an article; ``kind`` is empty where it is true."""

    kind: str
    article: Article
    text: str
    original: str


Edit = Callable[[str, random.Random], str | None]


def perturb(articles: Sequence[Article], per_kind: int = 45) -> tuple[Perturbed, ...]:
    """Up to ``per_kind`` errors of each kind, and every true sentence they were made from."""
    randomness = random.Random(SEED)
    whole = [(article, text) for article in articles for text in _statements(article)]
    found: list[Perturbed] = []
    for kind, edit in EDITS.items():
        shuffled = whole.copy()
        randomness.shuffle(shuffled)
        made = _perturbed(kind, edit, shuffled * ROUNDS, randomness)
        found.extend(item for item, _ in zip(made, range(per_kind), strict=False))
    found.extend(_wrong_article(whole, articles, randomness, per_kind))
    found.extend(_stitched(whole, randomness, per_kind))
    found.extend(Perturbed("", article, text, text) for article, text in whole)
    found.extend(
        Perturbed("", article, changed, text)
        for article, text in whole
        if (changed := harmless(text, article)) != text
    )
    return tuple(found)


def _statements(article: Article) -> Iterator[str]:
    for span in sentences(article.text):
        text = article.text[span.start : span.end]
        if text.endswith((".", ".”", '."')) and LEAST_WORDS <= len(text.split()) <= MOST_WORDS:
            yield text


def _perturbed(
    kind: str, edit: Edit, whole: Sequence[tuple[Article, str]], randomness: random.Random
) -> Iterator[Perturbed]:
    seen: set[str] = set()
    for article, text in whole:
        changed = edit(text, randomness)
        if changed and changed not in seen and changed not in article.text:
            seen.add(changed)
            yield Perturbed(kind, article, changed, text)


def invented_quote(text: str, randomness: random.Random) -> str | None:
    """Appends a quotation that nobody said."""
    said = randomness.choice(INVENTED)
    return f"{text.rstrip('.')}, adding: “{said}.”"


def changed_number(text: str, randomness: random.Random) -> str | None:
    found = [m for m in re.finditer(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])", text)]
    found = [m for m in found if not re.fullmatch(r"(?:19|20)\d\d", m.group())]
    if not found:
        return None
    match = randomness.choice(found)
    value = float(match.group().replace(",", "").rstrip(","))
    other = value * randomness.choice((2, 3, 10)) + randomness.choice((1, 2, 5))
    written = f"{other:,.1f}" if "." in match.group() else f"{int(other):,}"
    return text[: match.start()] + written + text[match.end() :]


def changed_date(text: str, randomness: random.Random) -> str | None:
    months = MONTHS.split()
    pattern = rf"\b(?:{'|'.join(months)})\b|\b(?:19|20)\d\d\b"
    found = list(re.finditer(pattern, text))
    if not found:
        # A date that the article does not give is as wrong as another one.
        when = f"In {randomness.choice(months)} {randomness.randint(2009, 2021)}"
        return f"{when}, {text[0].lower() if text[1:2].islower() else text[0]}{text[1:]}"
    match = randomness.choice(found)
    if match.group().isdigit():
        other = str(int(match.group()) - randomness.choice((2, 3, 7)))
    else:
        other = randomness.choice([m for m in months if m != match.group()])
    return text[: match.start()] + other + text[match.end() :]


def names_in(text: str) -> list[re.Match[str]]:
    """Capitalised words that do not open the sentence."""
    return [
        m for m in re.finditer(r"(?<=[a-z,] )[A-Z][A-Za-z]{2,}\b", text) if m.group() not in MONTHS
    ]


def changed_name(text: str, randomness: random.Random) -> str | None:
    found = names_in(text)
    if not found:
        return None
    match = randomness.choice(found)
    return text[: match.start()] + randomness.choice(OTHER_NAMES) + text[match.end() :]


def swapped_roles(text: str, randomness: random.Random) -> str | None:
    """Exchanges two names of a sentence that are at least two words apart."""
    found = [m for m in re.finditer(r"\b[A-Z][A-Za-z]{2,}\b", text) if _acts(m, text)]
    for one in found:
        for other in reversed(found):
            between = text[one.end() : other.start()]
            if (
                other.start() > one.end()
                and one.group() != other.group()
                and len(between.split()) > 1
            ):
                if " and " in between and len(between.split()) < 4:
                    continue
                head, tail = text[: one.start()], text[other.end() :]
                return f"{head}{other.group()}{between}{one.group()}{tail}"
    return None


def _acts(match: re.Match[str], text: str) -> bool:
    """Whether a capitalised word is a name by itself: inside the sentence, or with capitals."""
    before, after = text[: match.start()].split(" ")[-2:-1], text[match.end() :][:2]
    if match.group() in MONTHS or after[:1] == "-" or text[: match.start()][-1:] in ("-", "“"):
        return False
    if re.match(r" [A-Z]", text[match.end() :]) or any(w[:1].isupper() for w in before):
        return False
    return match.start() > 0 or any(c.isupper() for c in match.group()[1:])


def removed_negation(text: str, randomness: random.Random) -> str | None:
    match = NEGATION.search(text)
    if match is None:
        return None
    if match.group().lower().startswith("cannot"):
        return text[: match.start()] + "can " + text[match.end() :]
    return text[: match.start()] + text[match.end() :]


def strengthened_hedge(text: str, randomness: random.Random) -> str | None:
    match = HEDGE.search(text)
    if match is None:
        return None
    word = match.group().strip().lower()
    stronger = STRONGER.get(word, "certainly" if not word.endswith(("to", "that")) else "does")
    return text[: match.start()] + stronger + " " + text[match.end() :]


EDITS: dict[str, Edit] = {
    "invented quote": invented_quote,
    "changed number": changed_number,
    "changed date": changed_date,
    "changed name": changed_name,
    "swapped roles": swapped_roles,
    "removed negation": removed_negation,
    "strengthened hedge": strengthened_hedge,
}
KINDS = (*EDITS, "wrong article", "stitched quote")


def _wrong_article(
    whole: Sequence[tuple[Article, str]],
    articles: Sequence[Article],
    randomness: random.Random,
    most: int,
) -> Iterator[Perturbed]:
    """A true sentence, attributed to an article that does not hold it."""
    for article, text in randomness.sample(list(whole), min(most, len(whole))):
        others = [other for other in articles if other.source.id != article.source.id]
        yield Perturbed("wrong article", randomness.choice(others), text, text)


def _stitched(
    whole: Sequence[tuple[Article, str]], randomness: random.Random, most: int
) -> Iterator[Perturbed]:
    """Halves of two sentences of one article as one quotation."""
    by_article: dict[str, list[tuple[Article, str]]] = {}
    for item in whole:
        by_article.setdefault(item[0].source.id, []).append(item)
    for _ in range(most):
        group = by_article[randomness.choice(sorted(by_article))]
        (article, one), (_, other) = randomness.sample(group, 2)
        head, tail = one.rstrip('.”"').split(), other.rstrip('.”"').split()
        quoted = " ".join((*head[: len(head) // 2], *tail[len(tail) // 2 :]))
        quoted = re.sub(r"[“”\"]", "", quoted)
        text = f"The article says: “{quoted}.”"
        yield Perturbed("stitched quote", article, text, one)


def harmless(text: str, article: Article) -> str:
    """The same statement with other quotation marks, number forms or an attribution in front."""
    changed = text.replace("“", '"').replace("”", '"').replace("’", "'").replace("—", " - ")
    changed = re.sub(r"\b(\d{1,3}),(\d{3})\b", r"\1\2", changed)
    changed = re.sub(r"(\d) percent\b", r"\1%", changed)
    who = article.source.publisher or f"“{article.source.title}”"
    return f"According to {who}, {changed}" if len(text) % 2 else changed


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts on one sentence."""

    perturbed: Perturbed
    sentences: tuple[Sentence, ...]

    @property
    def passed(self) -> bool:
        """Whether everything it says was found supported."""
        return all(s.verdict in ("supported", "no_claim") for s in self.sentences) and any(
            s.verdict == "supported" for s in self.sentences
        )


def detect(library: Library, per_kind: int = 50) -> tuple[Outcome, ...]:
    """Verifies every sentence as in answers, against what a search in its article finds."""
    articles = [library.article(summary.source.id) for summary in library.articles()]
    return tuple(_outcomes(library, perturb(articles, per_kind)))


def _outcomes(library: Library, perturbed: Sequence[Perturbed]) -> Iterator[Outcome]:
    reader = OptionalReader()
    for item in perturbed:
        only = Filters(articles=(item.article.source.id,))
        evidence = library.search(item.text[:2_000], k=8, filters=only)
        yield Outcome(item, verify(item.text, evidence, reader=reader))


def detected_by_kind(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Share of each kind of error that was detected; ``all`` is all kinds together."""
    wrong = [o for o in outcomes if o.perturbed.kind]
    table = {
        kind: rate([not o.passed for o in wrong if o.perturbed.kind == kind])
        for kind in KINDS
        if any(o.perturbed.kind == kind for o in wrong)
    }
    return {**table, "all": rate([not o.passed for o in wrong])}


def false_alarms(outcomes: Sequence[Outcome]) -> Estimate:
    """Share of the true sentences that were doubted."""
    return rate([not o.passed for o in outcomes if not o.perturbed.kind])
