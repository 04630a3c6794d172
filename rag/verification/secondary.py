"""Secondary verification: a second opinion on sentences that are not the article's own words.

A model that gives scores is asked about supported sentences, one by one, and can only doubt them. A
judge reads the whole text and must quote what bears it out; see `judge_verdicts` for what it may
change. Neither overrules a number, date or name that differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from rag.errors import FootnoteError, SettingsError
from rag.generation import EXTRACTIVE, LanguageModelBackend, load_backend
from rag.network import CancellationToken
from rag.policy import Egress
from rag.settings import BUILTIN, CHECKERS, JUDGE, Settings
from rag.types import Article, Evidence, Passage, Sentence
from rag.verification.features.extraction import ClaimEvidence
from rag.verification.features.parsing import best_stretch, parse_document
from rag.verification.judge import Judge, Opinion
from rag.verification.support_model import claim_sentences

# The most support that a doubted sentence can have, as for unconfirmed sentences.
MOST_DOUBTED = 0.49


class SecondaryVerifier(Protocol):
    """A model that tells whether passages support a sentence.

    Attributes:
        name: What readers are told about it, such as ``the entailment model nli-small``.
    """

    name: str

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """How sure it is, 0..1, that the passages together say what the sentence says.

        Raises:
            FootnoteError: It cannot say; the verdict of the rules then counts alone.
        """


@runtime_checkable
class TextVerifier(SecondaryVerifier, Protocol):
    """A secondary verifier that is asked once about all sentences of a text.

    Attributes:
        label: What ``confirmed_by`` says of a sentence that it raised.
    """

    label: str

    def opinions(
        self, sentences: Sequence[Sentence], asked: Sequence[int], evidence: Sequence[Evidence]
    ) -> Mapping[int, Opinion]:
        """What it says of sentences, by index; of some it may say nothing.

        Args:
            sentences: The whole text in order, as the built-in check left it.
            asked: The sentences, by index, on which an opinion is wanted.
            evidence: The passages; ``rank`` is the number by which it names one.

        Raises:
            FootnoteError: It cannot say; nothing then changes.
        """


class SecondaryReview:
    """Asks a model about the sentences of one answer; after its first failure no more.

    Args:
        verifier: The model.
        threshold: How sure it must be to agree, 0..1; even chances by default.

    Attributes:
        notes: What a reader should know: that it failed, and why.
    """

    def __init__(self, verifier: SecondaryVerifier, threshold: float = 0.5) -> None:
        self._verifier, self._threshold = verifier, threshold
        self.notes: tuple[str, ...] = ()

    @property
    def reads_whole_texts(self) -> bool:
        """Whether it is asked once, at the end, and not sentence by sentence."""
        return isinstance(self._verifier, TextVerifier)

    @property
    def name(self) -> str:
        """What readers are told about the model."""
        return self._verifier.name

    @property
    def label(self) -> str:
        """What ``confirmed_by`` says of a sentence that the model raised."""
        return str(getattr(self._verifier, "label", self.name))

    @property
    def left_machine(self) -> tuple[str, ...]:
        """Hosts that were sent text for verification."""
        return tuple(getattr(self._verifier, "left_machine", ()))

    def review(self, sentence: Sentence, *readings: Sequence[Evidence]) -> Sentence:
        """The sentence as it was, or unconfirmed where the model doubts it.

        Args:
            sentence: Supported by the rules.
            readings: Choices of passages; the one that makes the model surest counts. Those after
                one that satisfies it are not scored.
        """
        if self.notes or self.reads_whole_texts or not all(readings):
            return sentence
        sure = 0.0
        try:
            for passages in readings:
                sure = min(1.0, max(sure, self._verifier.score(passages, sentence.text)))
                if sure >= self._threshold:
                    break
        except FootnoteError as error:
            self._note(error)
            return sentence
        return self.doubted(sentence, sure)

    def opinions(
        self, sentences: Sequence[Sentence], asked: Sequence[int], evidence: Sequence[Evidence]
    ) -> Mapping[int, Opinion]:
        """See `TextVerifier.opinions`; none of a model that fails, or that reads no whole texts."""
        if self.notes or not asked or not isinstance(self._verifier, TextVerifier):
            return {}
        try:
            return self._verifier.opinions(sentences, asked, evidence)
        except FootnoteError as error:
            self._note(error)
            return {}

    def doubted(self, sentence: Sentence, sure: float) -> Sentence:
        """A supported sentence, unconfirmed if the model is less sure than the threshold."""
        if sure >= self._threshold:
            return sentence
        why = f"The words are there, but {self.name} doubts that they say this ({sure:.0%} sure)."
        support = min(MOST_DOUBTED, sentence.support, sure)
        return replace(sentence, verdict="unconfirmed", support=support, why=why, confirmed_by=None)

    def _note(self, error: FootnoteError) -> None:
        name = self.name
        note = f"{name} could not check the answer, so only the built-in check counts: {error}"
        self.notes = (note[0].upper() + note[1:],)


def secondary_score(verifier: SecondaryVerifier, passage: str, text: str) -> float:
    """How sure a model is of a text of any length: the least of its sentences, 0..1.

    It reads what it reads in the product: the stretch that supports a sentence best, alone and
    with two sentences on each side, and the higher score counts.

    Raises:
        FootnoteError: The model cannot say.
    """
    claims, document = claim_sentences(text), parse_document(passage)
    if not claims or not document.sentences:
        return 0.0
    pairs = [ClaimEvidence(claim, document, best_stretch(claim, document)) for claim in claims]
    return min(
        max(
            verifier.score((_evidence(text),), pair.claim.text)
            for text in dict.fromkeys((pair.nearby.text, pair.cited.text))
        )
        for pair in pairs
    )


def _evidence(text: str) -> Evidence:
    article = Article.build(text, title="Passage", origin="passage")
    passage = Passage(article.id, 0, len(article.text), article.text)
    return Evidence(passage, article.source, 1, 1.0, ("keyword",))


def load_secondary_verifier(
    wanted: Any,
    settings: Settings,
    egress: Egress,
    *,
    backends: Sequence[Any] = (),
    cancellation: CancellationToken | None = None,
) -> SecondaryVerifier | None:
    """A secondary verifier; None where the rules work alone.

    Args:
        wanted: ``builtin``, a folder, ``judge``, ``judge:NAME``, or a `SecondaryVerifier`.
        settings: Hold the presets of judges.
        egress: Where text may go for this question.
        backends: Of this question; ``judge`` is the first language model among them, else among
            those of the settings.
        cancellation: Cancelled once the answer is no longer wanted.

    Raises:
        SettingsError: It is none of these, or the folder holds no model.
    """
    if hasattr(wanted, "score") and hasattr(wanted, "name") and not isinstance(wanted, Path):
        made: SecondaryVerifier = wanted
        return made
    if not isinstance(wanted, str | Path) or not str(wanted).strip():
        raise SettingsError("checker", wanted, CHECKERS)
    if wanted == BUILTIN:
        return None
    if isinstance(wanted, str) and (wanted == JUDGE or wanted.startswith(f"{JUDGE}:")):
        named = wanted.removeprefix(JUDGE).removeprefix(":").strip()
        candidates = (named,) if wanted != JUDGE else (*backends, *settings.backend)
        judging = _first_model(candidates, settings)
        if judging is None:
            expected = "judge:NAME with the name of a language model"
            raise SettingsError("checker", wanted, expected)
        return Judge(judging, rules=egress.rules, log=egress.log, cancellation=cancellation)
    # ONNX Runtime and its dependencies: only those who use a model pay for them.
    from rag.verification.entailment import Entailment

    return Entailment(Path(wanted))


def _first_model(backends: Sequence[Any], settings: Settings) -> LanguageModelBackend | None:
    """The first language model among backends and names of backends."""
    for wanted in backends:
        is_name = isinstance(wanted, str)
        if wanted in ("", EXTRACTIVE) if is_name else not isinstance(wanted, LanguageModelBackend):
            continue
        return load_backend(wanted, settings) if is_name else wanted
    return None


def load_checker(settings: Settings) -> SecondaryVerifier | None:
    """The secondary verifier of the settings, its model loaded; None if they name none.

    Raises:
        SettingsError: The setting names none, or the folder holds no model.
        BackendError: The model cannot be loaded.
        MissingExtra: It has weights without ONNX, which need an extra that is not installed.
    """
    verifier = load_secondary_verifier(settings.checker, settings, Egress(()))
    if verifier is not None and hasattr(verifier, "load"):
        verifier.load()
    return verifier


def make_secondary_review(
    wanted: Any,
    settings: Settings,
    egress: Egress,
    *,
    backends: Sequence[Any] = (),
    cancellation: CancellationToken | None = None,
) -> SecondaryReview | None:
    """What reviews the sentences of one answer; None if nothing does.

    Arguments and errors are those of `load_secondary_verifier`; None means what the settings say.
    """
    sought = settings.checker if wanted is None else wanted
    verifier = load_secondary_verifier(
        sought, settings, egress, backends=backends, cancellation=cancellation
    )
    return None if verifier is None else SecondaryReview(verifier, settings.checker_threshold)
