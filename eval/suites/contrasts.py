"""True sentences and their false twins about held-out texts: what the verifier makes of each.

A twin has the form and most of the words of its sentence and one natural mistake. The claims are
verified as in `footnote check`, in a library of all texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from eval.datasets import json_lines
from eval.metrics import Estimate, auroc, rate
from eval.report import FiguresReport
from eval.suites import text_questions
from rag import Library, OptionalReader, Sentence, verify

PASSAGES = 8


class Claim(NamedTuple):
    """A claim that is true or false, and its verdict."""

    is_true: bool
    verified: Sentence


def measure(data: Path, cache: Path | None = None, *, reader: bool = True) -> FiguresReport:
    """Verdicts on the claims of `text_questions.CONTRASTS`, by file of texts.

    Args:
        data: Folder with the files of texts.
        cache: Folder of cached vectors.
        reader: Whether the trained reader takes part.

    Raises:
        FootnoteError: A file cannot be read.
    """
    load = OptionalReader() if reader else None
    groups = {}
    for name in text_questions.FILES:
        with text_questions.texts_library(data / name, cache=cache) as (library, places):
            groups[name.partition(".")[0]] = _figures(list(_claims(places, library, load)))
    return FiguresReport(suite="contrasts", groups=groups, questions={})


def _claims(
    places: dict[str, str], library: Library, reader: OptionalReader | None
) -> Iterator[Claim]:
    for row in json_lines(text_questions.CONTRASTS):
        for claim in row["claims"] if row["id"] in places else ():
            evidence = library.search(claim["text"], k=PASSAGES)
            verified, *_ = verify(claim["text"], evidence, None, reader)
            yield Claim(claim["label"] == "supported", verified)


def _figures(claims: list[Claim]) -> dict[str, Estimate]:
    true = [claim.verified for claim in claims if claim.is_true]
    false = [claim.verified for claim in claims if not claim.is_true]
    surest = auroc([each.support for each in true], [each.support for each in false])
    return {
        "true_supported": rate([each.verdict == "supported" for each in true]),
        "false_supported": rate([each.verdict == "supported" for each in false]),
        "true_contradicted": rate([each.verdict == "contradicted" for each in true]),
        "auroc_of_support": surest,
    }
