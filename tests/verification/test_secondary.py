"""Stronger checkers: models from a folder, judges behind the policy, and what they may change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from articles import BRIDGE, evidence_of
from rag import (
    BackendError,
    Evidence,
    Library,
    Settings,
    SettingsError,
    answer,
    ingest,
    load_checker,
    load_settings,
    open_library,
)
from rag.cli.doctor import diagnose
from rag.settings import BackendSettings
from rag.verification import SecondaryReview
from rag.verification.entailment import Entailment
from rules_alone import verify_by_rules
from scripted_server import answers, free_port, scripted
from ui.command import serve

EVIDENCE = evidence_of(BRIDGE)
OWN_WORDS = "The bridge reopened on Monday after repairs that cost $12 million."
REWORDED = "Repairs that cost $12 million came before the bridge reopened on Monday."
WRONG = "The bridge reopened on Monday after repairs that cost $15 million."


class Fixed:
    """A scorer that always says the same, or fails."""

    name = "the fixed one"

    def __init__(self, sure: float | None) -> None:
        self.sure = sure
        self.asked: list[str] = []

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        self.asked.append(sentence)
        assert all(item.passage.text in BRIDGE.text for item in passages)
        if self.sure is None:
            raise BackendError(self.name, "it is asleep.")
        return self.sure


def test_it_doubts_what_the_rules_let_pass() -> None:
    assert verify_by_rules(REWORDED, EVIDENCE)[0].verdict == "supported"
    (sentence,) = verify_by_rules(REWORDED, EVIDENCE, SecondaryReview(Fixed(0.1)))
    assert sentence.verdict == "unconfirmed"
    assert sentence.support == pytest.approx(0.1)
    assert "the fixed one doubts" in sentence.why
    assert sentence.citations == verify_by_rules(REWORDED, EVIDENCE)[0].citations


class SureOf:
    """A scorer that is surer of some texts than of others."""

    name = "the choosy one"

    def __init__(self, sure: Callable[[str], float]) -> None:
        self.sure = sure

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        return self.sure(" ".join(item.passage.text for item in passages))


def test_the_surer_of_quote_and_window_counts() -> None:
    (sentence,) = verify_by_rules(REWORDED, EVIDENCE)
    (quote,) = (citation.quote for citation in sentence.citations)
    for only in (lambda text: text == quote, lambda text: text != quote):
        review = SecondaryReview(SureOf(lambda text, only=only: 0.9 if only(text) else 0.2))
        assert verify_by_rules(REWORDED, EVIDENCE, review)[0].verdict == "supported"
    review = SecondaryReview(SureOf(lambda text: 0.3 if text == quote else 0.2))
    assert verify_by_rules(REWORDED, EVIDENCE, review)[0].support == pytest.approx(0.3)


@pytest.mark.parametrize(("threshold", "verdict"), [(0.3, "supported"), (0.31, "unconfirmed")])
def test_the_threshold_is_a_setting(threshold: float, verdict: str, library: Library) -> None:
    settings = load_settings(checker_threshold=threshold)
    found = answer(
        QUESTION, library=library, backend=Reworded(), checker=Fixed(0.3), settings=settings
    )
    assert found.sentences[0].verdict == verdict


def test_it_overrules_no_objection() -> None:
    sure = Fixed(1.0)
    assert verify_by_rules(WRONG, EVIDENCE, SecondaryReview(sure)) == verify_by_rules(
        WRONG, EVIDENCE
    )
    assert not sure.asked


def test_an_articles_own_words_need_no_second_opinion() -> None:
    doubting = Fixed(0.0)
    assert verify_by_rules(OWN_WORDS, EVIDENCE, SecondaryReview(doubting))[0].verdict == "supported"
    assert not doubting.asked


def test_a_failure_is_told_once_and_changes_nothing() -> None:
    failing = Fixed(None)
    review = SecondaryReview(failing)
    found = verify_by_rules(f"{REWORDED} {REWORDED}", EVIDENCE, review)
    assert [s.verdict for s in found] == ["supported", "supported"]
    assert len(failing.asked) == 1
    assert len(review.notes) == 1 and "asleep" in review.notes[0]


def model_folder(folder: Path, labels: Sequence[str], seed: int = 1, cut: bool = False) -> Path:
    """A tiny network of random weights: mean of the words' vectors, then one score a label."""
    words = sorted({word.strip(".,").lower() for word in BRIDGE.text.split()})
    vocabulary = {word: n for n, word in enumerate(["[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "id2label": {str(n): label for n, label in enumerate(labels)},
        "max_position_embeddings": 32,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    generator = np.random.default_rng(seed)
    # Small, so that the outputs stay where two sentences can be told apart.
    table = (0.02 * generator.normal(size=(len(vocabulary), 8))).astype(np.float32)
    last = generator.normal(size=(8, len(labels))).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Unsqueeze", ["attention_mask", "two"], ["wide"]),
        helper.make_node("Cast", ["wide"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["vectors", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["sum", "last"], ["logits"]),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(labels)])
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(last, "last"),
        numpy_helper.from_array(np.array([1], np.int64), "one"),
        numpy_helper.from_array(np.array([2], np.int64), "two"),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    data = model.SerializeToString()
    (folder / "model.onnx").write_bytes(data[:50] if cut else data)
    return folder


def test_a_model_from_a_folder(tmp_path: Path) -> None:
    one = Entailment(model_folder(tmp_path / "a", ["contradiction", "neutral", "entailment"]))
    turned = Entailment(model_folder(tmp_path / "b", ["entailment", "neutral", "contradiction"]))
    middle = Entailment(model_folder(tmp_path / "c", ["contradiction", "entailment", "neutral"]))
    chances = [each.score(EVIDENCE, REWORDED) for each in (one, turned, middle)]
    # The same weights: the label order alone decides which output is read.
    assert sum(chances) == pytest.approx(1.0)
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    assert one.name == "the entailment model a"


def test_a_long_article_is_cut_and_the_sentence_is_not(tmp_path: Path) -> None:
    model = Entailment(model_folder(tmp_path / "a", ["entailment", "other"]))
    long = evidence_of(BRIDGE.build(f"{BRIDGE.text} " * 40, title="Long", origin="long"))
    assert model.score(long, REWORDED) != model.score(long, OWN_WORDS)


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1", "LABEL_2"], ["not_entailment", "no"]])
def test_labels_must_name_entailment(labels: list[str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="id2label") as caught:
        Entailment(model_folder(tmp_path / "a", labels))
    assert ('"id2label": {"0": "entailment"' in str(caught.value)) == (labels[0] == "LABEL_0")


@pytest.mark.parametrize("labels", [["0", "1"], ["label 0", "Label-1"]])
def test_labels_that_are_only_numbers_are_an_error_with_a_way_out(
    labels: list[str], tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"only numbers.*config\.json"):
        Entailment(model_folder(tmp_path / "a", labels))


def test_a_broken_model_is_named_before_it_is_asked(tmp_path: Path) -> None:
    sound = model_folder(tmp_path / "sound", ["entailment", "other"])
    broken = model_folder(tmp_path / "broken", ["entailment", "other"], cut=True)
    loaded = load_checker(load_settings(checker=str(sound)))
    assert loaded is not None and loaded.name == "the entailment model sound"
    assert load_checker(load_settings()) is None
    settings = load_settings(checker=str(broken), reranker=str(broken), library=str(tmp_path))
    with pytest.raises(BackendError, match="broken"):
        load_checker(settings)
    found = {finding.part: finding for finding in diagnose(settings)}
    assert not found["checker"].ok and "broken" in found["checker"].message
    assert not found["reranker"].ok
    with pytest.raises(BackendError, match="broken"):
        serve(library=[tmp_path / "library"], checker=str(broken))
    assert not (tmp_path / "library").exists()


def test_one_output_is_a_chance_by_itself(tmp_path: Path) -> None:
    found = Entailment(model_folder(tmp_path / "a", ["LABEL_0"]))
    assert found.entails is None
    assert found.chance([0.0]) == 0.5
    with pytest.raises(BackendError):
        found.chance([float("nan")])


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="judge:NAME"):
        Entailment(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("judged")
    file = folder / "bridge.md"
    file.write_text(f"# {BRIDGE.source.title}\n\n{BRIDGE.text}\n", encoding="utf-8")
    with open_library(folder / "library", create=True) as opened:
        ingest(file, opened)
        yield opened


QUESTION = "When did the bridge reopen and what did the repairs cost?"


def judged_by(address: str, location: str = "local") -> Settings:
    judge = BackendSettings(
        name="judge", base_url=address, model="tiny", location=location, patience=0.1
    )
    drafter = replace(judge, name="drafter")
    return replace(
        load_settings(checker="judge:judge"), backend=("drafter",), backends=(judge, drafter)
    )


@pytest.mark.parametrize(
    ("said", "verdict", "noted"),
    [
        ('[{"sentence": 1, "verdict": "SUPPORTED"}]', "supported", False),
        ('[{"sentence": 1, "verdict": "unsupported."}]', "unconfirmed", False),
        ('[{"sentence": 1, "verdict": "PARTLY"}]', "unconfirmed", False),
        ("I think that it is SUPPORTED", "supported", True),
        ("UNSUPPORTED", "supported", True),
        ("{}", "supported", True),
    ],
)
def test_a_judge(said: str, verdict: str, noted: bool, library: Library) -> None:
    with scripted(answers(f"{REWORDED} [1]"), answers(said)) as server:
        found = answer(QUESTION, library=library, settings=judged_by(server.address))
    # Below a draft without anything confirmed, the articles' own words follow.
    below = [] if verdict == "supported" else ["no_claim", "supported", "supported"]
    assert [s.verdict for s in found.sentences] == [verdict, *below]
    assert any("the judge judge" in note for note in found.trace.notes) == noted
    prompt = server.asked[1].prompt
    assert REWORDED in prompt and "UNSUPPORTED" in prompt and QUESTION not in prompt


def test_a_judge_that_is_gone_leaves_the_built_in_check(library: Library) -> None:
    with scripted(answers(f"{REWORDED} [1]")) as server:
        settings = judged_by(server.address)
        gone = replace(settings.backends[0], base_url=f"http://127.0.0.1:{free_port()}/v1")
        settings = replace(settings, backends=(gone, settings.backends[1]))
        found = answer(QUESTION, library=library, settings=settings)
    assert [s.verdict for s in found.sentences] == ["supported"]
    assert any("only the built-in check counts" in note for note in found.trace.notes)


def test_the_policy_holds_for_judges(library: Library) -> None:
    before = len(library.egress_log.calls())
    with scripted(answers('[{"sentence": 1, "verdict": "UNSUPPORTED"}]')) as server:
        settings = replace(judged_by(server.address, location="US"), backend=("extractive",))
        rewording = Reworded()
        found = answer(QUESTION, library=library, backend=rewording, settings=settings)
        assert not server.asked and found.sentences[0].verdict == "supported"
        assert any("text_may_go_to" in note for note in found.trace.notes)
        allowed = replace(settings, text_may_go_to=("local", "US"))
        found = answer(QUESTION, library=library, backend=rewording, settings=allowed)
    assert found.sentences[0].verdict == "unconfirmed"
    assert found.trace.left_machine == ("127.0.0.1",)
    calls = library.egress_log.calls()[before:]
    assert [(call.backend, call.location) for call in calls] == [("judge", "US")]
    assert calls[0].articles == (found.sentences[0].citations[0].article_id,)


class Reworded:
    """A backend of this process that needs no server."""

    from rag.types import BackendInfo

    info = BackendInfo("reworded")
    destination = None

    def draft(self, question: str, evidence: Sequence[Evidence], call: object) -> Iterator[str]:
        yield f"{REWORDED} [1]"


@pytest.mark.parametrize("wanted", ["judge:", "judge:extractive", "/nowhere/at/all", ""])
def test_settings_that_name_no_checker(wanted: str, library: Library) -> None:
    with pytest.raises(SettingsError):
        answer(QUESTION, library=library, checker=wanted)


def test_a_broken_model_leaves_the_built_in_check(tmp_path: Path, library: Library) -> None:
    folder = model_folder(tmp_path / "broken", ["entailment", "other"], cut=True)
    found = answer(QUESTION, library=library, backend=Reworded(), checker=str(folder))
    assert found.sentences[0].verdict == "supported"
    assert any("cannot be loaded" in note for note in found.trace.notes)


def test_an_object_of_the_callers_own(library: Library) -> None:
    found = answer(QUESTION, library=library, backend=Reworded(), checker=Fixed(0.2))
    assert found.sentences[0].verdict == "unconfirmed"
