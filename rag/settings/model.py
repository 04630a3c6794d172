"""What can be set, with defaults and units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# Longest question that is taken, in characters: far above any real one, far below a pasted book.
LONGEST_QUESTION = 2_000
# What the setting ``checker`` may say besides a folder.
BUILTIN, JUDGE = "builtin", "judge:"
CHECKERS = "builtin, judge:NAME, or a folder with config.json, tokenizer.json and a model"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """One ``[backends.NAME]`` table: a preset of the user's own, or changes to a known one.

    None leaves a value as the preset has it. Times are in seconds.

    Attributes:
        base_url: Address of an OpenAI-compatible server, up to and with ``/v1``.
        model: Name as the server knows it.
        folder: Folder of open weights, in place of a server.
        location: ``local``, or the two letters of the country where the host stands.
        api_key_env: Environment variable with the key; empty for a server without keys.
        api_version: Sent as ``?api-version=``, which some addresses of Azure want.
        context: Tokens that the model reads and writes together.
        output: Most tokens of an answer.
        stream: Whether the answer is asked for in pieces.
        reasons: Whether the model thinks aloud, in tags, before it answers.
        price: For a million tokens read and a million written.
        connect_timeout: Until the connection stands.
        first_token_timeout: From there to the first word.
        token_timeout: Between words.
        total_timeout: For everything, waiting and repeating included.
        patience: Longest wait before asking the same backend again, all waits together.
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
        passages: How many passages of evidence a backend gets, 1 to 50; behind every four of them
            comes one that stands next to the best ones.
        reranker: Folder of a cross-encoder that puts the evidence in order; None for none.
        unsupported: What becomes of sentences that the articles do not or only partly bear out:
            ``show`` marks them and says why, ``drop`` leaves them out.
        checker: A second, stronger check of what the built-in one lets pass: ``builtin`` for none,
            the folder of an entailment model, or ``judge:NAME`` for a language model.
        text_may_go_to: ``local``, countries (``US``), hosts (``api.example.org``), ``anywhere``.
        keep_conversations: Whether the page keeps what is asked and answered, until it is deleted.
        backends: The user's own presets.
    """

    library: Path
    backend: tuple[str, ...] = ("extractive",)
    passages: int = 8
    reranker: Path | None = None
    unsupported: Literal["show", "drop"] = "show"
    checker: str = BUILTIN
    text_may_go_to: tuple[str, ...] = ("local",)
    keep_conversations: bool = True
    backends: tuple[BackendSettings, ...] = ()
