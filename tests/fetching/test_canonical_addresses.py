"""One page has one address, however a reader came to it."""

from __future__ import annotations

import httpx
import pytest

from rag.fetching import identity


@pytest.mark.parametrize(
    ("address", "canonical", "expected"),
    [
        ("https://a.example/x?utm_source=f&id=3", None, "https://a.example/x?id=3"),
        ("https://m.a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://www.a.example/x?p=1", "/x", "https://www.a.example/x"),
        ("https://a.example/x", "https://b.example/y", "https://a.example/x"),
        ("https://a.example/x", "https://evila.example/x", "https://a.example/x"),
        ("https://a.example/x", "http://[", "https://a.example/x"),
        ("https://a.example/x", "", "https://a.example/x"),
    ],
)
def test_a_page_names_itself_only(address: str, canonical: str | None, expected: str) -> None:
    assert identity(httpx.URL(address), canonical) == expected


@pytest.mark.parametrize(
    "tracker",
    ["mc_cid=1&mc_eid=2", "igshid=1", "GCLID=1", "_hsenc=1", "utm_id=1", "ScCid=1", "mtm_kwd=1"],
)
def test_how_a_reader_came_is_left_out(tracker: str) -> None:
    assert identity(httpx.URL(f"https://a.example/x?{tracker}"), None) == "https://a.example/x"


@pytest.mark.parametrize(
    "query", ["id=1", "ref=1", "source=1", "p=1", "mc=1", "utm=1", "story_s=1"]
)
def test_what_is_read_stays(query: str) -> None:
    assert identity(httpx.URL(f"https://a.example/x?{query}"), None).endswith(query)
