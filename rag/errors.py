"""Every error that Footnote raises on purpose.

::

    FootnoteError                     catch this one to catch them all
    ├── QuestionError                 the question is empty or too long
    ├── SettingsError                 a setting has a value that it cannot have
    ├── ArticleError                  one article could not be read
    ├── LibraryError                  the folder that holds a collection is unusable
    │   ├── LibraryMissing            there is none at that path
    │   ├── LibraryEmpty              there is one, with no article in it
    │   ├── LibraryBusy               another process owns it
    │   ├── LibraryDamaged            the catalog cannot be read
    │   ├── LibraryFull               no space is left, or the folder is read-only
    │   └── EmbedderChanged           its vectors come from another embedder
    ├── ArticleUnknown                no article has that id
    ├── AddressUnknown                nothing is followed at that address
    ├── ConversationUnknown           no conversation is kept under that id
    ├── MissingExtra                  an optional part is not installed
    ├── PolicyRefused                 article text may not go there
    └── BackendError                  a backend could not draft an answer
        ├── Unreachable               no connection: refused, unknown name, certificate
        ├── TimedOut                  a time limit passed
        ├── RateLimited               it asks for a longer wait than ``patience`` allows
        ├── ServerFailed              it failed (5xx), or is still loading its model
        ├── BadReply                  the reply is not an answer: empty, a web page, cut off
        ├── ContextTooLong            the prompt does not fit into the model's context
        ├── RequestRefused            wrong key, no credit, unknown model or parameter
        │   └── KeyMissing            the variable that holds the key is not set
        └── NoneAnswered              several were tried, and none could

The message says what happened, to what, and what to do next. The facts are kept as attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class FootnoteError(Exception):
    """Root of all errors that are meant for a reader."""


class QuestionError(FootnoteError):
    """The question cannot be asked as it is."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class SettingsError(FootnoteError):
    """A setting has a value that it cannot have.

    Args:
        setting: The setting's name, as a user writes it.
        value: What was given.
        allowed: What may be given, in words.
    """

    def __init__(self, setting: str, value: object, allowed: str) -> None:
        self.setting, self.value, self.allowed = setting, value, allowed
        super().__init__(f"{setting} cannot be {value!r}. Allowed: {allowed}.")


class ArticleError(FootnoteError):
    """One article, or the file that holds it, could not be read.

    Args:
        origin: The file or address.
        reason: What is wrong and what to do, as a sentence.
        line: Line number from 1, where one is known.
    """

    def __init__(self, origin: str | Path, reason: str, *, line: int | None = None) -> None:
        self.origin, self.reason, self.line = str(origin), reason, line
        where = self.origin if line is None else f"{self.origin}, line {line}"
        super().__init__(f"{where}: {reason}")


class LibraryError(FootnoteError):
    """Something is wrong with the folder that holds a collection."""

    def __init__(self, path: str | Path, message: str) -> None:
        self.path = Path(path)
        super().__init__(message)


class LibraryMissing(LibraryError):
    """There is no library at that path."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            path,
            f"There is no library in {str(path)!r}. "
            "Fill one with: footnote ingest FOLDER --library " + repr(str(path)),
        )


class LibraryEmpty(LibraryError):
    """The library holds no article."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            path,
            f"The library in {str(path)!r} holds no articles yet. "
            "Add some with: footnote ingest FOLDER --library " + repr(str(path)),
        )


class LibraryBusy(LibraryError):
    """Another process owns the folder.

    Args:
        holder: The owner in words, such as ``process 4711``.
        address: Where the owner serves this library, if it does.

    Attributes:
        token: What proves to that server that a request comes from the owner.
    """

    token: str | None = None

    def __init__(self, path: str | Path, holder: str, *, address: str | None = None) -> None:
        self.holder, self.address = holder, address
        way_out = (
            f"Use its page at {address}, or stop it first."
            if address
            else "Wait until it is done, or stop it first."
        )
        super().__init__(path, f"The library in {str(path)!r} is in use by {holder}. {way_out}")


class LibraryDamaged(LibraryError):
    """The catalog, a library's source of truth, cannot be read."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.reason = reason
        super().__init__(
            path,
            f"The catalog of the library in {str(path)!r} cannot be read ({reason}). "
            "Nothing was changed. Put back a copy of the folder, or ingest the articles into a "
            "new one with: footnote ingest FOLDER --library NEW_FOLDER",
        )


class LibraryFull(LibraryError):
    """Writing failed for lack of space or permission; what was stored before is still there."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.reason = reason
        super().__init__(
            path,
            f"The library in {str(path)!r} cannot be written ({reason}). Nothing that was stored "
            "is lost. Make room or allow writing, then run the same command again.",
        )


class EmbedderChanged(LibraryError):
    """The library's vectors were made by another embedder than the one in use.

    Args:
        was: Identity of the embedder that filled the library.
        now: Identity of the embedder in use.
    """

    def __init__(self, path: str | Path, was: str, now: str) -> None:
        self.was, self.now = was, now
        super().__init__(
            path,
            f"The library in {str(path)!r} was filled with the embedder {was}, but {now} is in "
            "use. Use the first one again, or make a new index with the built-in one: "
            f"footnote reindex --library {str(path)!r} (in Python, reindex takes any).",
        )


