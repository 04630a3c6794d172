"""Answering from one given passage, or saying that it does not answer (CLAP NQ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.bench import PassageQuestion
from eval.citing import precision_recall
from eval.metrics import Estimate, auroc, balanced_accuracy, mean, rate, rouge_l
from eval.seeds import citations
from rag import Answer, Filters, Library, answer


def measure(
    rows: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> dict[str, dict[str, Estimate]]:
    """The figures; a refusal of an answerable question counts 0 for its text and its recall."""
    given = [ask(row, library, places) for row in rows if row.passage in places]
    asked = [row for row in rows if row.passage in places]
    pairs = list(zip(asked, given, strict=True))
    yes = [(row, said) for row, said in pairs if row.answerable]
    no = [said for row, said in pairs if not row.answerable]
    shared = [
        precision_recall([c.quote for c in citations(said)], row.selected)
        for row, said in yes
        if row.selected
    ]
    answered = [not said.refused for _, said in yes]
    refused = [said.refused for said in no]
    return {
        "passages": {
            "rouge_l": mean([0.0 if s.refused else best_rouge(s, r) for r, s in yes]),
            "rouge_l_answered": mean(
                [best_rouge(said, row) for row, said in yes if not said.refused]
            ),
            "balanced_accuracy": balanced_accuracy(answered, refused),
            "precision": mean([precision for precision, _ in shared if precision is not None]),
            "recall": mean([recall for _, recall in shared]),
            "answered_of_answerable": rate(answered),
            "refused_of_unanswerable": rate(refused),
            "auroc": auroc(
                [said.trace.chance or 0.0 for _, said in yes],
                [said.trace.chance or 0.0 for said in no],
            ),
        }
    }


def best_rouge(said: Answer, row: PassageQuestion) -> float:
    """RougeL with that of the people's answers which is nearest, as the set is scored elsewhere."""
    return max((rouge_l(said.text, answer) for answer in row.answers), default=0.0)


def ask(row: PassageQuestion, library: Library, places: Mapping[str, str]) -> Answer:
    """The question, with its passage as the only article."""
    return answer(row.text, library=library, filters=Filters(articles=(places[row.passage],)))
