"""A small trained reader: does a text bear a claim out, and which sentences answer a question?

It is shown a short text in numbered sentences, and the words asked about. Training and run time
both build their input here, so they cannot drift apart. One row reads
``[CLS] query [SEP] header sentence sentence … [SEP]``, where the query is a claim or a question.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from rag.embedding import load_onnx
from rag.errors import FootnoteError
from rag.types import Source

Numbers = NDArray[np.int64]

# In word pieces. Whatever is longer is cut at its end; nothing here ever raises over a length.
MOST_QUERY = 96
MOST_HEADER = 40
MOST_TOKENS = 384
# A word piece covers one character or more, so more characters than this cannot matter.
MOST_CHARACTERS = 4_000
FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one article, or two stretches joined.

    Attributes:
        header: ``"title. publisher, date."``, as far as known; may be empty.
        sentences: The sentences in order; may be empty.
    """

    header: str
    sentences: tuple[str, ...]


class Row(NamedTuple):
    """One input of the network, without padding; three lists of equal length.

    Attributes:
        ids: Numbers of the word pieces.
        kinds: 0 for the query with its two special tokens, 1 for everything after it.
        places: The number of the sentence, from 1, that a token belongs to; 0 for all others.
    """

    ids: list[int]
    kinds: list[int]
    places: list[int]


class Batch(NamedTuple):
    """Rows padded to one length: three arrays of shape (rows, length), and the ``mask``."""

    ids: Numbers
    kinds: Numbers
    places: Numbers
    mask: Numbers


def header(title: str = "", publisher: str = "", published: str = "") -> str:
    """``"title. publisher, date."`` of what is known."""
    source = ", ".join(part for part in (publisher.strip(), published.strip()) if part)
    title = title.strip()
    if title and title[-1] not in ".?!…":
        title += "."
    return " ".join(part for part in (title, f"{source}." if source else "") if part)


def source_header(source: Source) -> str:
    """The header for the windows of an article."""
    published = source.published.isoformat() if source.published else ""
    return header(source.title, source.publisher or "", published)


def make_tokenizer(vocabulary: Sequence[str]) -> Tokenizer:
    """The word pieces of an uncased BERT; their order in the vocabulary gives the numbers."""
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def _number(tokenizer: Tokenizer, piece: str) -> int:
    number: int | None = tokenizer.token_to_id(piece)
    if number is None:
        raise ValueError(f"the vocabulary lacks {piece}")
    return number


class Rows:
    """Makes rows from texts. Threads may share one.

    Raises:
        ValueError: The vocabulary lacks a special token.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._first, self._last = _number(tokenizer, FIRST), _number(tokenizer, LAST)

    def row(self, query: str, window: Window) -> Row:
        """The query beside the window, at most `MOST_TOKENS` long.

        A sentence that does not fit keeps its beginning; those after it keep nothing.
        """
        ids = [self._first, *self._pieces(query, MOST_QUERY), self._last]
        kinds, places = [0] * len(ids), [0] * len(ids)
        parts = [(0, self._pieces(window.header, MOST_HEADER))]
        room = MOST_TOKENS - 1 - len(ids) - len(parts[0][1])
        for place, sentence in enumerate(window.sentences, start=1):
            if room <= 0:
                break
            pieces = self._pieces(sentence, room)
            parts.append((place, pieces))
            room -= len(pieces)
        for place, pieces in parts:
            ids += pieces
            places += [place] * len(pieces)
        ids.append(self._last)
        places.append(0)
        kinds += [1] * (len(ids) - len(kinds))
        return Row(ids, kinds, places)

    def _pieces(self, text: str, most: int) -> list[int]:
        # Half a surrogate pair, as broken files hold, is refused there: it becomes a question mark.
        whole = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        ids: list[int] = self._tokenizer.encode(whole, add_special_tokens=False).ids
        return ids[:most]


def padded(rows: Sequence[Row], *, multiple: int = 1) -> Batch:
    """Rows side by side, filled up with zeros to a length that ``multiple`` divides."""
    longest = max(len(row.ids) for row in rows)
    length = -(-longest // multiple) * multiple
    batch = Batch(*(np.zeros((len(rows), length), dtype=np.int64) for _ in range(4)))
    for index, row in enumerate(rows):
        size = len(row.ids)
        batch.ids[index, :size] = row.ids
        batch.kinds[index, :size] = row.kinds
        batch.places[index, :size] = row.places
        batch.mask[index, :size] = 1
    return batch


def budgeted(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Numbers of rows in batches of about equal length, each at most ``tokens`` with padding.

    A row that is longer than that gets its own batch.
    """
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if batches and (len(batches[-1]) + 1) * lengths[row] <= tokens:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


FILE = Path(__file__).parent / "data" / "reader.onnx"
SHA256 = "63b295bbcaa74e4f3d2c9d73c187889298545797ad627633164f5298aff65a1a"
# Tokens of one run, padding included. Larger batches ran no faster on two cores.
BATCH_TOKENS = 2048

Chances = NDArray[np.float32]