class ArticleUnknown(FootnoteError):
    """No article of the library has that id."""

    def __init__(self, article_id: str) -> None:
        self.article_id = article_id
        super().__init__(f"No article has the id {article_id!r}. List them with: footnote articles")


class AddressUnknown(FootnoteError):
    """Nothing is followed at that address."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(
            f"{address!r} is not followed. List the followed addresses with: footnote follow"
        )


class CollectionUnknown(FootnoteError):
    """No collection of the library has that name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is no collection called {name[:80]!r}.")


class ConversationUnknown(FootnoteError):
    """No conversation of the library is kept under that id."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        super().__init__(
            f"No conversation is kept under {conversation[:80]!r}. "
            "List them with: footnote conversations"
        )


class MissingExtra(FootnoteError):
    """An optional part is not installed.

    Args:
        part: What is missing, in words.
        command: The command that installs it.
    """

    def __init__(self, part: str, command: str) -> None:
        self.part, self.command = part, command
        super().__init__(f"{part} is not installed. Install it with: {command}")


class PolicyRefused(FootnoteError):
    """Article text may not go to that backend.

    Args:
        rule: The rule that forbids it, as the user wrote it.
        backend: The backend's name.
        instead: What works without sending text there, as a sentence.
    """

    def __init__(
        self,
        rule: str,
        backend: str,
        instead: str = "The backend 'extractive' answers without sending anything.",
    ) -> None:
        self.rule, self.backend = rule, backend
        super().__init__(f"Article text may not go to {backend!r}: the rule is {rule}. {instead}")


class BackendError(FootnoteError):
    """A backend could not draft an answer.

    Args:
        backend: The backend's name.
        reason: What went wrong, as a sentence.
        retryable: Whether the same call may succeed a moment later.
    """

    # Whether the next backend of a list may take over, as long as no text was shown.
    moves_on = False

    def __init__(self, backend: str, reason: str, *, retryable: bool = False) -> None:
        self.backend, self.reason, self.retryable = backend, reason, retryable
        super().__init__(f"The backend {backend!r} could not answer: {reason}")


class Unreachable(BackendError):
    """No connection: refused, no such name, an invalid certificate, cut off while asking."""

    moves_on = True


class TimedOut(BackendError):
    """A time limit passed.

    Args:
        phase: Which one: ``connect``, ``first token``, ``next token`` or ``total``.
    """

    moves_on = True

    def __init__(self, backend: str, reason: str, *, phase: str) -> None:
        self.phase = phase
        super().__init__(backend, reason)


class RateLimited(BackendError):
    """The backend takes no more questions for now.

    Args:
        wait: Seconds that it asks for, if it says.
    """

    moves_on = True

    def __init__(
        self, backend: str, reason: str, *, wait: float | None = None, retryable: bool = True
    ) -> None:
        self.wait = wait
        super().__init__(backend, reason, retryable=retryable)


class ServerFailed(BackendError):
    """The backend itself failed, or is not ready yet.

    Args:
        wait: Seconds that it asks for, if it says.
    """

    moves_on = True

    def __init__(self, backend: str, reason: str, *, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(backend, reason, retryable=True)


class BadReply(BackendError):
    """The reply is not an answer, or only a part of one."""

    moves_on = True


class ContextTooLong(BackendError):
    """The prompt does not fit into the model's context.

    Args:
        limit: Tokens of the context, if the backend says.
        asked: Tokens of the prompt, if the backend says.
    """

    moves_on = True

    def __init__(
        self, backend: str, reason: str, *, limit: int | None = None, asked: int | None = None
    ) -> None:
        self.limit, self.asked = limit, asked
        super().__init__(backend, reason)


class RequestRefused(BackendError):
    """The backend refuses this request, and will refuse it again: something must be corrected.

    Args:
        optional: Whether the cause may be a field that the request can do without.
    """

    def __init__(self, backend: str, reason: str, *, optional: bool = False) -> None:
        self.optional = optional
        super().__init__(backend, reason)


class KeyMissing(RequestRefused):
    """The variable that holds the backend's key is not set.

    Args:
        variable: Its name.
    """

    def __init__(self, backend: str, variable: str) -> None:
        self.variable = variable
        super().__init__(backend, f"it needs a key. Set the environment variable {variable}.")


class NoneAnswered(BackendError):
    """Several backends were tried, and none could answer.

    Args:
        reasons: Each one's name and why it was given up, in order.
    """

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        self.reasons = tuple(reasons)
        names = ", ".join(name for name, _ in self.reasons)
        told = " ".join(f"{name}: {why}" for name, why in self.reasons)
        super().__init__(names, f"each was tried. {told}")


def nearest(name: str, known: Sequence[str]) -> str:
    """``; did you mean 'x'?`` for the known name that is most like ``name``, or nothing."""
    from rapidfuzz import fuzz, process

    # Half of the letters in common, in order: the suggestion is only a guess.
    close = process.extractOne(name.lower(), known, scorer=fuzz.ratio, score_cutoff=50.0)
    return f"; did you mean {close[0]!r}?" if close else ""


def unknown_name(kind: str, name: str, known: Sequence[str]) -> SettingsError:
    """A `SettingsError` for a name that is not among the known ones, with the one most like it."""
    return SettingsError(kind, name, ", ".join(sorted(known)) + nearest(name, known))
