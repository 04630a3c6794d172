"""Turning texts into what the network learns from: windows with claims and questions.

Every pass over the texts draws its windows, negatives and changes anew, from the seed alone.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log

from eval.training.reader.editing import falsified, names, with_lead_in
from eval.training.reader.texts import Claim, Question, Text
from rag.reader import Window, header

SUPPORTED, CONTRADICTED, NOT_STATED = range(3)
LABELS = {
    "supported": SUPPORTED,
    "contradicted": CONTRADICTED,
    "not_stated": NOT_STATED,
    "partial": NOT_STATED,
}


@dataclass(frozen=True, slots=True)
class Example:
    """One row with its targets.

    Attributes:
        query: Claim or question.
        window: What is read beside it.
        claim: One of the three labels; None for a question.
        gold: The sentences of the window, from 1, that bear the claim out or answer the question.
        weight: How much it counts.
    """

    query: str
    window: Window
    claim: int | None
    gold: frozenset[int]
    weight: float = 1.0


class Neighbours:
    """Finds the texts that share the most and the rarest words with a query."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._owners: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            for word in set(words(" ".join((text.title, *text.sentences)))):
                self._owners[word].append(index)
        self._all = len(texts)

    def weight(self, word: str) -> float:
        return log((self._all + 1) / (len(self._owners.get(word, ())) + 0.5))

    def near(self, query: str, own: int, most: int = 4) -> list[int]:
        """Numbers of other texts, the closest first."""
        scores: dict[int, float] = defaultdict(float)
        for word in set(words(query)):
            owners = self._owners.get(word, ())
            if 0 < len(owners) < self._all / 8:
                for index in owners:
                    scores[index] += self.weight(word)
        scores.pop(own, None)
        return sorted(scores, key=lambda index: -scores[index])[:most]

    def best_sentence(self, query: str, sentences: Sequence[str]) -> int:
        """The position, from 0, of the sentence that shares the most with the query."""
        wanted = set(words(query))
        shares = [sum(map(self.weight, wanted & set(words(one)))) for one in sentences]
        return max(range(len(shares)), key=shares.__getitem__)


