"""Verification by the rules alone, to test what they do without the reader."""

from __future__ import annotations

from functools import partial

from rag.verification import verify, verify_pieces

verify_by_rules = partial(verify, reader=None)
verify_pieces_by_rules = partial(verify_pieces, reader=None)
