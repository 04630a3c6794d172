"""The chat page's HTML shell: Gradio's own, with our style and script, and nothing from outside."""

from __future__ import annotations

import re

from ui.html import render
from ui.visitor import current_visitor
from ui.words import say

TITLE = "Footnote"

# Gradio's template advertises itself in these, with addresses outside.
ADVERTISING = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>', re.DOTALL)
MANIFEST = re.compile(r'\s*<link rel="manifest"[^>]*>')
HTML = re.compile(r"<html(?:\s+lang=\"[^\"]*\")?")
SCRIPT = re.compile(r"<script(?=[\s>])")


def patch_index_html(html: str, nonce: str) -> str:
    """Gradio's index page with our head; its scripts carry the nonce that the policy asks for.

    No text of an article or of a visitor is in that page, so no foreign script can get a nonce.
    """
    html = MANIFEST.sub("", ADVERTISING.sub("", html))
    html = HTML.sub(f'<html lang="{current_visitor().language}"', html, count=1)
    html = SCRIPT.sub(f'<script nonce="{nonce}"', html)
    html = html.replace("<gradio-app", f"{render('no_script.html')}<gradio-app", 1)
    head = render("chat_head.html", description=say("description"))
    return html.replace("</head>", f"{head}</head>", 1)


def content_security_policy(nonce: str | None) -> str:
    """A Content-Security-Policy that lets nothing in from outside.

    With a nonce, the policy of the chat page: Gradio compiles its templates in the browser
    (``unsafe-eval``) and styles elements in place; inline handlers stay forbidden. Without one,
    the policy of all other pages, which need neither.
    """
    scripts = f"'self' 'nonce-{nonce}' 'unsafe-eval'" if nonce else "'self'"
    styles = "'self' 'unsafe-inline'" if nonce else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {styles}",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
