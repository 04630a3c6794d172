"""Any LlamaIndex ``LLM`` object as a backend.

Its connections are its own, so the policy is asked before it gets a prompt. Where it sends it is
read from its address; an object without one may be anywhere, unless it is known to work in this
process or `as_backend` was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rag.errors import BackendError, BadReply, ContextTooLong, FootnoteError, ServerFailed
from rag.generation import prompts
from rag.generation.base import Call, Discard, fresh_fence, whole
from rag.generation.json_fields import DONE, get
from rag.generation.json_unwrap import unwrapped
from rag.generation.reasoning_tags import Thinking
from rag.generation.redaction import quoted
from rag.policy.rules import LOCAL, UNKNOWN, Destination, host_of, is_loopback
from rag.query.query import Query
from rag.types import BackendInfo, Evidence

# Classes of LlamaIndex that compute in this process.
IN_PROCESS = ("MockLLM", "HuggingFaceLLM", "LlamaCPP", "IpexLLM", "OpenVINOLLM")
# Tokens kept free for the answer.
OUTPUT = 1_024


class LlamaBackend:
    """Drafts with a LlamaIndex ``LLM``.

    Args:
        llm: The object.
        name: What the answer says about who wrote it; by default the class.
        location: ``local`` or a country; by default read from the object's address.
        reasons: Whether the model thinks aloud in tags before it answers.
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
            stays = is_loopback(host) if host else kind in IN_PROCESS
            location = LOCAL if stays else UNKNOWN
        metadata = llm.metadata
        self._context = int(metadata.context_window or 0)
        self._reasons = reasons
        self.info = BackendInfo(name or kind, metadata.model_name or None, location)
        self.destination = Destination(self.info.name, host, location)

    def draft(
        self, query: Query, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Iterator[str]:
        """See `rag.generation.base.Backend.draft`."""
        call = call or Call()
        output = min(OUTPUT, self._context // 2)
        chosen = prompts.fit(query.text, evidence, self._context - output)
        if len(chosen) < len(evidence):
            if not chosen:
                told = f"not one passage fits into {self._context} tokens."
                raise ContextTooLong(self.info.name, told)
            missing = len(evidence) - len(chosen)
            call.note(f"{missing} passages did not fit into the context of {self.info.name}.")
        messages = prompts.messages(query.text, chosen, fresh_fence())
        call.permit(
            self.destination,
            model=self.info.model,
            characters=prompts.characters(messages),
            articles=[item.source.id for item in chosen],
        )
        yield from unwrapped(self._visible(messages, call))

    def complete(
        self, messages: list[dict[str, str]], call: Call, articles: Sequence[str] = ()
    ) -> str:
        """See `rag.generation.base.Completes`."""
        size = prompts.characters(messages)
        model = self.info.model
        call.permit(self.destination, model=model, characters=size, articles=articles)
        return whole(self._visible(messages, call))

    def probe(self, call: Call) -> tuple[str, ...]:
        """An object cannot be asked without text; it is taken to be there."""
        return (self.info.model,) if self.info.model else ()

    def _visible(self, messages: list[dict[str, str]], call: Call) -> Iterator[str]:
        thinking = Thinking(expected=self._reasons)
        empty = True
        for piece in self._pieces(messages, call):
            for part in thinking.feed(piece):
                empty = isinstance(part, Discard) or (empty and not part.strip())
                yield part
        for part in thinking.finish():
            empty = empty and not part.strip()
            yield part
        call.reasoning.extend(thinking.thoughts)
        if thinking.unclosed:
            raise BadReply(self.info.name, "it ended while the model was still thinking aloud.")
        if empty:
            raise BadReply(self.info.name, "the answer is empty.")

    def _pieces(self, messages: list[dict[str, str]], call: Call) -> Iterator[str]:
        """The raw text; whatever the object raises becomes one of our errors."""
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=m["role"], content=m["content"]) for m in messages]
        finish = ""
        fault: BackendError | None = None
        try:
            for response in self._responses(chat):
                finish = reason_of(response) or finish
                if thought := (response.additional_kwargs or {}).get("thinking_delta"):
                    call.reasoning.append(str(thought))
                yield response.delta or ""
        except FootnoteError:
            raise
        # The object is anybody's, and so are its errors.
        except Exception as error:
            told = f"{type(error).__name__}: {quoted(str(error), None)}"
            fault = ServerFailed(self.info.name, told)
        if fault is not None:
            raise fault
        # Many kinds of object give no reason; for these the end is the end.
        if finish and finish not in DONE:
            raise BadReply(self.info.name, f"it stopped with the reason {finish!r}.")

    def _responses(self, chat: list[Any]) -> Iterator[Any]:
        """Streamed where the object can, whole where it cannot."""
        try:
            stream = self._llm.stream_chat(chat)
        except NotImplementedError:
            whole = self._llm.chat(chat)
            whole.delta = whole.message.content
            yield whole
        else:
            yield from stream


def reason_of(response: Any) -> str:
    """Why the model stopped, where the response holds what an OpenAI-compatible server said."""
    choices = get(get(response, "raw"), "choices")
    return str(get(choices[0], "finish_reason") or "") if choices else ""


def is_llm(value: object) -> bool:
    """Whether it is a LlamaIndex ``LLM``, told without importing LlamaIndex."""
    return any(
        base.__name__ in ("LLM", "BaseLLM") and base.__module__.startswith("llama_index.")
        for base in type(value).__mro__
    )


def as_backend(
    llm: Any, *, name: str | None = None, location: str | None = None, reasons: bool = False
) -> LlamaBackend:
    """A LlamaIndex ``LLM`` as a backend, saying where it stands when its object does not.

    Args:
        llm: The object.
        name: What the answer calls it.
        location: ``local`` for what stays on this machine, or a country's two letters.
        reasons: Whether the model thinks aloud in tags before it answers.
    """
    return LlamaBackend(llm, name=name, location=location, reasons=reasons)
