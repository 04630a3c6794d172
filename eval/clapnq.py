"""Answering from one given passage, or saying that it does not answer (CLAP NQ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.abstention import chance
from eval.bench import PassageQuestion, key
from eval.citations import precision_recall
from eval.metrics import auroc, balanced_accuracy, mean, rouge_l
from eval.scoreboard import Measured
from eval.seeds import citations
from rag import Answer, Filters, Library, answer


def measure(
    rows: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> Measured:
    """The figures; a refusal of an answerable question counts 0 for its text and its recall."""
    asked = [row for row in rows if row.passage in places]
    given = [ask(row, library, places) for row in asked]
    pairs = list(zip(asked, given, strict=True))
    yes = [(row, said) for row, said in pairs if row.answerable]
    no = [(row, said) for row, said in pairs if not row.answerable]
    likeness = {
        key(row.text): 0.0 if said.refused else rouge_l(said.text, row.answer) for row, said in yes
    }
    shared = {
        key(row.text): precision_recall([c.quote for c in citations(said)], row.selected)
        for row, said in yes
        if row.selected
    }
    answered = {key(row.text): float(not said.refused) for row, said in yes}
    refused = {key(row.text): float(said.refused) for row, said in no}
    precisions = {name: value for name, (value, _) in shared.items() if value is not None}
    recalls = {name: value for name, (_, value) in shared.items()}
    figures = {
        "rouge_l": mean(list(likeness.values())),
        "rouge_l_answered": mean(
            [rouge_l(said.text, row.answer) for row, said in yes if not said.refused]
        ),
        "balanced_accuracy": balanced_accuracy(
            [not said.refused for _, said in yes], [said.refused for _, said in no]
        ),
        "precision": mean(list(precisions.values())),
        "recall": mean(list(recalls.values())),
        "answered_of_answerable": mean(list(answered.values())),
        "refused_of_unanswerable": mean(list(refused.values())),
        "auroc": auroc([chance(said) for _, said in yes], [chance(said) for _, said in no]),
    }
    return Measured(
        {"passages": figures},
        {
            "rouge_l": [likeness],
            "balanced_accuracy": [answered, refused],
            "precision": [precisions],
            "recall": [recalls],
            "answered_of_answerable": [answered],
            "refused_of_unanswerable": [refused],
        },
    )


def ask(row: PassageQuestion, library: Library, places: Mapping[str, str]) -> Answer:
    """The question, with its passage as the only article."""
    return answer(row.text, library=library, filters=Filters(articles=(places[row.passage],)))
