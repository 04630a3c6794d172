"""What the reader is shown: a short text in numbered sentences, and the words asked about.

Training and run time both build their input here, so they cannot drift apart. One row reads
``[CLS] query [SEP] header sentence sentence … [SEP]``, where the query is a claim or a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

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
