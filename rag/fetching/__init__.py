"""Fetching: pages and lists of pages from web addresses that a user names."""

from rag.fetching.addresses import Refused, identity, parse_address
from rag.fetching.fetcher import GONE, NOTHING, Fetcher, Page, Validators
from rag.fetching.listings import Entry, read_listing
from rag.fetching.unpacking import UNPACKERS, NotUnpacked, packing_of, unpack

__all__ = [
    "GONE",
    "NOTHING",
    "UNPACKERS",
    "Entry",
    "Fetcher",
    "NotUnpacked",
    "Page",
    "Refused",
    "Validators",
    "identity",
    "packing_of",
    "parse_address",
    "read_listing",
    "unpack",
]
