"""The reader at run time: one ONNX file, which holds network and vocabulary, and ONNX Runtime."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.embedding import load_onnx
from rag.errors import FootnoteError
from rag.reader.windows import Row, Rows, Window, budgeted, make_tokenizer, padded

FILE = Path(__file__).parents[1] / "data" / "reader.onnx"
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
