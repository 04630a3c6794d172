"""Footnote answers questions from your articles and pins every sentence to its words.

This is the only door: `answer` and `stream` ask, `ingest` fills, `open_library` looks inside.
"""

from rag.answerability.assessment import Assessment, assess
from rag.answerability.sentence_scoring import SentenceScorer
from rag.answering.answer import answer, stream
from rag.answering.conversation import ConversationAnswer, answer_in
from rag.answering.streaming import Drafted, Stream
from rag.cli.progress import progress_bar
from rag.conversations import (
    ArchivedPassage,
    Conversation,
    ConversationStore,
    ConversationSummary,
    StaleSource,
    Turn,
)
from rag.embedding.llamaindex import as_embedder
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
from rag.generation import CancellationToken, Cancelled, as_backend
from rag.ingestion.ingest import Progress, ingest
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings, load_settings
from rag.store.embedding_cache import default_embedder
from rag.store.records import ArticleSummary
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
from rag.verification.metrics import verifier_metrics
from rag.verification.second_opinion import Scorer, score_with
from rag.verification.second_opinions import load_scorer
from rag.verification.support import pair_signals as support_signals
from rag.verification.support import score as support_score
from rag.verification.verifier import verify

__all__ = [
    "Answer",
    "ArchivedPassage",
    "Article",
    "ArticleError",
    "ArticleSummary",
    "ArticleUnknown",
    "Assessment",
    "Attempt",
    "BackendError",
    "BackendInfo",
    "BackendSettings",
    "BadReply",
    "CancellationToken",
    "Cancelled",
    "Citation",
    "ContextTooLong",
    "Conversation",
    "ConversationAnswer",
    "ConversationStore",
    "ConversationSummary",
    "ConversationUnknown",
    "Drafted",
    "EmbedderChanged",
    "Evidence",
    "Failure",
    "Filters",
    "FootnoteError",
    "KeyMissing",
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
    "SentenceScorer",
    "ServerFailed",
    "Settings",
    "SettingsError",
    "Source",
    "Span",
    "StaleSource",
    "Stream",
    "TimedOut",
    "Trace",
    "Turn",
    "Unreachable",
    "Usage",
    "answer",
    "answer_in",
    "as_backend",
    "as_embedder",
    "assess",
    "content_stems",
    "default_embedder",
    "ingest",
    "is_heading",
    "load_scorer",
    "load_settings",
    "normalize",
    "open_library",
    "paragraphs",
    "progress_bar",
    "score_with",
    "sentences",
    "stream",
    "support_score",
    "support_signals",
    "verifier_metrics",
    "verify",
]
