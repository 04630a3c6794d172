"""The normal form maps back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import text as texts


@given(st.text(max_size=200))
def test_normal_form_maps_back(text: str) -> None:
    normal = texts.normalize(text)
    assert len(normal.offsets) == len(normal.text) + 1
    assert list(normal.offsets) == sorted(normal.offsets)
    assert texts.normalize(normal.text).text == normal.text or "'" in normal.text


@pytest.mark.parametrize(
    ("text", "needle", "found"),
    [
        ("He said “ﬁne” twice.", '"fine"', "“ﬁne”"),
        ("A\u00a0 wide\n gap", "a wide gap", "A\u00a0 wide\n gap"),
        ("one—two", "one-two", "one—two"),
        ("cafe\u0301 noir", "café", "cafe\u0301"),
        ("so-\u00adcalled", "so-called", "so-\u00adcalled"),
    ],
)
def test_found_again_in_the_original(text: str, needle: str, found: str) -> None:
    span = texts.normalize(text).find(needle)
    assert span is not None
    assert text[span.start : span.end].rstrip("\u0301") == found.rstrip("\u0301")
