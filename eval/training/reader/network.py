"""The reader as a torch module: all-MiniLM-L6-v2 over a pair of texts, with three heads.

`rag.reader` runs the same network through ONNX; `eval.training.reader.graph` translates it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
VOCABULARY, POSITIONS = 30522, 512
EPSILON = 1e-12
# Numbers of sentences are rounded up to a multiple of this: every new shape costs a second, once.
SENTENCES = 6
# Added to the score of what may not be looked at; finite, so that no row becomes undefined.
HIDDEN = -1e4


class Scores(NamedTuple):
    """Logits. ``claim``: (rows, 3); ``support`` and ``answer``: (rows, sentences)."""

    claim: Tensor
    support: Tensor
    answer: Tensor


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.joint = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)
        self.first_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.second_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.dropout = 0.0

    def forward(self, state: Tensor, hiding: Tensor) -> Tensor:
        rows, length, _ = state.shape
        split = self.joint(state).view(rows, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # Written out: the fused kernel's backward pass takes half of all time on a processor.
        scores = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5 + hiding
        weights = torch.softmax(scores, -1).to(value.dtype)
        mixed = (weights @ value).transpose(1, 2).reshape(rows, length, WIDTH)
        state = self.first_norm(state + self._dropped(self.output(mixed)))
        inner = functional.gelu(self.inner(state))
        return self.second_norm(state + self._dropped(self.outer(inner)))

    def _dropped(self, state: Tensor) -> Tensor:
        return functional.dropout(state, self.dropout, self.training) if self.dropout else state


class Head(nn.Module):
    """Two layers from some vectors side by side to ``size`` logits."""

    def __init__(self, vectors: int, size: int) -> None:
        super().__init__()
        self.inner = nn.Linear(vectors * WIDTH, WIDTH)
        self.outer = nn.Linear(WIDTH, size)

    def forward(self, *vectors: Tensor) -> Tensor:
        return self.outer(functional.gelu(self.inner(torch.cat(vectors, -1))))


class ReaderNetwork(nn.Module):
    """Token numbers, kinds, places and mask, all (rows, length), to `Scores`."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        # How much a token counts for its sentence, for a support and for an answer.
        self.attention = nn.Linear(WIDTH, 3)
        self.claim = Head(3, 3)
        self.support = Head(2, 1)
        self.answer = Head(2, 1)
        nn.init.zeros_(self.attention.weight)
        nn.init.zeros_(self.attention.bias)

    def forward(self, ids: Tensor, kinds: Tensor, places: Tensor, mask: Tensor) -> Scores:
        length = ids.shape[1]
        state = self.words(ids) + self.positions.weight[:length] + self.kinds(kinds)
        state = self.norm(state)
        hiding = ((1 - mask) * HIDDEN)[:, None, None, :].to(state.dtype)
        for layer in self.layers:
            state = layer(state, hiding)
        whole = state[:, 0]
        weights = self.attention(state).float().clamp(-15, 15).exp()
        text = (places > 0).float()
        most = -(-int(places.max()) // SENTENCES) * SENTENCES
        sentences = torch.arange(1, most + 1, device=ids.device)
        members = (places[:, None, :] == sentences[None, :, None]).float()
        query = ((kinds == 0) & (mask > 0)).float()
        claim = self.claim(
            whole,
            pooled(query[:, None], state)[:, 0],
            pooled((text * weights[..., 0])[:, None], state)[:, 0],
        )
        wide = whole[:, None].expand(-1, members.shape[1], -1)
        support = self.support(pooled(members * weights[:, None, :, 1], state), wide)
        answer = self.answer(pooled(members * weights[:, None, :, 2], state), wide)
        return Scores(claim, support[..., 0], answer[..., 0])


def pooled(weights: Tensor, state: Tensor) -> Tensor:
    """Weighted means of token vectors, (rows, groups, width); zeros for an empty group."""
    share = weights / weights.sum(-1, keepdim=True).clamp_min(1e-6)
    return share.to(state.dtype) @ state


def from_minilm(tensors: dict[str, Tensor]) -> ReaderNetwork:
    """A network with the encoder of all-MiniLM-L6-v2 and untrained heads."""
    network = ReaderNetwork()
    found = {
        f"{ours}.{part}": tensors[f"{theirs}.{part}"]
        for ours, theirs in _names().items()
        for part in ("weight", "bias")
    }
    found["words.weight"] = tensors["embeddings.word_embeddings.weight"]
    found["positions.weight"] = tensors["embeddings.position_embeddings.weight"]
    found["kinds.weight"] = tensors["embeddings.token_type_embeddings.weight"]
    for index in range(LAYERS):
        own = f"encoder.layer.{index}.attention.self"
        for part in ("weight", "bias"):
            three = [tensors[f"{own}.{name}.{part}"] for name in ("query", "key", "value")]
            found[f"layers.{index}.joint.{part}"] = torch.cat(three)
    left = network.load_state_dict(found, strict=False)
    heads = ("attention.", "claim.", "support.", "answer.")
    unknown = [name for name in left.missing_keys if not name.startswith(heads)]
    if unknown or left.unexpected_keys:
        raise ValueError(f"not the weights of all-MiniLM-L6-v2: {unknown or left.unexpected_keys}")
    return network


def _names() -> dict[str, str]:
    names = {"norm": "embeddings.LayerNorm"}
    for index in range(LAYERS):
        theirs = f"encoder.layer.{index}"
        names |= {
            f"layers.{index}.output": f"{theirs}.attention.output.dense",
            f"layers.{index}.first_norm": f"{theirs}.attention.output.LayerNorm",
            f"layers.{index}.inner": f"{theirs}.intermediate.dense",
            f"layers.{index}.outer": f"{theirs}.output.dense",
            f"layers.{index}.second_norm": f"{theirs}.output.LayerNorm",
        }
    return names
