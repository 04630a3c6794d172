"""Unpacks what servers pack, in pieces, so that a bomb is stopped at a limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import brotli

# The most bytes of a piece.
PIECE = 1_000_000
CUT = "it is damaged or cut off"
GZIP = b"\x1f\x8b"
# As the argument of `zlib.decompressobj`.
GZIPPED = 16 + zlib.MAX_WBITS


class NotUnpacked(Exception):
    """Bytes are not packed as they are said to be, or are cut off."""


def packing_of(content_encoding: str | None) -> str:
    """The packing that a header names, without its old prefix; empty if there is none."""
    name = (content_encoding or "").strip().lower().removeprefix("x-")
    return "" if name == "identity" else name


def unpack(data: bytes, packing: str, join: Callable[[Iterator[bytes]], bytes]) -> bytes:
    """The bytes that were packed.

    Args:
        data: The packed bytes.
        packing: A key of `UNPACKERS`.
        join: Puts pieces together; what it raises when there are too many ends the unpacking.

    Raises:
        NotUnpacked: They are damaged or cut off.
    """
    for pieces in UNPACKERS[packing]:
        try:
            return join(pieces(data))
        except (zlib.error, brotli.error):
            continue
    raise NotUnpacked


def _inflated(data: bytes, bits: int) -> Iterator[bytes]:
    """What `zlib` packed; ``bits`` tell the format, as there. Parts in a row are joined."""
    while True:
        unpacker = zlib.decompressobj(bits)
        while not unpacker.eof:
            piece = unpacker.decompress(data, PIECE)
            data = unpacker.unconsumed_tail
            if not (piece or data or unpacker.eof):
                raise zlib.error(CUT)
            yield piece
        data = unpacker.unused_data
        if bits != GZIPPED or not data.startswith(GZIP):
            return


def _unbrotlied(data: bytes) -> Iterator[bytes]:
    """What Brotli packed."""
    unpacker = brotli.Decompressor()
    while not unpacker.is_finished():
        piece = unpacker.process(data, output_buffer_limit=PIECE)
        data = b""
        if not (piece or unpacker.is_finished()):
            raise brotli.error(CUT)
        yield piece


# By the content encoding in the header. What is called deflate often lacks the head of zlib.
UNPACKERS: Mapping[str, tuple[Callable[[bytes], Iterator[bytes]], ...]] = {
    "gzip": (partial(_inflated, bits=GZIPPED),),
    "deflate": (partial(_inflated, bits=zlib.MAX_WBITS), partial(_inflated, bits=-zlib.MAX_WBITS)),
    "br": (_unbrotlied,),
}
