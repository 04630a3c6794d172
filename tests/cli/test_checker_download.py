"""An entailment model is downloaded when the user says so, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rag.cli.app import app
from rag.errors import FootnoteError
from tiny_cross_encoder import write_cross_encoder
from web_site import Site, web_site

WEIGHTS = "onnx/model_quantized.onnx"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A model that is stored as the published one is."""
    model = write_cross_encoder(tmp_path / "made", ("cats",), labels=("entailment", "other"))
    with web_site() as made:
        for name in ("config.json", "tokenizer.json"):
            made.put(f"/{name}", (model / name).read_bytes())
        made.put(f"/{WEIGHTS}", (model / "model.onnx").read_bytes())
        yield made


def download(site: Site, folder: Path, digest: str | None = None) -> Result:
    digest = digest or sha256(site.pages[f"/{WEIGHTS}"].data).hexdigest()
    flags = ["--sha256", digest, "--address", site.address, "--folder", str(folder)]
    return CliRunner().invoke(app, ["download-model", "checker", *flags])


def test_it_is_ready_for_use(site: Site, tmp_path: Path) -> None:
    found = download(site, tmp_path / "model")
    assert found.exit_code == 0 and f"--checker {tmp_path / 'model'}" in found.output
    assert {path.name for path in tmp_path.iterdir()} == {"made", "model"}
    # Once more: an earlier one is replaced.
    assert download(site, tmp_path / "model").exit_code == 0


def test_nothing_is_asked_for_without_a_hash(site: Site, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["download-model", "checker", "--address", site.address])
    assert found.exit_code == 2 and "--sha256" in found.output
    assert site.asked == []


@pytest.mark.parametrize("fault", ["hash", "missing", "no model"])
def test_a_fault_leaves_nothing_behind(site: Site, tmp_path: Path, fault: str) -> None:
    digest = "0" * 64 if fault == "hash" else None
    if fault == "no model":
        site.put("/config.json", "{}" + " " * 10)
        site.put("/tokenizer.json", "no JSON")
    if fault == "missing":
        del site.pages["/tokenizer.json"]
    found = download(site, tmp_path / "model", digest)
    assert isinstance(found.exception, FootnoteError)
    said = {"hash": "has the SHA256", "missing": "cannot be downloaded", "no model": "tokenizer"}
    assert said[fault] in str(found.exception)
    if fault != "no model":
        assert {path.name for path in tmp_path.iterdir()} == {"made"}
