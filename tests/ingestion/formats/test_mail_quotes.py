"""What a message repeats of another one, in the ways of several mail programs; newsletters."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingestion.documents import Document
from rag.ingestion.loaders import read

OWN = "The pumps will be delivered on 21 June."
QUOTED = "Do the pumps come on 14 June?"
HEAD = "From: Ann Tay <ann@t.example>\nTo: Bo <bo@r.example>\nMessage-ID: <1@t.example>\n"


def message(folder: Path, head: str, body: str) -> Document:
    path = folder / "a.eml"
    path.write_bytes(f"{HEAD}{head}\n\n{body}".encode())
    found = [each for each in read(path) if isinstance(each, Document)]
    assert len(found) == 1
    return found[0]


PLAIN = {
    "German": f"{OWN}\n\nAm 6. Juni 2024 um 14:22 schrieb Bo <bo@r.example>:\n> {QUOTED}\n",
    "French": f"{OWN}\n\nLe jeu. 6 juin 2024 à 16:10 Bo <bo@r.example> a écrit :\n\n> {QUOTED}\n",
    "broken line": f"{OWN}\n\nOn 6 Jun 2024 Bo Rask of the Wharf\n<bo@r.example> wrote:\n>{QUOTED}",
    "header": f"{OWN}\n\n-----Original Message-----\nFrom: Bo Rask\nSent: 6 June 2024 4:10 PM\n"
    f"To: Ann Tay\nSubject: Pumps\n\n{QUOTED}\n",
    "header in German": f"{OWN}\n\nVon: Bo Rask\nGesendet: 6. Juni 2024 16:10\nAn: Ann Tay\n"
    f"Betreff: Pumps\n\n{QUOTED}\n",
}
GMAIL = f"""<div>{OWN}</div><div class="gmail_quote">
<div>On 6 Jun 2024 Bo &lt;bo@r.example&gt; wrote:
<br></div><blockquote><div>{QUOTED}</div></blockquote></div>"""
OUTLOOK = f"""<p>{OWN}</p><div>
<p><b>From:</b> Bo Rask<br><b>Sent:</b> Thursday, June 6, 2024 4:10 PM
<br><b>To:</b> Ann Tay<br><b>Subject:</b> Pumps</p></div><p>{QUOTED}</p>"""


@pytest.mark.parametrize("body", PLAIN.values(), ids=PLAIN)
def test_an_answered_message_is_not_citable(tmp_path: Path, body: str) -> None:
    found = message(tmp_path, "Subject: RE: Pumps\nContent-Type: text/plain; charset=utf-8", body)
    assert found.article.text == OWN
    assert QUOTED in " ".join(removal.text for removal in found.article.removed)


@pytest.mark.parametrize("body", [GMAIL, OUTLOOK], ids=["quotation", "header"])
def test_an_answered_message_in_html_is_not_citable(tmp_path: Path, body: str) -> None:
    found = message(tmp_path, "Subject: Re: Pumps\nContent-Type: text/html", body)
    assert found.article.text == OWN


def test_what_is_passed_on_and_what_is_quoted_in_a_text_stay(tmp_path: Path) -> None:
    passed_on = PLAIN["header"]
    found = message(tmp_path, "Subject: Fwd: Pumps\nContent-Type: text/plain", passed_on)
    assert found.article.text.endswith(QUOTED)
    plan = f"{OWN}\n\nWhat: a feast\nWhen: 14 June 2024, 16:10\nWhere: at the quay\n\n{QUOTED}\n"
    found = message(tmp_path, "Subject: Pumps\nContent-Type: text/plain", plan)
    assert found.article.text.endswith(QUOTED)
    page = f"<p>{OWN}</p><p>The mayor said:</p><blockquote>{QUOTED}</blockquote>"
    found = message(tmp_path, "Subject: Pumps\nContent-Type: text/html", page)
    assert found.article.text == f"{OWN}\n\nThe mayor said:\n\n{QUOTED}"


def test_lines_that_flow_are_whole(tmp_path: Path) -> None:
    kind = "Subject: Pumps\nContent-Type: text/plain; format=flowed"
    found = message(tmp_path, kind, "The repair cost \n11,200 crowns.\n From here it rains.\n")
    assert found.article.text == "The repair cost 11,200 crowns.\n\nFrom here it rains."
    found = message(tmp_path, f"{kind}; delsp=yes", "ten thou \nsand boats.\n")
    assert found.article.text == "ten thousand boats."


def test_a_message_with_pictures_in_its_text_is_no_saved_page(tmp_path: Path) -> None:
    head = "Subject: The ferry\nDate: Wed, 17 Jul 2024 09:12:00 +0200\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/related; boundary="b"'
    page = f"<html><head><title>untitled</title></head><body><p>{OWN}</p></body></html>"
    found = message(tmp_path, head, f"--b\nContent-Type: text/html\n\n{page}\n--b--\n")
    source = found.article.source
    assert (source.title, source.author, str(source.published)) == (
        *("The ferry", "Ann Tay", "2024-07-17"),
    )


def test_the_furniture_of_a_newsletter_is_not_citable(tmp_path: Path) -> None:
    lines = [
        "View this email in your browser: https://t.example/v",
        f"{OWN} The crane lifted its first container on Friday, eleven weeks late.",
        "Unsubscribe | Manage preferences",
        "You are receiving this email because you signed up at t.example.",
    ]
    kind = "Subject: The Quay\nContent-Type: text/plain"
    sender = "List-Unsubscribe: <https://t.example/u>\n"
    found = message(tmp_path, sender + kind, "\n\n".join(lines))
    assert found.article.text == lines[1]
    assert {removal.rule for removal in found.article.removed} == {"message furniture"}
