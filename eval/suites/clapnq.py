"""Answering from one given passage, or refusing because it does not answer (CLAP NQ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.datasets import PassageQuestion, key
from eval.metrics import Estimate, auroc, balanced_accuracy, mean, rouge_l
from eval.report import FiguresReport, Strata
from eval.scoring import citations, probability
from eval.suites.citations import precision_recall
from rag import Answer, Filters, Library, answer

Answered = Sequence[tuple[PassageQuestion, Answer]]


def measure(
    rows: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> FiguresReport:
    """The figures; a refusal of an answerable question counts 0 for its text and its recall.

    Args:
        rows: The questions.
        library: Of all their passages.
        places: Article ids by passage.
    """
    pairs = [(row, _ask(row, library, places)) for row in rows if row.passage in places]
    yes = [(row, given) for row, given in pairs if row.answerable]
    no = [(row, given) for row, given in pairs if not row.answerable]
    questions = _by_question(yes, no)
    figures = {
        name: mean(list(strata[0].values()))
        for name, strata in questions.items()
        if len(strata) == 1
    }
    return FiguresReport(
        suite="clapnq",
        groups={"passages": figures | _figures_of_both(yes, no)},
        questions=questions,
    )


def _by_question(yes: Answered, no: Answered) -> dict[str, Strata]:
    shared = {
        key(row.text): precision_recall([c.quote for c in citations(given)], row.selected)
        for row, given in yes
        if row.selected
    }
    answered = {key(row.text): float(not given.refused) for row, given in yes}
    refused = {key(row.text): float(given.refused) for row, given in no}
    return {
        "rouge_l": [{key(row.text): best_rouge(row, given) for row, given in yes}],
        "balanced_accuracy": [answered, refused],
        "precision": [{name: value for name, (value, _) in shared.items() if value is not None}],
        "recall": [{name: value for name, (_, value) in shared.items()}],
        "answered_of_answerable": [answered],
        "refused_of_unanswerable": [refused],
    }


def _figures_of_both(yes: Answered, no: Answered) -> dict[str, Estimate]:
    return {
        "balanced_accuracy": balanced_accuracy(
            [not given.refused for _, given in yes], [given.refused for _, given in no]
        ),
        "rouge_l_answered": mean([best_rouge(*pair) for pair in yes if not pair[1].refused]),
        "auroc": auroc(
            [probability(given) for _, given in yes], [probability(given) for _, given in no]
        ),
    }


def best_rouge(row: PassageQuestion, given: Answer) -> float:
    """RougeL with the nearest of the answers that people wrote; 0 for a refusal."""
    if given.refused:
        return 0.0
    return max((rouge_l(given.text, reference) for reference in row.answers), default=0.0)


def _ask(row: PassageQuestion, library: Library, places: Mapping[str, str]) -> Answer:
    """The question, with its passage as the only article."""
    return answer(row.text, library=library, filters=Filters(articles=(places[row.passage],)))
