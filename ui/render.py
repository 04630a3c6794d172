"""From an answer to HTML. Pure: values in, escaped text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from urllib.parse import quote as percent_encode

from rag import Answer, Citation, Evidence, Sentence, Source
from ui.html import escape, format_day, pluralize

VERDICT_WORDS: Mapping[str, str] = {
    "partly": "Only partly supported",
    "unsupported": "Not supported by the articles",
}
HEADLINES_SHOWN = 3
# Characters of a passage that the list of evidence shows before it is opened.
PASSAGE_SHOWN = 320
FOUND_BY = {"dense": "meaning", "keyword": "words"}
REASONING_SHOWN = 4_000


def question_html(question: str) -> str:
    return f'<h2 class="question" dir="auto">{escape(question)}</h2>'


def turn_html(question: str, body: str, *, busy: bool = False, attributes: str = "") -> str:
    """One question with what stands below it; ``attributes`` are HTML with a space in front."""
    state = ' aria-busy="true"' if busy else ""
    return f'<section class="turn"{attributes}{state}>{question_html(question)}{body}</section>'


def pending_answer_html(settled: Iterable[Sentence] = (), growing: str = "") -> str:
    """An answer that is being made: what has settled, what is being written, a sign of life."""
    parts = [_sentence_html(sentence, _pending_notes(sentence)) for sentence in settled]
    words = "Checking every sentence…" if parts else "Reading the articles…"
    if growing:
        parts.append(f'<span class="growing">{escape(growing)}</span>')
        words = "Being written. Words in grey are not checked yet…"
    body = f'<p class="telling" dir="auto">{" ".join(parts)}</p>' if parts else ""
    # While nothing at all has come, the style sheet adds after some seconds what that may mean.
    kind = "busy" if parts else "busy silent"
    return f'<div class="answer">{body}<p class="{kind}" role="status">{words}</p></div>'


def notice_html(kind: str, title: str, message: str) -> str:
    """A deliberate message in place of an answer; ``kind`` is ``error`` or ``hint``."""
    role = "alert" if kind == "error" else "status"
    return (
        f'<div class="notice {escape(kind)}" role="{role}"><p class="notice-title">'
        f"{escape(title)}</p><p>{escape(message)}</p></div>"
    )


def answer_html(answer: Answer) -> str:
    """A whole answer: its sentences with footnotes, who answered, and the evidence."""
    if answer.refused:
        return _read_as_html(answer) + _refusal_html(answer)
    text = "".join(
        f'<p class="telling" dir="auto">{" ".join(part)}</p>' for part in _paragraphs(answer)
    )
    broken = (
        ""
        if answer.complete
        else '<p class="broken-off">The answer broke off here: the model stopped early.</p>'
    )
    return (
        f'{_read_as_html(answer)}<div class="answer">{text}{broken}'
        f"{_provenance_html(answer)}{_reasoning_html(answer)}{_evidence_html(answer)}</div>"
    )


def _read_as_html(answer: Answer) -> str:
    """How a question that leans on earlier ones was read; nothing where it stands by itself."""
    read = str(answer.trace.understood.get("text") or answer.question)
    if read == answer.question:
        return ""
    return f'<p class="read-as">Read as: {escape(read)}</p>'


def _paragraphs(answer: Answer) -> list[list[str]]:
    """The sentences; a new paragraph starts with each that claims nothing.

    It introduces what follows (``X writes:``), or says what is missing.
    """
    parts: list[list[str]] = []
    for sentence in answer.sentences:
        claims_nothing = sentence.verdict == "no_claim"
        introduces = claims_nothing and sentence.text.rstrip().endswith(":")
        if claims_nothing or not parts:
            parts.append([])
        html = _sentence_html(sentence, _notes_html(sentence, answer))
        parts[-1].append(f'<span class="lead-in">{html}</span>' if introduces else html)
    return parts


def _refusal_html(answer: Answer) -> str:
    """A calm no, with links to what comes nearest in place of a sentence that only names it."""
    found = nearest_articles(answer.evidence)
    said = [s for s in answer.sentences if not any(n.source.title in s.text for n in found)]
    text = " ".join(_sentence_html(s, _notes_html(s, answer)) for s in said)
    rows = "".join(f"<li>{_headline_html(item)}</li>" for item in found)
    listed = (
        f'<p class="label">Nearest headlines</p><ul class="headlines">{rows}</ul>' if rows else ""
    )
    return (
        f'<div class="answer refusal"><p class="telling" dir="auto">{text}</p>{listed}'
        f"{_provenance_html(answer)}</div>"
    )


def nearest_articles(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The best evidence of each article, best article first."""
    firsts: dict[str, Evidence] = {}
    for item in evidence:
        firsts.setdefault(item.source.id, item)
    return tuple(firsts.values())[:HEADLINES_SHOWN]


