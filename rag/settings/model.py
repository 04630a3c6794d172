"""What can be set, with defaults and units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# In characters: far longer than any real question, far shorter than a pasted book.
LONGEST_QUESTION = 2_000
# Of a text to be checked.
LONGEST_TEXT = 100_000
# Values of the setting ``checker`` besides a folder.
BUILTIN, JUDGE = "builtin", "judge"
CHECKERS = "builtin, judge, judge:NAME, or a folder with config.json, tokenizer.json and a model"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """One ``[backends.NAME]`` table: a preset of the user's, or changes to a built-in one.

    None keeps the value of the preset. Times are in seconds.

    Attributes:
        base_url: Address of an OpenAI-compatible server, up to and including ``/v1``.
        model: Name as the server knows it.
        folder: Folder with open weights, instead of a server.
        location: ``local``, or the two letters of the country where the host is.
        api_key_env: Environment variable with the key; empty for a server without keys.
        api_version: Sent as ``?api-version=``, which some Azure addresses need.
        context: Size of the context window in tokens, input and output together.
        output: Most tokens of an answer.
        stream: Whether the answer is streamed.
        reasons: Whether the model writes its reasoning, in tags, before the answer.
        price: For a million input tokens and a million output tokens, in any currency.
        connect_timeout: Until the connection is made.
        first_token_timeout: From then to the first token.
        token_timeout: Between two tokens.
        total_timeout: For the whole call, waits and retries included.
        patience: Longest time spent waiting before retries, all waits together.
    """

    name: str
    base_url: str | None = None
    model: str | None = None
    folder: str | None = None
    location: str | None = None
    api_key_env: str | None = None
    api_version: str | None = None
    context: int | None = None
    output: int | None = None
    stream: bool | None = None
    reasons: bool | None = None
    price: tuple[float, float] | None = None
    connect_timeout: float | None = None
    first_token_timeout: float | None = None
    token_timeout: float | None = None
    total_timeout: float | None = None
    patience: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one answer.

    Attributes:
        library: Folder of the collection.
        backend: Names of backends in the order in which they are tried.
        passages: How many passages of evidence a backend gets, 1 to 50.
        reranker: Folder of a cross-encoder that reranks the evidence; None for none.
        unsupported: What to do with sentences that the articles do not fully support: ``show``
            marks them and says why, ``drop`` leaves them out.
        checker: A second, stronger check: ``builtin`` for none, the folder of an entailment model,
            ``judge`` for the language model that drafts, or ``judge:NAME`` for another.
        checker_threshold: How sure the second check must be to agree, 0 to 1.
        reader: ``on`` to have the trained reader judge sentences that a model wrote, ``none`` to
            leave that to the rules.
        text_may_go_to: ``local``, countries (``US``), hosts (``api.example.org``), ``anywhere``.
        keep_conversations: Whether the page keeps conversations until they are deleted.
        contact: The user's address, which is sent to web sites when pages are fetched.
        fetch_pause: Seconds between two requests to one web site, at least.
        inside_hosts: Hosts of this machine or its network that pages may be fetched from, with or
            without a port.
        reading_seconds: How long reading one file or fetched document may take.
        reading_megabytes: How much memory it may take.
        recognition: Languages of scans whose text ocrmypdf recognizes, as tesseract names them;
            ``none`` to leave scans out.
        backends: The user's presets.
    """

    library: Path
    backend: tuple[str, ...] = ("extractive",)
    passages: int = 8
    reranker: Path | None = None
    unsupported: Literal["show", "drop"] = "show"
    checker: str = BUILTIN
    checker_threshold: float = 0.5
    reader: Literal["on", "none"] = "on"
    text_may_go_to: tuple[str, ...] = ("local",)
    keep_conversations: bool = True
    contact: str = ""
    fetch_pause: float = 1.0
    inside_hosts: tuple[str, ...] = ()
    reading_seconds: float = 120.0
    reading_megabytes: int = 1_500
    recognition: str = "eng"
    backends: tuple[BackendSettings, ...] = ()
