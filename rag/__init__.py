"""Footnote answers questions from your articles and pins every sentence to its source words.

The public API: import from `rag`, not from its modules. `ingest` fills a library, `open_library`
opens it, `answer` and `stream` ask it. docs/interfaces.md describes them.
"""

from rag.answerability import Assessment, SentenceScorer, assess
from rag.answering import (
    Checked,
    ConversationAnswer,
    Drafted,
    Stream,
    answer,
    answer_in,
    check,
    stream,
)
from rag.conversations import (
    ArchivedPassage,
    Conversation,
    ConversationStore,
    ConversationSummary,
    StaleSource,
    Turn,
)
from rag.embedding import as_embedder, default_embedder
from rag.errors import (
    ArticleError,
    ArticleUnknown,
    BackendError,
    BadReply,
    ContextTooLong,
    ConversationUnknown,
    EmbedderChanged,
    FootnoteError,
    KeyMissing,
    LibraryBusy,
    LibraryDamaged,
    LibraryEmpty,
    LibraryError,
    LibraryFull,
    LibraryMissing,
    MissingExtra,
    NoneAnswered,
    PolicyRefused,
    QuestionError,
    RateLimited,
    RequestRefused,
    ServerFailed,
    SettingsError,
    TimedOut,
    Unreachable,
)
from rag.generation import as_backend
from rag.ingestion import Progress, ingest, progress_bar
from rag.network import CancellationToken, Cancelled
from rag.reader import OptionalReader
from rag.retrieval import Library, open_library
from rag.settings import BackendSettings, Settings, load_settings
from rag.store import ArticleSummary
from rag.text import is_heading, normalize, paragraphs, sentences
from rag.types import (
    Answer,
    Article,
    Attempt,
    BackendInfo,
    Citation,
    Evidence,
    Failure,
    Filters,
    Footnoted,
    Note,
    Outgoing,
    Passage,
    Receipt,
    Removal,
    Sentence,
    Skipped,
    Source,
    Span,
    Trace,
    Usage,
)
from rag.verification import (
    SecondaryVerifier,
    load_secondary_verifier,
    secondary_score,
    support_features,
    support_score,
    verifier_metrics,
    verify,
)

# Grouped by stage.
__all__ = [  # noqa: RUF022
    # Answering
    "answer",
    "stream",
    "answer_in",
    "check",
    "Answer",
    "Checked",
    "Footnoted",
    "Sentence",
    "Citation",
    "Evidence",
    "Trace",
    "Stream",
    "Drafted",
    "ConversationAnswer",
    "CancellationToken",
    "Cancelled",
    # Ingestion
    "ingest",
    "Progress",
    "Receipt",
    "Failure",
    "Skipped",
    "Note",
    "Article",
    "Source",
    "Passage",
    "Removal",
    # Library and search
    "open_library",
    "Library",
    "ArticleSummary",
    "Filters",
    # Conversations
    "ConversationStore",
    "Conversation",
    "ConversationSummary",
    "Turn",
    "StaleSource",
    "ArchivedPassage",
    # Models: backends, embedders, secondary verification
    "as_backend",
    "as_embedder",
    "SecondaryVerifier",
    "BackendInfo",
    "Attempt",
    "Usage",
    "Outgoing",
    # Settings
    "load_settings",
    "Settings",
    "BackendSettings",
    # Errors, as their tree in rag/errors.py
    "FootnoteError",
    "QuestionError",
    "SettingsError",
    "ArticleError",
    "LibraryError",
    "LibraryMissing",
    "LibraryEmpty",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryFull",
    "EmbedderChanged",
    "ArticleUnknown",
    "ConversationUnknown",
    "MissingExtra",
    "PolicyRefused",
    "BackendError",
    "Unreachable",
    "TimedOut",
    "RateLimited",
    "ServerFailed",
    "BadReply",
    "ContextTooLong",
    "RequestRefused",
    "KeyMissing",
    "NoneAnswered",
    # For ui/ and eval/ only; they may change without notice
    "Span",
    "is_heading",
    "normalize",
    "paragraphs",
    "sentences",
    "progress_bar",
    "default_embedder",
    "assess",
    "Assessment",
    "SentenceScorer",
    "verify",
    "OptionalReader",
    "support_features",
    "support_score",
    "secondary_score",
    "load_secondary_verifier",
    "verifier_metrics",
]