def _headline_html(item: Evidence) -> str:
    return (
        f'<a href="/articles/{percent_encode(item.source.id)}" dir="auto">'
        f'{escape(item.source.title)}</a> <span class="byline">{byline_html(item.source)}</span>'
    )


def byline_html(source: Source) -> str:
    """Publisher, author and day, as far as they are known."""
    parts = (source.publisher, source.author, format_day(source.published))
    return '<span aria-hidden="true"> · </span>'.join(
        f"<span>{escape(part)}</span>" for part in parts if part
    )


def _sentence_html(sentence: Sentence, notes: str) -> str:
    words = VERDICT_WORDS.get(sentence.verdict)
    text = f'<span class="claim">{_doubted_html(sentence)}</span>'
    flag = ""
    if words:
        why = f": {escape(sentence.why)}" if sentence.why.strip() else ""
        flag = f' <span class="verdict"><strong>{words}</strong>{why}</span>'
    return f'<span class="sentence {escape(sentence.verdict)}">{text}{notes}{flag}</span>'


def _doubted_html(sentence: Sentence) -> str:
    """The sentence's words, those marked that the articles do not bear out."""
    pieces, last = [], 0
    for start, end in sentence.doubts:
        if last <= start < end <= len(sentence.text):
            pieces.append(escape(sentence.text[last:start]))
            pieces.append(f'<mark class="doubt">{escape(sentence.text[start:end])}</mark>')
            last = end
    return "".join((*pieces, escape(sentence.text[last:])))


def _pending_notes(sentence: Sentence) -> str:
    """Footnotes get their numbers with the whole answer; until then a dot holds the place."""
    return '<sup class="notes pending" aria-hidden="true">·</sup>' if sentence.citations else ""


def _notes_html(sentence: Sentence, answer: Answer) -> str:
    """Numbered links. Neighbouring quotes of one passage share a link, others get a letter."""
    links: list[str] = []
    runs = merge_adjacent(sentence.citations)
    ordered = sorted(runs, key=lambda run: answer.number_of(run[0]))
    for number, group in groupby(ordered, key=lambda run: answer.number_of(run[0])):
        same = list(group)
        for place, run in enumerate(same):
            label = str(number) if len(same) == 1 else f"{number}{suffix_letter(place)}"
            links.append(_footnote_html(label, run, answer.evidence_of(run[0]).source))
    # The word joiner keeps a number from starting a line.
    return f'&#8288;<sup class="notes">{"".join(links)}</sup>' if links else ""


def suffix_letter(place: int) -> str:
    """``a`` for 0, ``b`` for 1, and a number beyond the alphabet."""
    return chr(ord("a") + place) if place < 26 else f".{place + 1}"


def merge_adjacent(citations: Sequence[Citation]) -> list[tuple[Citation, ...]]:
    """Citations in order of the text, those that touch within one article as one run."""
    runs: list[tuple[Citation, ...]] = []
    for citation in sorted(citations, key=lambda c: (c.article_id, c.start)):
        last = runs[-1][-1] if runs else None
        touches = last and last.article_id == citation.article_id and citation.start <= last.end + 2
        if touches:
            runs[-1] = (*runs[-1], citation)
        else:
            runs.append((citation,))
    return runs


