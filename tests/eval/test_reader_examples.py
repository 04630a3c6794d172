"""What the network learns from."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from eval.training.reader.editing import falsified, names, with_lead_in
from eval.training.reader.examples import (
    CONTRADICTED,
    NOT_STATED,
    SUPPORTED,
    Example,
    Maker,
    Neighbours,
    public_examples,
)
from eval.training.reader.texts import Claim, Question, Text, read_additions, read_texts

SAMPLE = Path(__file__).parents[1] / "data" / "reader_sample.jsonl"


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return read_texts(SAMPLE)


@pytest.fixture(scope="module")
def examples(texts: list[Text]) -> list[Example]:
    return [one for seed in range(5) for one in Maker(texts, seed).examples()]


def test_the_seed_decides(texts: list[Text]) -> None:
    assert Maker(texts, 3).examples() == Maker(texts, 3).examples()
    assert Maker(texts, 3).examples() != Maker(texts, 4).examples()


def test_what_bears_a_claim_out_is_in_its_window(
    examples: list[Example], texts: list[Text]
) -> None:
    claims = {claim.text: (text, claim) for text in texts for claim in text.claims}
    seen = 0
    for example in examples:
        if example.claim == SUPPORTED and example.query in claims:
            text, claim = claims[example.query]
            gold = {text.sentences[number - 1] for number in claim.sentences}
            assert {example.window.sentences[number - 1] for number in example.gold} == gold
            seen += 1
    assert seen > 50


def test_only_true_claims_and_answered_questions_have_gold(examples: list[Example]) -> None:
    for example in examples:
        assert all(1 <= number <= len(example.window.sentences) for number in example.gold)
        assert not example.gold or example.claim in (SUPPORTED, None)


def test_every_label_and_questions_of_both_kinds_occur(examples: list[Example]) -> None:
    labels = {example.claim for example in examples}
    assert labels == {SUPPORTED, CONTRADICTED, NOT_STATED, None}
    asked = [example for example in examples if example.claim is None]
    assert any(example.gold for example in asked) and any(not example.gold for example in asked)


@pytest.mark.parametrize(
    "sentence",
    [
        "It sold 40 boats in 2021.",
        "The bridge was closed on Monday.",
        "Anna Berg is not the owner.",
        "Prices rose in the town.",
    ],
)
def test_a_falsified_sentence_is_another(sentence: str) -> None:
    for seed in range(20):
        changed = falsified(sentence, random.Random(seed), ["Otto Lind"])
        assert changed is not None and changed != sentence


def test_a_sentence_without_anything_to_change_stays() -> None:
    assert falsified("People danced.", random.Random(0), []) is None


def test_names_are_found_in_the_middle_of_sentences() -> None:
    assert names("Yesterday Anna Berg met Otto in June.") == ["Yesterday Anna Berg", "Otto"]


def test_a_lead_in_keeps_the_claim() -> None:
    said = with_lead_in("The mill reopened.", random.Random(0))
    assert said.endswith(" the mill reopened.")
    assert with_lead_in("Anna left.", random.Random(0)).endswith(" Anna left.")


def test_near_texts_share_rare_words(texts: list[Text]) -> None:
    near = Neighbours(texts * 2)
    words = " ".join(texts[3].sentences[:2])
    assert near.near(words, own=3)[0] == 3 + len(texts)
    assert near.best_sentence(texts[3].sentences[2], texts[3].sentences) == 2


def test_public_pairs_become_examples() -> None:
    pairs = [
        {"set": "snli", "text": "A man runs.", "other": "He sits.", "label": "contradiction"},
        {"set": "qnli", "text": "Who ran?", "other": "A man ran.", "label": "entailment"},
        {"set": "qnli", "text": "Who sat?", "other": "It rained.", "label": "not_entailment"},
    ]
    claim, answered, missed = public_examples(pairs, 1)
    assert claim.claim == CONTRADICTED and claim.window.sentences == ("A man runs.",)
    (number,) = answered.gold
    assert answered.window.sentences[number - 1] == "A man ran."
    assert not missed.gold


def test_further_claims_are_added_to_the_text_of_their_id(
    texts: list[Text], tmp_path: Path
) -> None:
    file = tmp_path / "more.jsonl"
    claim = {"text": "It is so.", "label": "supported", "kind": "close", "sentences": [1, 99]}
    asked = {"q": "Is it so?", "answers": [1]}
    rows = [{"id": name, "claims": [claim], "questions": [asked]} for name in (texts[1].id, "none")]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (added,) = read_additions(file, texts)
    assert added.sentences == texts[1].sentences
    assert added.claims == (Claim("It is so.", "supported", "close", (1,)),)
    assert added.questions == (Question("Is it so?", (1,)),)
