"""Reads messages (.eml), mailboxes (.mbox), and pages saved as messages (.mhtml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from rag.ingestion.decoding import decode
from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.formats.html import read_html, read_whole
from rag.ingestion.formats.mail_quotes import as_lines, mark_quotes, unflowed, without_quotes
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import split_paragraphs, tidy
from rag.types import Fact

# What the standard library raises over damaged messages.
DAMAGED = (MessageError, LookupError, ValueError, AttributeError, TypeError)
HEADER = "message header"
SNAPSHOT = "Snapshot-Content-Location"
ENVELOPE = re.compile(rb"(?m)^From [^\n]*\d{4}\r?\n")
# A signature begins with a line of two hyphens and a space.
SIGNATURE = re.compile(r"\n-- ?\r?\n")
# A saved page was sent to nobody.
SENT = ("To", "Cc", "Bcc", "Received", "Delivered-To", "Message-ID")
# Newsletters have the furniture of pages; senders of such must say how to be left out (RFC 2369).
TO_MANY = ("List-Unsubscribe", "List-Id")
# The standard library takes the square of a header.
LONGEST_HEADER = 2_000


class ShortHeaders(policy.EmailPolicy):
    """Cuts headers that are longer than anybody writes them."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


def read_mail(data: bytes) -> Extracted:
    """The text of a message, or the article of a page that a browser saved as one.

    Raises:
        Unreadable: It holds no text.
    """
    message = _parsed(data)
    try:
        return _page(message) if _is_page(message) else _letter(message)
    except DAMAGED as error:
        raise Unreadable("The message is damaged.") from error


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files attached to a message by their names; the parts of a saved page are none."""
    message = _parsed(data)
    if _is_page(message) or not message.is_multipart():
        return
    with suppress(*DAMAGED):
        for number, part in enumerate(message.iter_attachments(), start=1):
            name = part.get_filename()
            if part.get_content_type() == "message/rfc822":
                forwarded = part.get_payload(0)
                assert isinstance(forwarded, EmailMessage)
                yield name or f"{number}.eml", forwarded.as_bytes()
            elif name:
                content = part.get_payload(decode=True)
                yield name, content if isinstance(content, bytes) else b""


def _parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=ShortHeaders())
    assert isinstance(message, EmailMessage)
    return message


def _is_page(message: EmailMessage) -> bool:
    is_sent = any(name in message for name in SENT)
    return SNAPSHOT in message or (
        message.get_content_type() == "multipart/related" and not is_sent
    )


def _page(message: EmailMessage) -> Extracted:
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            address = message.get(SNAPSHOT) or part.get("Content-Location")
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            return read_html(body, address=address, charset=part.get_content_charset())
    raise Unreadable("The saved page holds no HTML.")


def _letter(message: EmailMessage) -> Extracted:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        raise Unreadable("The message holds no text.")
    lines = _lines(body)
    found, removed = without_quotes(lines, subject=str(message.get("Subject", "")))
    is_html = body.get_content_type() == "text/html"
    paragraphs = [*filter(None, found)] if is_html else split_paragraphs("\n".join(found))
    if not paragraphs:
        raise Unreadable("The message holds no text.")
    to_many = any(name in message for name in TO_MANY)
    facts = _facts(message)
    return Extracted(tuple(paragraphs), facts, removed=tuple(removed), has_furniture=to_many)


def _lines(body: MIMEPart) -> list[str]:
    """The lines of a body, without the signature; of one in HTML, the paragraphs."""
    if body.get_content_type() != "text/html":
        text = _content(body)
        if str(body.get_param("format", "")).lower() == "flowed":
            text = unflowed(text, drop_space=str(body.get_param("delsp", "")).lower() == "yes")
        return SIGNATURE.split(text, maxsplit=1)[0].split("\n")
    payload = body.get_payload(decode=True)
    assert isinstance(payload, bytes)
    quotes: list[list[str]] = []
    whole = read_whole(
        payload,
        charset=body.get_content_charset(),
        change=lambda tree: quotes.extend(mark_quotes(tree)),
    )
    lines = as_lines(whole.paragraphs, quotes)
    return lines[: lines.index("--")] if "--" in lines else lines


def _content(body: MIMEPart) -> str:
    """The text of a part, decoded like a file if its character set is unknown."""
    try:
        return str(body.get_content())
    except LookupError:
        payload = body.get_payload(decode=True)
        assert isinstance(payload, bytes)
        return decode(payload).text


def _facts(message: EmailMessage) -> dict[FactName, Fact]:
    facts: dict[FactName, Fact] = {}
    if subject := tidy(str(message.get("Subject", ""))):
        facts["title"] = Fact(subject, HEADER)
    name, address = parseaddr(str(message.get("From", "")))
    if name or address:
        facts["author"] = Fact(tidy(name) or address, HEADER)
    with suppress(ValueError, TypeError):
        sent = parsedate_to_datetime(str(message["Date"]))
        facts["published"] = Fact(sent.isoformat(timespec="seconds"), HEADER)
    return facts


def messages(data: bytes) -> Iterator[bytes]:
    """The messages of a mailbox, without their envelopes."""
    starts = [match.span() for match in ENVELOPE.finditer(data)]
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for (_, start), end in zip(starts, ends, strict=False):
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", data[start:end])