def _footnote_html(label: str, run: Sequence[Citation], source: Source) -> str:
    start, end = run[0].start, max(citation.end for citation in run)
    address = f"/articles/{percent_encode(run[0].article_id)}?start={start}&end={end}#cited"
    quote = " ".join(" ".join(citation.quote.split()) for citation in run)
    said = f"“{quote}” — {source.title}"
    return (
        f'<a class="footnote" href="{escape(address)}" title="{escape(said)}" '
        f'aria-label="Footnote {escape(label)}: {escape(source.title)}">{escape(label)}</a>'
    )


def _provenance_html(answer: Answer) -> str:
    """Who answered, what left the machine, how long it took, how many sources it rests on."""
    backend = answer.backend
    who = backend.name if not backend.model else f"{backend.name} ({backend.model})"
    sent = answer.trace.left_machine
    parts = [] if answer.refused else [f"Answered by {escape(who)}"]
    if sent:
        parts.append(f'<strong class="sent">Text was sent to {escape(", ".join(sent))}</strong>')
    else:
        parts.append("Nothing left this machine")
    total = answer.trace.seconds.get("total")
    if total is not None:
        parts.append(f"{total:.2f} s" if total >= 0.01 else "under 0.01 s")
    if answer.trace.usage is not None:
        parts.append(escape(str(answer.trace.usage)))
    if not answer.refused:
        parts.append(pluralize(len({item.source.id for item in answer.cited}), "source"))
    line = '<span aria-hidden="true"> · </span>'.join(f"<span>{part}</span>" for part in parts)
    tried = "".join(
        f'<p class="tried">{escape(a.backend)} was tried first: {escape(a.why)}</p>'
        for a in answer.trace.tried
    )
    notes = "".join(f'<p class="tried">{escape(note)}</p>' for note in answer.trace.notes)
    return f'<p class="provenance">{line}</p>{tried}{notes}'


def _reasoning_html(answer: Answer) -> str:
    """What a model thought aloud, folded: it is no part of the answer, and nobody checked it."""
    thought = answer.trace.reasoning
    if not thought:
        return ""
    shown = thought if len(thought) <= REASONING_SHOWN else thought[:REASONING_SHOWN] + " …"
    return (
        '<details class="evidence reasoning"><summary>What the model thought aloud, '
        f'unchecked</summary><p dir="auto">{escape(shown)}</p></details>'
    )


def _evidence_html(answer: Answer) -> str:
    """Everything that was found, by rank; what the answer cites is marked."""
    if not answer.evidence:
        return ""
    cited = {item.rank for item in answer.cited}
    rows = "".join(_evidence_row(item, item.rank in cited) for item in answer.evidence)
    words = pluralize(len(answer.evidence), "passage")
    return (
        f'<details class="evidence"><summary>Evidence: {words} found, '
        f"{len(cited)} cited</summary><ol>{rows}</ol></details>"
    )


def _evidence_row(item: Evidence, cited: bool) -> str:
    passage = item.passage
    text = passage.text if len(passage.text) <= PASSAGE_SHOWN else _shortened(passage.text)
    address = (
        f"/articles/{percent_encode(item.source.id)}?start={passage.start}&end={passage.end}#cited"
    )
    mark = ' class="cited"' if cited else ""
    return (
        f'<li value="{item.rank}"{mark}>'
        f'<a class="evidence-title" href="{escape(address)}" dir="auto">'
        f"{escape(item.source.title)}</a> "
        f'<span class="byline">{byline_html(item.source)}</span>'
        f'<p dir="auto">{escape(text)}</p>'
        f'<p class="found-by">{"Cited. " if cited else ""}{found_by_text(item)}</p></li>'
    )


def found_by_text(item: Evidence) -> str:
    """Why a passage is there, as a sentence."""
    if "neighbour" in item.found_by:
        return "Stands next to a passage that was found."
    return f"Found by {' and '.join(FOUND_BY[name] for name in item.found_by)}."


def _shortened(text: str) -> str:
    return text[:PASSAGE_SHOWN].rsplit(None, 1)[0] + " …"
