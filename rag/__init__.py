"""Footnote answers questions from your articles and pins every sentence to its words.

This is the only door: `answer` and `stream` ask, `ingest` fills, `open_library` looks inside.
"""

from rag.backends.base import Leaving
from rag.backends.llama import as_backend
from rag.checker import load_scorer
from rag.checking.stricter import Scorer, score_with
from rag.checking.support import pair_signals as support_signals
from rag.checking.support import score as support_score
from rag.configure import load_settings
from rag.continuing import Continued, answer_in
from rag.embedding.llama import as_embedder
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
from rag.ingest import Progress, ingest
from rag.kept import Conversation, Departure, KeptSummary, KeptTurn, KeptWords
from rag.library.conversations import Conversations
from rag.library.encoding import default_embedder
from rag.library.library import Library, open_library
from rag.library.records import ArticleSummary
from rag.pipeline import answer, stream
from rag.progress import progress_bar
from rag.published import checker_figures
from rag.settings import BackendSettings, Settings
from rag.settling import Drafted, Stream, on_behalf_of
from rag.text import content_stems, is_heading, normalize, paragraphs, sentences
from rag.types import (
    Answer,
    Article,
    Attempt,
    BackendInfo,
    Citation,
    Evidence,
    Failure,
    Filters,
    Outgoing,
    Passage,
    Receipt,
    Removal,
    Sentence,
    Source,
    Span,
    Trace,
    Usage,
)
from rag.verify import verify
from rag.weighing import Weighed, weigh

__all__ = [
    "Answer",
    "Article",
    "ArticleError",
    "ArticleSummary",
    "ArticleUnknown",
    "Attempt",
    "BackendError",
    "BackendInfo",
    "BackendSettings",
    "BadReply",
    "Citation",
    "ContextTooLong",
    "Continued",
    "Conversation",
    "ConversationUnknown",
    "Conversations",
    "Departure",
    "Drafted",
    "EmbedderChanged",
    "Evidence",
    "Failure",
    "Filters",
    "FootnoteError",
    "KeptSummary",
    "KeptTurn",
    "KeptWords",
    "KeyMissing",
    "Leaving",
    "Library",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryEmpty",
    "LibraryError",
    "LibraryFull",
    "LibraryMissing",
    "MissingExtra",
    "NoneAnswered",
    "Outgoing",
    "Passage",
    "PolicyRefused",
    "Progress",
    "QuestionError",
    "RateLimited",
    "Receipt",
    "Removal",
    "RequestRefused",
    "Scorer",
    "Sentence",
    "ServerFailed",
    "Settings",
    "SettingsError",
    "Source",
    "Span",
    "Stream",
    "TimedOut",
    "Trace",
    "Unreachable",
    "Usage",
    "Weighed",
    "answer",
    "answer_in",
    "as_backend",
    "as_embedder",
    "checker_figures",
    "content_stems",
    "default_embedder",
    "ingest",
    "is_heading",
    "load_scorer",
    "load_settings",
    "normalize",
    "on_behalf_of",
    "open_library",
    "paragraphs",
    "progress_bar",
    "score_with",
    "sentences",
    "stream",
    "support_score",
    "support_signals",
    "verify",
    "weigh",
]
