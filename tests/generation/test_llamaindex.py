"""LlamaIndex ``LLM`` objects as backends, and open weights in this process."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drafting import ask, evidence
from rag.answering.backends import make_backend, wanted_backends
from rag.errors import BackendError, MissingExtra, PolicyRefused, ServerFailed, SettingsError
from rag.generation.draft_sentences import parse_draft
from rag.generation.llamaindex import LlamaIndexBackend, as_backend, is_llm
from rag.policy import Rule, host_of
from rag.query.query import Query
from rag.settings import BackendSettings, Settings
from scripted_server import TEXT, answers, scripted

core = pytest.importorskip("llama_index.core.llms")
core_field = pytest.importorskip("llama_index.core.bridge.pydantic").Field
LOCAL = (Rule("x", ("local",)),)

# Only the extractive answerer scores sentences.
SCORER: Any = None


class Told(core.CustomLLM):
    """Says what it was told to, word by word; with ``then``, fails afterwards."""

    text: str = TEXT
    then: str = ""
    api_base: str = "http://127.0.0.1:1/v1"
    seen: list[Any] = core_field(default_factory=list)

    @property
    def metadata(self) -> core.LLMMetadata:
        return core.LLMMetadata(model_name="told", context_window=4_096, is_chat_model=True)

    def complete(self, prompt: str, formatted: bool = False, **known: Any) -> Any:
        return core.CompletionResponse(text=self.text)

    def stream_complete(self, prompt: str, formatted: bool = False, **known: Any) -> Any:
        self.seen.append(prompt)

        def pieces() -> Iterator[Any]:
            said = ""
            for word in self.text.split(" "):
                said += word + " "
                yield core.CompletionResponse(text=said, delta=word + " ")
            if self.then:
                raise RuntimeError(self.then)

        return pieces()


def test_an_object_drafts() -> None:
    backend = LlamaIndexBackend(Told())
    outcome = ask(backend, rules=LOCAL)
    assert outcome.sentences == [*parse_draft(TEXT)] and outcome.broken is None
    assert backend.info.name == "Told" and backend.info.model == "told"
    assert "[3] Tarn planted" in backend._llm.seen[0]


def test_its_errors_are_ours() -> None:
    outcome = ask(LlamaIndexBackend(Told(text="", then="boom")), rules=LOCAL)
    assert isinstance(outcome.error, ServerFailed) and "boom" in str(outcome.error)
    outcome = ask(LlamaIndexBackend(Told(then="boom")), rules=LOCAL)
    assert outcome.broken and "1932" in outcome.text


def test_what_it_thinks_is_kept_out() -> None:
    outcome = ask(LlamaIndexBackend(Told(text=f"<think>It says 1999.</think> {TEXT}")), rules=LOCAL)
    assert "1999" not in outcome.text
    assert outcome.drafter and outcome.drafter.reasoning == "It says 1999."


def test_the_policy_is_asked_before_the_object_is() -> None:
    told = Told(api_base="https://api.one.example/v1", seen=[])
    outcome = ask(LlamaIndexBackend(told), rules=LOCAL)
    assert isinstance(outcome.error, PolicyRefused) and told.seen == []
    assert host_of(told) == "api.one.example"
    log: list[Any] = []
    rules = (Rule("x", ("api.one.example",)),)
    outcome = ask(LlamaIndexBackend(told), rules=rules, log=log.append)
    assert outcome.error is None and log[0].host == "api.one.example"
    assert outcome.drafter and outcome.drafter.left_machine == ("api.one.example",)


def test_an_object_without_an_address_may_be_anywhere() -> None:
    told = Told(api_base="", seen=[])
    assert isinstance(ask(LlamaIndexBackend(told), rules=LOCAL).error, PolicyRefused)
    assert ask(as_backend(told, name="mine", location="local"), rules=LOCAL).error is None
    assert ask(LlamaIndexBackend(told), rules=(Rule("x", ("anywhere",)),)).error is None


def test_the_mock_of_llamaindex_works_in_this_process() -> None:
    mock = core.MockLLM(max_tokens=50)
    assert is_llm(mock) and not is_llm("mock") and not is_llm(None)
    outcome = ask(make_backend(mock, SCORER, Settings(library=Path("x"))), rules=LOCAL)
    assert outcome.text


def test_openailike_objects_work_too() -> None:
    openai_like = pytest.importorskip("llama_index.llms.openai_like")
    with scripted(answers()) as server:
        llm = openai_like.OpenAILike(
            model="tiny", api_base=server.address, api_key="none", is_chat_model=True, max_retries=0
        )
        outcome = ask(LlamaIndexBackend(llm), rules=LOCAL)
    assert outcome.sentences == [*parse_draft(TEXT)]
    with scripted(answers(finish="length")) as server:
        llm.api_base = server.address
        llm._client = None
        assert ask(LlamaIndexBackend(llm), rules=LOCAL).broken


def test_what_may_be_given_as_backend() -> None:
    told = Told()
    assert wanted_backends("a, b,extractive") == ("a", "b", "extractive")
    assert wanted_backends(["a", told]) == ("a", told)
    assert wanted_backends(told) == (told,) and wanted_backends(None) == ()
    with pytest.raises(SettingsError):
        make_backend(7, SCORER, Settings(library=Path("x")))


def own(folder: Path) -> Settings:
    return Settings(library=Path("x"), backends=(BackendSettings(name="w", folder=str(folder)),))


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"config\.json is missing"):
        make_backend("w", SCORER, own(tmp_path))


@pytest.mark.skipif(bool(importlib.util.find_spec("torch")), reason="torch is installed")
def test_without_the_extra_the_command_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(MissingExtra, match="footnote-rag\\[transformers\\]"):
        list(make_backend("w", SCORER, own(tmp_path)).draft(Query(text="When?"), evidence()))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights with a tokenizer of a few words, made here."""
    for name in ("torch", "transformers", "llama_index.llms.huggingface"):
        pytest.importorskip(name, reason="the extra 'transformers' is not installed")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("weights")
    words = "<s> </s> <unk> the bridge of Esk opened in 1932 and was painted red . [1] user system"
    tokens = {word: number for number, word in enumerate(words.split())}
    plain = Tokenizer(models.WordLevel(tokens, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        unk_token="<unk>",
    )
    said = "{{ m['role'] }} {{ m['content'] }}"
    tokenizer.chat_template = f"{{% for m in messages %}}{said}\n{{% endfor %}}"
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=4_096,
        bos_token_id=0,
        eos_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore")
def test_open_weights_draft_in_this_process(weights: Path) -> None:
    backend = make_backend("w", SCORER, own(weights))
    assert backend.destination and not backend.destination.leaves
    pieces = list(backend.draft(Query(text="When?"), evidence()))
    assert len(pieces) > 1 and "".join(pieces).strip(), "random letters, but streamed"
    again = make_backend(f"transformers:{weights}", SCORER, Settings(library=Path("x")))
    assert "".join(again.draft(Query(text="When?"), evidence())).strip()
