"""Closing calls to the reader: to comment, to share, to subscribe."""

from __future__ import annotations

import re

from rag.ingestion.boilerplate_patterns import (
    COMMENT_LABELS,
    POLITE,
    REPORT,
    SHARE_CALL,
    SUBSCRIBE,
    folded,
)
from rag.text import sentences

# A closing section of a page is short; longer paragraphs are prose.
LONGEST_CALL = 700

COMMENT_CALL = re.compile(
    POLITE + r"(?:we(?:'d| would)? (?:love|like|want) to (?:hear|know)|"
    r"(?:share|leave|drop|post|add|write|give|tell|let|join|comment|sound off|weigh in|chime in|"
    r"have your say|type|put)\b)"
    r"(?:[^.!?]*\b(?:in|via|using|through) (?:the |our )?comments?\b"
    r"|[^.!?]*\b(?:comments?|thoughts?|opinions?|views|say|know|conversation|discussion"
    r"|experiences?|"
    r"replies|reply|predictions?)\b[^.!?]*\b(?:below|with us)\b"
    r"| (?:us )?(?:a )?(?:comment|reply)(?: below)?(?: and .*)?[!.]*$"
    r"| us know (?:what you think|your thoughts)\b| (?:the )?(?:conversation|discussion)[!.]*$"
    r"| from you[!.]*$| (?:us )?what you think[!.]*$| your thoughts[!.]*$| us your thoughts)"
)
READER_QUESTION = re.compile(
    r"(?:and |so |but )*(?:what|how|do|did|are|have|would|will|which|where|is|can|should|who)\b.*"
    r"\b(?:you|your)\b.*\?$"
)
CALL_HEADING = re.compile(
    r"(?:.*[-:|!?.,]\s*)?(?:and )?(?:share your (?:thoughts|opinions?|views|ideas"
    r"|experiences?|story|take)"
    r"|what do you think|what are your thoughts|have your say|join the (?:conversation"
    r"|discussion|debate)"
    r"|tell us what you think|we want to hear from you|let us know|over to you|your turn"
    r"|what's your (?:take|opinion|view)|let's (?:talk|discuss|chat)|leave a comment|get involved"
    r"|share this (?:article|post|story))\W*$"
)


def is_call(sentence: str) -> bool:
    """Whether a sentence asks the reader to comment, share or subscribe."""
    text = folded(sentence)
    if not text or len(text) > 300 or '"' in text or REPORT.search(text):
        return False
    return any(pattern.match(text) for pattern in (COMMENT_CALL, SHARE_CALL, SUBSCRIBE))


def is_reader_question(sentence: str) -> bool:
    """Whether a sentence asks something of the reader. Not a call by itself."""
    return (
        len(sentence) <= 300
        and READER_QUESTION.match(folded(sentence) + "?") is not None
        and (sentence.rstrip("\"'”’)").endswith("?"))
    )


def without_call(paragraph: str) -> str:
    """A closing paragraph without the calls at its end; empty where it is mostly calls."""
    if len(paragraph) > LONGEST_CALL:
        return paragraph
    spans = sentences(paragraph)
    texts = [paragraph[span.start : span.end] for span in spans]
    calls = [is_call(text) for text in texts]
    if not any(calls):
        return paragraph
    asking = [call or is_reader_question(text) for call, text in zip(calls, texts, strict=True)]
    if (2 * sum(asking) > len(asking) and len(asking) > 1) or all(asking):
        return ""
    kept = len(texts)
    while kept and asking[kept - 1]:
        kept -= 1
    if not any(calls[kept:]):
        return paragraph
    return paragraph[: spans[kept - 1].end]


def is_call_heading(paragraph: str) -> bool:
    """Whether a heading asks for comments; what stands below must show that it is furniture."""
    text = folded(paragraph)
    return len(text) <= 120 and (text in COMMENT_LABELS or CALL_HEADING.match(text) is not None)
