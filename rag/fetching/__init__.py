"""Fetching: pages and lists of pages from web addresses that a user names."""

from rag.fetching.allowed_addresses import Refused, parse_address
from rag.fetching.canonical_addresses import identity
from rag.fetching.fetcher import GONE, NOTHING, Fetcher, Page, Validators
from rag.fetching.listings import Entry, read_listing

__all__ = [
    "GONE",
    "NOTHING",
    "Entry",
    "Fetcher",
    "Page",
    "Refused",
    "Validators",
    "identity",
    "parse_address",
    "read_listing",
]
