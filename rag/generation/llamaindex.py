"""Backends built on LlamaIndex: any of its ``LLM`` objects, and open weights in a local folder.

An object opens its own connections, so the policy is asked before it gets a prompt. Where it sends
text is read from its address. An object without one may send text anywhere, unless it is known to
work in this process or `as_backend` was told.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.errors import (
    BackendError,
    BadReply,
    ContextTooLong,
    FootnoteError,
    MissingExtra,
    ServerFailed,
)
from rag.generation import prompts
from rag.generation.base import CallContext, join_text
from rag.generation.output_cleaning import (
    COMPLETE_REASONS,
    ReasoningFilter,
    field_of,
    unwrap_stream,
)
from rag.generation.providers import Provider
from rag.generation.redaction import excerpt
from rag.policy import LOCAL, UNKNOWN, Destination, host_of, is_loopback
from rag.query import Query
from rag.types import BackendInfo, Evidence

# Classes of LlamaIndex that compute in this process.
IN_PROCESS = ("MockLLM", "HuggingFaceLLM", "LlamaCPP", "IpexLLM", "OpenVINOLLM")
# Tokens kept free for the answer.
OUTPUT_TOKENS = 1_024
INSTALL = 'pip install "footnote-rag[transformers]"'
LOADING = threading.Lock()


class LlamaIndexBackend:
    """Drafts with a LlamaIndex ``LLM``.

    Args:
        llm: The object.
        name: How the answer names its writer; by default the class.
        location: ``local`` or a country; by default read from the object's address.
        reasons: Whether the model reasons in tags before it answers.
    """

    def __init__(
        self,
        llm: Any,
        *,
        name: str | None = None,
        location: str | None = None,
        reasons: bool = False,
    ) -> None:
        self._llm = llm
        kind = type(llm).__name__
        host = host_of(llm)
        if location is None:
            is_local = is_loopback(host) if host else kind in IN_PROCESS
            location = LOCAL if is_local else UNKNOWN
        metadata = llm.metadata
        self._context_window = int(metadata.context_window or 0)
        self._reasons = reasons
        self.info = BackendInfo(name or kind, metadata.model_name or None, location)
        self.destination = Destination(self.info.name, host, location)

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        context = context or CallContext()
        window = self._context_window
        room = self._room
        question = query.asked or query.text
        fitting = prompts.fit_evidence(question, evidence, room)
        if evidence and not fitting:
            raise ContextTooLong(self.info.name, f"not one passage fits into {window} tokens.")
        if omitted := len(evidence) - len(fitting):
            context.note(prompts.omission_note(omitted, self.info.name, window))
        messages = prompts.draft_messages(question, fitting)
        articles = [item.source.id for item in fitting]
        yield from unwrap_stream(self._reply(messages, context, articles))

    @property
    def _room(self) -> int:
        """Tokens that a prompt may have."""
        return self._context_window - min(OUTPUT_TOKENS, self._context_window // 2)

    def capacity(self, context: CallContext) -> int:
        return prompts.passages_for(self._room, brief=False)

    def complete(
        self,
        messages: list[dict[str, str]],
        context: CallContext,
        articles: Sequence[str] = (),
        output: int | None = None,
    ) -> str:
        """See `rag.generation.base.LanguageModelBackend.complete`; ``output`` has no effect."""
        return join_text(self._reply(messages, context, articles))

    def probe(self, context: CallContext) -> tuple[str, ...]:
        """The model's name: an object cannot be asked without text, and is taken to be there."""
        return (self.info.model,) if self.info.model else ()

    def _reply(
        self, messages: list[dict[str, str]], context: CallContext, articles: Sequence[str]
    ) -> Iterator[str]:
        """The reply without its reasoning."""
        context.authorize(
            self.destination,
            model=self.info.model,
            characters=prompts.count_characters(messages),
            articles=articles,
        )
        reasoning = ReasoningFilter(expected=self._reasons)
        for piece in self._pieces(messages, context):
            yield from reasoning.feed(piece)
        yield from reasoning.finish()
        context.reasoning.extend(reasoning.reasoning)
        if reasoning.unclosed:
            reason = "the reply ended while the model was still reasoning."
            raise BadReply(self.info.name, reason)
        if reasoning.is_blank:
            raise BadReply(self.info.name, "the answer is empty.")

    def _pieces(self, messages: list[dict[str, str]], context: CallContext) -> Iterator[str]:
        """The raw text; any error of the object becomes one of ours."""
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=m["role"], content=m["content"]) for m in messages]
        reason = ""
        fault: BackendError | None = None
        try:
            for response in self._responses(chat):
                reason = finish_reason(response) or reason
                if thought := (response.additional_kwargs or {}).get("thinking_delta"):
                    context.reasoning.append(str(thought))
                yield response.delta or ""
        except FootnoteError:
            raise
        # The object may be anybody's, and so may its errors.
        except Exception as error:
            message = f"{type(error).__name__}: {excerpt(str(error), None)}"
            fault = ServerFailed(self.info.name, message)
        if fault is not None:
            raise fault
        # Many objects give no reason; with these, the end of the text is the end.
        if reason and reason.lower() not in COMPLETE_REASONS:
            raise BadReply(self.info.name, f"the model stopped with the reason {reason!r}.")

    def _responses(self, chat: list[Any]) -> Iterator[Any]:
        """Streamed if the object can, otherwise in one piece."""
        try:
            stream = self._llm.stream_chat(chat)
        except NotImplementedError:
            response = self._llm.chat(chat)
            response.delta = response.message.content
            yield response
        else:
            yield from stream


