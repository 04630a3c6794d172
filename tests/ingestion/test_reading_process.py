"""What the child process says of a file that a parser cannot read."""

from __future__ import annotations

import pytest

from rag.ingestion import reading_process
from rag.ingestion.limits import MEGABYTE
from rag.receipts import Failure


@pytest.mark.parametrize(("peak", "said"), [(400, "more than 500 MB of memory"), (90, "damaged")])
def test_compiled_code_may_fail_without_saying_that_memory_ran_out(
    peak: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise SystemError("returned NULL without setting an exception")

    monkeypatch.setattr(reading_process, "read_file", fails)
    monkeypatch.setattr(reading_process, "_memory", lambda name: peak * MEGABYTE)
    request = {"path": "a.docx", "encoding": None, "mapping": None}
    (failure,) = reading_process._outcomes(request, 500)
    assert isinstance(failure, Failure) and said in failure.reason


def test_a_process_knows_its_peak() -> None:
    assert reading_process._memory("VmPeak") >= reading_process._memory("VmSize") > MEGABYTE
