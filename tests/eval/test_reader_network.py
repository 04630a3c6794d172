"""The network and its translation; needs torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.reader import Rows, Window, make_tokenizer, padded

torch = pytest.importorskip("torch")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz?."]
PAIRS = [
    ("a b?", Window("t.", ("c d e.", "f g."))),
    ("h i j k?", Window("", ("l m n o p.", "q.", "r s t u."))),
]


def test_the_file_gives_what_the_network_gives(tmp_path: Path) -> None:
    from eval.training.reader.graph import Calibration, export
    from eval.training.reader.network import ReaderNetwork
    from rag.embedding.onnx_session import session

    torch.manual_seed(0)
    network = ReaderNetwork().eval()
    torch.nn.init.normal_(network.attention.weight, std=0.3)
    path = tmp_path / "reader.onnx"
    how = Calibration(claim=1.5, answer=0.7, answer_shift=0.4)
    export(network.state_dict(), how, WORDS, {}, path, small=False)
    make = Rows(make_tokenizer(WORDS))
    batch = padded([make.row(*pair) for pair in PAIRS])
    with torch.no_grad():
        wanted = network(*(torch.from_numpy(array) for array in batch))
    claim, support, answer = session(path.read_bytes()).run(None, batch._asdict())
    np.testing.assert_allclose(claim, (wanted.claim / 1.5).softmax(-1), atol=1e-5)
    np.testing.assert_allclose(support, wanted.support.sigmoid()[:, :3], atol=1e-5)
    np.testing.assert_allclose(answer, (wanted.answer / 0.7 + 0.4).sigmoid()[:, :3], atol=1e-5)


def test_the_loss_falls_where_the_scores_are_right() -> None:
    from eval.training.reader.batches import Ready, loss, targets
    from eval.training.reader.examples import Example
    from eval.training.reader.network import Scores

    make = Rows(make_tokenizer(WORDS))
    examples = [
        Example("a", PAIRS[0][1], 0, frozenset({2})),
        Example("b?", PAIRS[0][1], None, frozenset({1})),
        Example("c?", PAIRS[0][1], None, frozenset()),
    ]
    wanted = targets([Ready(make.row(x.query, x.window), x) for x in examples], 2)
    claim = torch.tensor([[4.0, -4, -4]] * 3)
    support = torch.tensor([[-4.0, 4]] * 3)
    answer = torch.tensor([[0.0, 0], [4, -4], [-4, -4]])
    right = loss(Scores(claim, support, answer), wanted)
    wrong = loss(Scores(-claim, -support, -answer), wanted)
    assert 0 < right < 0.2 < wrong


@pytest.mark.parametrize("small", [False, True])
def test_an_exported_reader_is_restored(tmp_path: Path, small: bool) -> None:
    from eval.training.reader.graph import Calibration, export, restore
    from eval.training.reader.network import ReaderNetwork

    torch.manual_seed(0)
    network, other = ReaderNetwork().eval(), ReaderNetwork().eval()
    other.words.load_state_dict(network.words.state_dict())
    path = tmp_path / "reader.onnx"
    export(network.state_dict(), Calibration(claim=1.5), WORDS, {}, path, small=small)
    restore(other, path)
    make = Rows(make_tokenizer(WORDS))
    batch = [torch.from_numpy(array) for array in padded([make.row(*pair) for pair in PAIRS])]
    with torch.no_grad():
        wanted, found = network(*batch), other(*batch)
    for one, two in zip(wanted, found, strict=True):
        torch.testing.assert_close(two, one, rtol=0, atol=0.05 if small else 1e-5)


def test_another_network_is_no_reader(tmp_path: Path) -> None:
    import onnx

    from eval.training.reader.graph import restore
    from eval.training.reader.network import ReaderNetwork

    path = tmp_path / "other.onnx"
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], [])), path)
    with pytest.raises(ValueError, match="not an exported reader"):
        restore(ReaderNetwork(), path)