def finish_reason(response: Any) -> str:
    """Why the model stopped, where the response holds what an OpenAI-compatible server said."""
    choices = field_of(field_of(response, "raw"), "choices")
    return str(field_of(choices[0], "finish_reason") or "") if choices else ""


def is_llm(value: object) -> bool:
    """Whether it is a LlamaIndex ``LLM``, found out without importing LlamaIndex."""
    return any(
        base.__name__ in ("LLM", "BaseLLM") and base.__module__.startswith("llama_index.")
        for base in type(value).__mro__
    )


# What users call to give an object a name and a location.
as_backend = LlamaIndexBackend


class LocalWeights:
    """A backend that runs the weights in a folder in this process, through ``HuggingFaceLLM``.

    Nothing is downloaded, and code in the folder is not run. The weights are loaded for the first
    draft, once per process.

    Raises:
        BackendError: The folder holds no model.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._folder = Path(provider.folder or "").expanduser().absolute()
        if not (self._folder / "config.json").is_file():
            reason = f"{str(self._folder)!r} holds no model: config.json is missing."
            raise BackendError(provider.name, reason)
        self.info = BackendInfo(provider.name, self._folder.name, provider.location)
        self.destination = Destination(provider.name, "", provider.location)

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        """See `rag.generation.base.Backend.draft`.

        Raises:
            MissingExtra: The extra ``transformers`` is not installed.
        """
        yield from self._loaded().draft(query, evidence, context)

    def capacity(self, context: CallContext) -> int:
        return self._loaded().capacity(context)

    def complete(
        self,
        messages: list[dict[str, str]],
        context: CallContext,
        articles: Sequence[str] = (),
        output: int | None = None,
    ) -> str:
        """See `rag.generation.base.LanguageModelBackend.complete`; ``output`` has no effect."""
        return self._loaded().complete(messages, context, articles)

    def probe(self, context: CallContext) -> tuple[str, ...]:
        return (self._folder.name,)

    def _loaded(self) -> LlamaIndexBackend:
        name, location = self._provider.name, self._provider.location
        with LOADING:
            llm = load_weights(str(self._folder), name, self._provider.output)
        return LlamaIndexBackend(llm, name=name, location=location, reasons=self._provider.reasons)


@lru_cache(maxsize=2)
def load_weights(folder: str, name: str, output: int) -> Any:
    """A ``HuggingFaceLLM`` over a folder, on the GPU if there is one.

    Args:
        folder: Holds weights, configuration and tokenizer.
        name: The backend's, for errors.
        output: Most tokens of an answer.

    Raises:
        MissingExtra: The extra ``transformers`` is not installed.
        BackendError: The weights cannot be loaded.
    """
    # Read at import: the model hub must never be asked, even for a missing file.
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
        reason = f"the weights in {folder!r} cannot be loaded ({str(error)[:200]})."
        raise BackendError(name, reason) from error
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
