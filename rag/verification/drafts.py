"""Verifies a whole draft, at once or as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rag.generation import DraftParser, DraftSentence
from rag.reader import load_reader
from rag.types import Evidence, Sentence
from rag.verification.candidates import ClaimReader, LoadReader
from rag.verification.secondary import SecondaryReview
from rag.verification.verdicts import START, Verified
from rag.verification.verifier import LookUp, Verifier


def verify(
    draft: str,
    evidence: Sequence[Evidence],
    secondary: SecondaryReview | None = None,
    reader: LoadReader | None = load_reader,
    question: str = "",
    look_up: LookUp | None = None,
) -> tuple[Sentence, ...]:
    """The sentences of a draft, each with its verdict and its citations; see `Verifier`.

    Args:
        draft: Any text.
        evidence: The passages that it may cite.
        secondary: Reviews what the rules support; None if nobody does.
        reader: Loads the reader; None goes by the rules alone, which support many false sentences.
        question: What the draft answers.
        look_up: Finds passages for a sentence that the evidence does not support; its citations
            may lie in these.

    Raises:
        ReaderDamaged: The file of the reader is missing or damaged.
    """
    return tuple(verify_pieces((draft,), evidence, secondary, reader, question, look_up))


def verify_pieces(
    pieces: Iterable[str],
    evidence: Sequence[Evidence],
    secondary: SecondaryReview | None = None,
    reader: LoadReader | None = load_reader,
    question: str = "",
    look_up: LookUp | None = None,
) -> Iterator[Sentence]:
    """Like `verify`, from a draft in pieces: each sentence as soon as its verdict is final."""
    verifier = Verifier(evidence, secondary, ClaimReader(reader), question)
    context = START
    waiting: list[Verified] = []
    for sentence in _sentences(pieces):
        verifier, verified = verifier.verify_widely(sentence, context, look_up)
        context = verified.context
        if verifier.concludes:
            waiting.append(verified)
        else:
            yield from verified.sentences
    yield from verifier.conclude(waiting)


def _sentences(pieces: Iterable[str]) -> Iterator[DraftSentence]:
    parser = DraftParser()
    for piece in pieces:
        yield from parser.feed(piece)
    yield from parser.close()
