"""A small trained reader: does a text bear a claim out, and which sentences answer a question?"""

from rag.reader.reader import Judgement, OptionalReader, Reader, ReaderDamaged, load_reader
from rag.reader.windows import Window, header, source_header

__all__ = [
    "Judgement",
    "OptionalReader",
    "Reader",
    "ReaderDamaged",
    "Window",
    "header",
    "load_reader",
    "source_header",
]
