"""Answering from one given passage, or saying that it does not answer (CLAP NQ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.abstention import chance
from eval.citations import precision_recall
from eval.datasets import PassageQuestion, key
from eval.metrics import auroc, balanced_accuracy, mean, rouge_l
from eval.paired_comparison import Measured
from eval.seeds import citations
from rag import Answer, Filters, Library, answer


def measure(
    rows: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> Measured:
    """The figures; a refusal of an answerable question counts 0 for its text and its recall."""
    pairs = [(row, ask(row, library, places)) for row in rows if row.passage in places]
    yes = [(row, said) for row, said in pairs if row.answerable]
    no = [(row, said) for row, said in pairs if not row.answerable]
    shared = {
        key(row.text): precision_recall([c.quote for c in citations(said)], row.selected)
        for row, said in yes
        if row.selected
    }
    answered = {key(row.text): float(not said.refused) for row, said in yes}
    refused = {key(row.text): float(said.refused) for row, said in no}
    questions = {
        "rouge_l": [{key(row.text): likeness(row, said) for row, said in yes}],
        "balanced_accuracy": [answered, refused],
        "precision": [{name: value for name, (value, _) in shared.items() if value is not None}],
        "recall": [{name: value for name, (_, value) in shared.items()}],
        "answered_of_answerable": [answered],
        "refused_of_unanswerable": [refused],
    }
    figures = {
        name: mean(list(strata[0].values()))
        for name, strata in questions.items()
        if len(strata) == 1
    }
    figures["balanced_accuracy"] = balanced_accuracy(
        [not said.refused for _, said in yes], [said.refused for _, said in no]
    )
    figures["rouge_l_answered"] = mean([likeness(*pair) for pair in yes if not pair[1].refused])
    figures["auroc"] = auroc([chance(said) for _, said in yes], [chance(said) for _, said in no])
    return Measured({"passages": figures}, questions)


def likeness(row: PassageQuestion, said: Answer) -> float:
    """RougeL with that of the people's answers which is nearest, as the set is scored elsewhere.

    A refusal counts 0.
    """
    if said.refused:
        return 0.0
    return max((rouge_l(said.text, answer) for answer in row.answers), default=0.0)


def ask(row: PassageQuestion, library: Library, places: Mapping[str, str]) -> Answer:
    """The question, with its passage as the only article."""
    return answer(row.text, library=library, filters=Filters(articles=(places[row.passage],)))
