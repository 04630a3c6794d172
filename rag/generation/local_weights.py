"""Open weights from a folder, in this process, through LlamaIndex's ``HuggingFaceLLM``.

Nothing is downloaded: the folder is all there is, and code in it is not run.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.errors import BackendError, MissingExtra
from rag.generation.base import Call
from rag.generation.llamaindex import LlamaBackend
from rag.generation.providers import Preset
from rag.policy.rules import Destination
from rag.query.query import Query
from rag.types import BackendInfo, Evidence

INSTALL = 'pip install "footnote-rag[transformers]"'
LOADING = threading.Lock()


class Weights:
    """A backend over a folder of weights. They are loaded at the first draft, once in a process.

    Raises:
        BackendError: The folder holds no model.
    """

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._folder = Path(preset.folder or "").expanduser().absolute()
        if not (self._folder / "config.json").is_file():
            told = f"{str(self._folder)!r} holds no model: config.json is missing."
            raise BackendError(preset.name, told)
        self.info = BackendInfo(preset.name, self._folder.name, preset.location)
        self.destination = Destination(preset.name, "", preset.location)

    def draft(
        self, query: Query, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Iterator[str]:
        """See `rag.generation.base.Backend.draft`.

        Raises:
            MissingExtra: The extra ``transformers`` is not installed.
        """
        yield from self._loaded().draft(query, evidence, call)

    def complete(
        self, messages: list[dict[str, str]], call: Call, articles: Sequence[str] = ()
    ) -> str:
        """See `rag.generation.base.Completes`."""
        return self._loaded().complete(messages, call, articles)

    def _loaded(self) -> LlamaBackend:
        preset = self._preset
        with LOADING:
            llm = _load(str(self._folder), preset.name, preset.output)
        return LlamaBackend(llm, name=preset.name, location=preset.location, reasons=preset.reasons)

    def probe(self, call: Call) -> tuple[str, ...]:
        return (self._folder.name,)


@lru_cache(maxsize=2)
def _load(folder: str, name: str, output: int) -> Any:
    # Before the import, which reads it: the hub is not to be asked, whatever is missing.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        transformers = importlib.import_module("transformers")
        torch = importlib.import_module("torch")
        huggingface = importlib.import_module("llama_index.llms.huggingface")
    except ImportError as error:
        raise MissingExtra("The part that runs models in this process", INSTALL) from error
    offline = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **offline)
        dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **offline)
        if torch.cuda.is_available():
            model = model.to("cuda")
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        told = f"the weights in {folder!r} cannot be loaded ({str(error)[:200]})."
        raise BackendError(name, told) from error
    window = int(getattr(model.config, "max_position_embeddings", 4_096))
    return huggingface.HuggingFaceLLM(
        model=model,
        tokenizer=tokenizer,
        model_name=Path(folder).name,
        tokenizer_name=folder,
        context_window=window,
        max_new_tokens=min(output, max(16, window // 4)),
        generate_kwargs={"do_sample": False},
        is_chat_model=True,
    )
