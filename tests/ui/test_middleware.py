"""Who may ask the server, for what, and with which headers."""

from __future__ import annotations

import httpx
import pytest

from folders import ATTACKS, lines_of
from ui.access import parse_host_name
from ui.html_shell import content_security_policy, patch_index_html
from ui.middleware import is_open_path


@pytest.mark.parametrize("path", ["/", "/articles", "/api/health", "/footnote/page.js", "/none"])
def test_every_reply_lets_nothing_in_from_outside(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "http" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_chat_page_blesses_its_own_scripts_once() -> None:
    page = patch_index_html("<html><head><script>1</script></head></html>", "abc")
    assert page.count('<script nonce="abc"') == 1
    assert "'nonce-abc'" in content_security_policy("abc")
    assert "unsafe" not in content_security_policy(None)


def test_the_nonce_changes_and_fits_the_policy(client: httpx.Client) -> None:
    seen = set()
    for _ in range(3):
        reply = client.get("/")
        nonce = reply.text.split('<script nonce="')[1].split('"')[0]
        assert f"'nonce-{nonce}'" in reply.headers["content-security-policy"]
        assert "og:image" not in reply.text
        seen.add(nonce)
    assert len(seen) == 3


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::2]", "a@b:"])
def test_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    for path in ("/", "/api/articles", "/articles"):
        reply = client.get(path, headers={"host": host})
        assert reply.status_code in (400, 421)
        assert "Esk" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=["origin", "null", "fetch"],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/ingest", "/gradio_api/queue/join"])
def test_another_site_may_change_nothing(
    client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    assert client.post(path, json={}, headers=headers).status_code == 403


def test_the_page_itself_may_ask(client: httpx.Client, address: str) -> None:
    reply = client.post("/api/ask", json={"question": "Esk?"}, headers={"origin": address})
    assert reply.status_code == 200


def test_a_body_too_large_or_of_unknown_length_is_refused(client: httpx.Client) -> None:
    large = {"question": "x" * 1_000_001}
    assert client.post("/api/ask", json=large).status_code == 413
    unknown = client.post("/api/ask", content=iter([b"{}"]))
    assert unknown.status_code == 411


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/run/predict",
        "/gradio_api/call/respond",
        "/gradio_api/openapi.json",
        "/login",
        "/monitoring",
        "/svelte/../x",
    ],
)
def test_gradios_other_routes_are_shut(client: httpx.Client, path: str) -> None:
    for method in ("GET", "POST"):
        assert client.request(method, path, content=b"{}").status_code == 404


def test_what_is_open_is_a_list() -> None:
    assert is_open_path("/gradio_api/queue/join") and is_open_path("/articles/x")
    assert not is_open_path("/gradio_api") and not is_open_path("/gradio_api/../login")
    assert not is_open_path("/articlesx") and not is_open_path("/none")
    assert parse_host_name("[::1]:80") == "::1" and parse_host_name("LOCALHOST:1") == "localhost"
    for foreign in ("[x", "evil@localhost", "localhost:1.evil", "localhost/x", "[::1]x", "a b"):
        assert parse_host_name(foreign) == ""


def test_traversal_strings_reach_nothing(client: httpx.Client) -> None:
    for target in lines_of(ATTACKS / "traversal.txt"):
        for prefix in ("/articles/", "/footnote/", "/gradio_api/file=", "/static/", "/assets/"):
            try:
                reply = client.get(prefix + target)
            except httpx.InvalidURL:
                continue
            assert "root:" not in reply.text and reply.status_code != 500, prefix + target