class Maker:
    """Makes the examples of one pass.

    Args:
        texts: What to train on.
        seed: Gives the same examples for the same texts.
        questions: The share of questions that are used in a pass.
    """

    def __init__(self, texts: Sequence[Text], seed: int, questions: float = 1.0) -> None:
        self._texts, self._share = texts, questions
        self._chance = random.Random(seed)
        self._near = Neighbours(texts)

    def examples(self) -> list[Example]:
        made: list[Example] = []
        for index, text in enumerate(self._texts):
            made += self._claims(index, text)
            made += self._sentences(index, text)
            for question in text.questions:
                if self._chance.random() < self._share:
                    made.append(self._question(index, text, question))
        return made

    def _claims(self, index: int, text: Text) -> Iterable[Example]:
        for claim in text.claims:
            yield self._claim(text, claim)
            # The same words without their place: now nothing bears them out or against them.
            draw = self._chance.random()
            if claim.label in ("supported", "contradicted") and draw < 0.14:
                yield self._elsewhere(index, text, claim.text, set(claim.sentences))
        supported = [claim for claim in text.claims if claim.label == "supported"]
        if len(text.claims) > 1 and self._chance.random() < 0.2:
            yield self._joined(text)
        if supported and self._chance.random() < 0.6:
            claim = self._chance.choice(supported)
            wrong = falsified(claim.text, self._chance, names(" ".join(text.sentences)))
            if wrong:
                yield replace(self._claim(text, replace(claim, text=wrong)),
                              claim=CONTRADICTED, gold=frozenset())  # fmt: skip

    def _claim(self, text: Text, claim: Claim) -> Example:
        words = claim.text
        if self._chance.random() < 0.12:
            words = with_lead_in(words, self._chance)
        around = claim.sentences or (self._near.best_sentence(words, text.sentences) + 1,)
        window, numbers = self._window(text, around, 3, 5)
        label = LABELS[claim.label]
        gold = frozenset(numbers[n] for n in claim.sentences if n in numbers)
        weight = 0.8 if claim.label == "partial" else 1.0
        return Example(words, window, label, gold if label == SUPPORTED else frozenset(), weight)

    def _joined(self, text: Text) -> Example:
        """Two claims in one sentence: true only if both are."""
        good = [claim for claim in text.claims if claim.label == "supported"]
        one = self._chance.choice(good or text.claims)
        pool = good if self._chance.random() < 0.6 else text.claims
        two = self._chance.choice([c for c in pool if c is not one] or text.claims)
        first, second = self._chance.sample((one, two), 2)
        glue = self._chance.choice((", and ", "; ", ", while ", " ", ". "))
        rest = second.text
        if glue.strip() not in ("", ".") and rest.split(" ")[0] in ("The", "A", "It", "He", "She"):
            rest = rest[0].lower() + rest[1:]
        words = (first.text.rstrip(".") + glue if glue != " " else first.text + glue) + rest
        labels = {LABELS[one.label], LABELS[two.label]}
        worst = next(x for x in (CONTRADICTED, NOT_STATED, SUPPORTED) if x in labels)
        around = sorted({*one.sentences, *two.sentences}) or [1]
        window, numbers = self._window(text, around, 4, 8)
        gold = frozenset(numbers[n] for n in around if n in numbers)
        return Example(words, window, worst, gold if worst == SUPPORTED else frozenset(), 0.7)

    def _elsewhere(self, index: int, text: Text, words: str, gold: set[int]) -> Example:
        """A window that does not say it: of the same text, or of another close in words."""
        left = [n for n in range(1, len(text.sentences) + 1) if n not in gold]
        if len(left) >= 3 and self._chance.random() < 0.6:
            kept = self._run(left, 3, 5)
            chosen = tuple(text.sentences[n - 1] for n in kept)
            return Example(words, Window(self._header(text), chosen), NOT_STATED, frozenset(), 0.7)
        other = self._other(words, index)
        place = self._near.best_sentence(words, other.sentences) + 1
        window, _ = self._window(other, (place,), 3, 5)
        return Example(words, window, NOT_STATED, frozenset())

    def _sentences(self, index: int, text: Text) -> Iterable[Example]:
        """The text's own sentences as claims: word for word, falsified, or in front of others."""
        if self._chance.random() > 0.55:
            return
        long = [n for n, one in enumerate(text.sentences, 1) if 6 <= len(one.split()) <= 45]
        if not long:
            return
        number = self._chance.choice(long)
        words = text.sentences[number - 1]
        draw = self._chance.random()
        if draw < 0.4:
            if self._chance.random() < 0.25:
                words = with_lead_in(words, self._chance)
            yield self._claim(text, Claim(words, "supported", "verbatim", (number,)))
        elif draw < 0.8:
            wrong = falsified(words, self._chance, names(" ".join(text.sentences)))
            if wrong:
                yield self._claim(text, Claim(wrong, "contradicted", "planted", (number,)))
        else:
            yield self._elsewhere(index, text, words, {number})

    def _question(self, index: int, text: Text, question: Question) -> Example:
        words = question.text
        if self._chance.random() < 0.15:
            words = words.lower().rstrip("? ")
        draw = self._chance.random()
        left = [n for n in range(1, len(text.sentences) + 1) if n not in question.answers]
        if question.answers and draw < 0.1 and len(left) >= 3:
            kept = self._run(left, 4, 6)
            chosen = tuple(text.sentences[n - 1] for n in kept)
            return Example(words, Window(self._header(text), chosen), None, frozenset(), 0.7)
        if draw > (0.86 if question.answers else 0.95):
            other = self._other(words, index)
            place = self._near.best_sentence(words, other.sentences) + 1
            window, _ = self._window(other, (place,), 4, 6)
            return Example(words, window, None, frozenset())
        around = question.answers[:3]
        around = around or (self._near.best_sentence(words, text.sentences) + 1,)
        window, numbers = self._window(text, around, 4, 7)
        gold = frozenset(numbers[n] for n in question.answers if n in numbers)
        return Example(words, window, None, gold)

    def _other(self, words: str, index: int) -> Text:
        near = self._near.near(words, index)
        if near and self._chance.random() < 0.85:
            return self._texts[self._chance.choice(near)]
        return self._texts[self._chance.randrange(len(self._texts))]

    def _window(
        self, text: Text, around: Sequence[int], least: int, most: int
    ) -> tuple[Window, dict[int, int]]:
        """A window that holds the given sentences, and where each sentence is in it.

        Sentences too far apart give two stretches joined.
        """
        count = len(text.sentences)
        low, high = min(around), max(around)
        size = self._chance.randint(least, most)
        if self._chance.random() < 0.1:
            size = max(size, min(count, 9))
        if high - low + 1 > max(size, most):
            kept = sorted({n for one in around for n in range(one - 1, one + 2) if 1 <= n <= count})
        else:
            size = min(count, max(size, high - low + 1))
            start = self._chance.randint(max(1, high - size + 1), min(low, count - size + 1))
            kept = list(range(start, start + size))
        chosen = tuple(text.sentences[n - 1] for n in kept)
        return Window(self._header(text), chosen), {n: i for i, n in enumerate(kept, 1)}

    def _run(self, numbers: list[int], least: int, most: int) -> list[int]:
        size = min(len(numbers), self._chance.randint(least, most))
        start = self._chance.randint(0, len(numbers) - size)
        return numbers[start : start + size]

    def _header(self, text: Text) -> str:
        draw = self._chance.random()
        if draw < 0.2:
            return ""
        if draw < 0.3:
            return header(text.title)
        return header(text.title, text.publisher, text.published)


def public_examples(pairs: Iterable[dict[str, str]], seed: int) -> list[Example]:
    """The public pairs, for the first stage; unlabelled kinds of *no* become *not stated*."""
    chance = random.Random(seed)
    labels = {
        "entailment": SUPPORTED, "contradiction": CONTRADICTED, "neutral": NOT_STATED,
        "SUPPORTS": SUPPORTED, "REFUTES": CONTRADICTED, "1": SUPPORTED, "0": NOT_STATED,
        "not_entailment": NOT_STATED,
    }  # fmt: skip
    pairs = list(pairs)
    loose = [pair["other"] for pair in pairs if pair["set"] == "qnli"]
    made = []
    for pair in pairs:
        if pair["set"] == "qnli":
            sentences = [pair["other"], *chance.sample(loose, chance.choice((0, 1, 1, 2)))]
            chance.shuffle(sentences)
            right = pair["label"] == "entailment"
            gold = {sentences.index(pair["other"]) + 1} if right else set()
            made.append(Example(pair["text"], Window("", tuple(sentences)), None, frozenset(gold)))
            continue
        label = labels[pair["label"]]
        sentences = re.split(r"(?<=[.?!]) +(?=[A-Z\"“])", pair["text"])[:10]
        gold = {1} if label == SUPPORTED and len(sentences) == 1 else set()
        made.append(Example(pair["other"], Window("", tuple(sentences)), label, frozenset(gold)))
    return made


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 2]