class ReaderDamaged(FootnoteError):
    """The reader's file is missing, changed or cannot be run.

    Args:
        path: The file.
        reason: What is wrong with it, as the end of a sentence.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The reader's file {str(path)!r} {reason}. Install Footnote again, or go on without "
            "the reader with: --reader none"
        )


class Judgement(NamedTuple):
    """What a window says about a claim, as chances from 0 to 1.

    Attributes:
        supported: The window says so, wholly.
        contradicted: The window says otherwise.
        not_stated: It says neither, or only a part. The three sum to 1.
        sentences: For each sentence of the window, that it bears the claim out, at least in part.
            They do not sum to 1. A sentence that was cut off gets 0.
    """

    supported: float
    contradicted: float
    not_stated: float
    sentences: tuple[float, ...]


class Reader:
    """Judges claims and finds answers. Threads may share one.

    It was trained on English. In other languages, and on text that is no prose, the numbers mean
    nothing, but no text makes it raise, however long or odd.

    Args:
        path: A file as ``eval train-reader`` makes it.
        sha256: What the file must hash to; None takes any file.

    Raises:
        ReaderDamaged: The file is missing, has another hash or cannot be run.
    """

    def __init__(self, path: Path, sha256: str | None = None) -> None:
        graph = _read(path, sha256)
        try:
            self._session = load_onnx(graph)
            noted = self._session.get_modelmeta().custom_metadata_map
            self._rows = Rows(make_tokenizer(noted["vocabulary"].split("\n")))
        except (FootnoteError, KeyError, TypeError, ValueError) as error:
            raise ReaderDamaged(path, f"is no reader ({error})") from error

    def judge(self, pairs: Sequence[tuple[Window, str]]) -> list[Judgement]:
        """What each window says about the claim beside it, in the order of ``pairs``.

        An empty claim, or one beside a window without words, is not stated.
        """
        read = [bool(claim.strip() and any(window.sentences)) for window, claim in pairs]
        rows = [self._rows.row(claim, window) for window, claim in pairs]
        claims = np.tile(np.array([0, 0, 1], dtype=np.float32), (len(pairs), 1))
        places = [np.zeros(len(window.sentences), dtype=np.float32) for window, _ in pairs]
        self._run(rows, read, {"claim": claims}, {"support": places})
        return [
            Judgement(supported, contradicted, neither, tuple(map(float, of_window)))
            for (supported, contradicted, neither), of_window in zip(
                claims.tolist(), places, strict=True
            )
        ]

    def answers(self, pairs: Sequence[tuple[str, Window]]) -> list[tuple[float, ...]]:
        """For each pair, the chance of each sentence of the window to answer the question.

        The chances, from 0 to 1, do not sum to 1: none, one or several sentences may answer. The
        highest of them is the chance that the window answers. A sentence that was cut off, and
        every sentence beside an empty question, gets 0.
        """
        read = [bool(question.strip() and any(window.sentences)) for question, window in pairs]
        rows = [self._rows.row(question, window) for question, window in pairs]
        places = [np.zeros(len(window.sentences), dtype=np.float32) for _, window in pairs]
        self._run(rows, read, {}, {"answer": places})
        return [tuple(map(float, of_window)) for of_window in places]

    def _run(
        self,
        rows: Sequence[Row],
        read: Sequence[bool],
        whole: dict[str, Chances],
        parts: dict[str, list[Chances]],
    ) -> None:
        """Fills the outputs in: ``whole`` one row each, ``parts`` one number a sentence."""
        numbers = [index for index, wanted in enumerate(read) if wanted]
        lengths = [len(rows[index].ids) for index in numbers]
        names = [*whole, *parts]
        for batch in budgeted(lengths, BATCH_TOKENS):
            chosen = [numbers[index] for index in batch]
            feed = padded([rows[index] for index in chosen])._asdict()
            outputs = dict(zip(names, self._session.run(names, feed), strict=True))
            for name, into in whole.items():
                into[chosen] = outputs[name]
            for name, kept in parts.items():
                for index, found in zip(chosen, outputs[name], strict=True):
                    seen = sorted({place - 1 for place in rows[index].places if place})
                    kept[index][seen] = found[seen]


def load_reader() -> Reader:
    """This process's only reader; the first caller loads it while others wait.

    Raises:
        ReaderDamaged: Its file is missing or is not the one that belongs to this version.
    """
    with _LOADING:
        return _load(os.getpid())


class OptionalReader:
    """Loads the reader when it is first called; a damaged one is noted and gone without.

    Attributes:
        notes: Why there is no reader, for whoever reads the answer; empty while there is one.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(self) -> Reader | None:
        """The reader; None if its file cannot be used."""
        if self.notes:
            return None
        try:
            return load_reader()
        except ReaderDamaged as error:
            self.notes.append(f"Sentences were chosen and checked by rules alone: {error}")
            return None


_LOADING = threading.Lock()


@cache
def _load(process: int) -> Reader:
    # The process is the key because a fork inherits the session without its threads.
    return Reader(FILE, SHA256)


def _read(path: Path, sha256: str | None) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReaderDamaged(path, f"cannot be read ({error.strerror})") from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ReaderDamaged(path, "is not the one that belongs to this version")
    return content
