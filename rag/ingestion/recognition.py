"""Has ocrmypdf, where it is installed, recognize the text of scanned pages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from rag.ingestion.documents import Extracted
from rag.ingestion.formats import Scanned
from rag.ingestion.limits import Unreadable
from rag.types import Fact

PROGRAM = "ocrmypdf"
# A scan may have a line of text on it, such as its day, for which its pages must not be left out.
OPTIONS = (
    "--quiet",
    "--jobs=1",
    "--output-type=pdf",
    "--optimize=0",
    "--force-ocr",
    "--rotate-pages",
)
LONGEST_REASON = 200


def recognizing(
    languages: str, read_pdf: Callable[[bytes], Extracted]
) -> Callable[[bytes], Extracted]:
    """A reader of PDF files that has the text of scans recognized.

    Args:
        languages: Of the scans, as tesseract names them: ``deu+eng``.
        read_pdf: Reads files with text.
    """

    def read(data: bytes) -> Extracted:
        try:
            return read_pdf(data)
        except Scanned:
            program = which(PROGRAM)
            if program is None:
                raise
        found = read_pdf(_recognized(data, [program, *OPTIONS, f"--language={languages}"]))
        told = Fact("recognized in pictures of the pages", PROGRAM)
        return replace(found, facts={**found.facts, "text": told})

    return read


def _recognized(data: bytes, command: list[str]) -> bytes:
    """The file with the text behind its pictures.

    Raises:
        Unreadable: The program fails, and says why.
    """
    with TemporaryDirectory(prefix="scan-") as folder:
        scan, result = Path(folder, "scan.pdf"), Path(folder, "result.pdf")
        scan.write_bytes(data)
        done = subprocess.run(
            [*command, scan, result],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode == 0 and result.exists():
            return result.read_bytes()
    said = done.stderr.decode("utf-8", "replace").split("\n")
    reason = next((line.strip() for line in reversed(said) if line.strip()), "no reason")
    raise Unreadable(
        f"It is a scan, and {PROGRAM} cannot recognize its text: {reason[:LONGEST_REASON]}."
    )
