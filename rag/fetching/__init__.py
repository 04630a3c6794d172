"""Fetching: pages and lists of pages from web addresses that a user names."""

from rag.fetching.addresses import Refused, identity
from rag.fetching.fetcher import GONE, Fetcher, Page, Validators
from rag.fetching.listings import Entry, read_listing

__all__ = ["GONE", "Entry", "Fetcher", "Page", "Refused", "Validators", "identity", "read_listing"]
