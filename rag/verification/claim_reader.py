"""Has the trained reader judge a claim beside the stretches of articles that may support it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.reader import Judgement, Reader, Window
from rag.text import is_english
from rag.verification.candidates import Candidate

# Gives the reader, or None where there is none.
LoadReader = Callable[[], Reader | None]

# How many candidates are read at a time; the next are read only if none so far supports the claim.
STEPS = (1, 1, 2)


class ClaimReader:
    """Reads each pair of claim and window of one text once; a text is one thread's work.

    Args:
        load: Loads the reader at the first claim; None, from it or in its place, leaves the
            candidates unread.
    """

    def __init__(self, load: LoadReader | None) -> None:
        self._load = load
        self._known: dict[tuple[Window, str], Judgement] = {}

    def read(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that were read, with judgements; all of them if there is no reader.

        Edits of an article's sentence come first, because they overrule looser candidates.

        Args:
            candidates: Of one claim, those with most of its words first.
        """
        english = bool(candidates) and is_english(candidates[0].pair.claim.text)
        reader = self._load() if self._load and english else None
        if reader is None:
            return list(candidates)
        judged: list[Candidate] = []
        for chosen in _in_steps(sorted(candidates, key=lambda each: not each.is_edit)):
            judged += self._judged(reader, chosen)
            if any(each.verdict == "supported" for each in judged):
                break
        return judged

    def _judged(self, reader: Reader, candidates: Sequence[Candidate]) -> list[Candidate]:
        pairs = [
            (
                each.region.window(each.pair.stretch.first, each.pair.stretch.last),
                each.pair.claim.text,
            )
            for each in candidates
        ]
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        self._known.update(zip(fresh, reader.judge(fresh), strict=True))
        return [
            replace(each, judgement=self._known[pair])
            for each, pair in zip(candidates, pairs, strict=True)
        ]


def _in_steps(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    first = 0
    for size in STEPS:
        if chosen := candidates[first : first + size]:
            yield chosen
        first += size
