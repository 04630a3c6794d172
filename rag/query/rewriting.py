"""Rewrites a follow-up question so that it is complete in itself, with or without a model.

If the model is not allowed, fails, or does not return an acceptable question, the rules rewrite it
without a message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from rag import text as texts
from rag.query import follow_ups
from rag.query.small_talk import asks_for_more, small_talk
from rag.settings import LONGEST_QUESTION
from rag.types import Answer

# How many of the last questions, as rewritten, a model gets.
REMEMBERED = 3
# "And twitch?", "what about the verge?": names in a question of at most this many words are looked
# up in the library.
FEW_WORDS = 5


def rewrite_follow_up(
    question: str,
    history: Sequence[Answer],
    ask_model: Callable[[str, Sequence[str]], str | None],
    passages_about: Callable[[str], Sequence[str]],
) -> str:
    """The question with what it omits, taken from earlier questions as rewritten.

    Args:
        question: What is asked now.
        history: Earlier answers, the oldest first.
        ask_model: Gets the question and earlier ones, returns a rewritten question; None if no
            model is available or allowed. It never gets an answer or an article.
        passages_about: Text of the articles that match a few words, for the spelling of names.
    """
    history = [answer for answer in history if not small_talk(answer.question)]
    if small_talk(question) or not history:
        return question
    articles = [item.passage.text for answer in history[-REMEMBERED:] for item in answer.evidence]
    asked = [_with_publishers(item) for item in history]
    # People type names in lower case; the articles have their spelling.
    earlier = [cased(text, articles) for text in asked]
    if asks_for_more(question):
        return earlier[-1]
    if len(question.split()) <= FEW_WORDS:
        articles = [*articles, *passages_about(question)]
    resolved = follow_ups.resolve(cased(question, articles), earlier)
    by_rules = resolved.text if resolved.carried else question
    if len(by_rules) > LONGEST_QUESTION:
        by_rules = question
    if not follow_ups.leans(question, earlier):
        return by_rules
    written = ask_model(question, earlier[-REMEMBERED:])
    return follow_ups.accepted(written or "", question, earlier) or by_rules


def told_before(question: str, history: Sequence[Answer]) -> tuple[str, ...]:
    """The sentences that earlier answers cited, if the question only asks for more; else none."""
    if not asks_for_more(question):
        return ()
    cited = (c.quote for answer in history for s in answer.sentences for c in s.citations)
    return tuple(dict.fromkeys(cited))


def _with_publishers(answer: Answer) -> str:
    """A question as rewritten, with the publishers' own spelling."""
    understood = answer.trace.understood
    text = str(understood.get("text") or answer.question)
    for name in (name for group in understood.get("publishers", ()) for name in group):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", name, text, flags=re.IGNORECASE)
    return text


WORD = re.compile(r"[^\W\d_][^\W_]*")
# In the middle of a sentence, where a capital means a name.
INSIDE = r"(?<=[a-z,0-9’'] )"
# A word is a name if at least this share of its uses inside sentences is capitalised.
MOSTLY = 0.8


def cased(question: str, articles: Iterable[str]) -> str:
    """The question with its words capitalised as in the articles: *openai* becomes *OpenAI*.

    Words with a capital, function words, and words that are not names there are unchanged.
    """
    wanted = {
        word for word in WORD.findall(question) if word.islower() and texts.content_stems(word)
    }
    if not wanted:
        return question
    found: dict[str, Counter[str]] = {word: Counter() for word in wanted}
    listed = "|".join(sorted(map(re.escape, wanted), key=len, reverse=True))
    pattern = re.compile(rf"{INSIDE}(?:{listed})(?![^\W_])", re.IGNORECASE)
    for text in articles:
        for match in pattern.finditer(text):
            found[match.group().casefold()][match.group()] += 1
    known = {word: form for word, forms in found.items() if (form := _name(forms))}
    return WORD.sub(lambda match: known.get(match.group(), match.group()), question)


def _name(forms: Counter[str]) -> str:
    """The most common form of a word if most are capitalised; else empty."""
    capital = {form: count for form, count in forms.items() if form[0].isupper()}
    if not capital or sum(capital.values()) < MOSTLY * forms.total():
        return ""
    return max(capital, key=lambda form: capital[form])
