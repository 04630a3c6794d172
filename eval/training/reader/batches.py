"""Examples as tensors, and what the network is punished for."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from eval.training.reader.examples import SUPPORTED, Example
from eval.training.reader.network import Scores
from rag.reader import Row, Rows, padded

# Lengths are rounded up to a multiple of this, and the batches of a length have one size: the
# kernels are made anew for every new shape, which takes about a second.
STEP = 16
SMOOTHING = 0.03
SUPPORT_WEIGHT = 0.5


class Ready(NamedTuple):
    """One example with its row."""

    row: Row
    example: Example


class Targets(NamedTuple):
    """``claim``: label, -1 for questions; ``gold``: (rows, sentences) 0, 1; ``real``: the mask.

    ``sure`` is 0 where it is not known which sentences bear a true claim out.
    """

    claim: Tensor
    gold: Tensor
    real: Tensor
    sure: Tensor
    weight: Tensor


def batched(examples: Sequence[Example], rows: Rows, tokens: int, seed: int) -> list[list[Ready]]:
    """Batches of at most ``tokens`` tokens in random order; the same for the same seed.

    A few examples may be left out, so that all batches of a length have the same size.
    """
    chance = random.Random(seed)
    buckets: dict[int, list[Ready]] = defaultdict(list)
    for one in chance.sample(list(examples), len(examples)):
        row = rows.row(one.query, one.window)
        buckets[-(-len(row.ids) // STEP)].append(Ready(row, one))
    batches: list[list[Ready]] = []
    for size in sorted(buckets):
        fit = max(1, tokens // (size * STEP))
        whole = len(buckets[size]) // fit * fit
        # What is left over goes into the next length.
        buckets.get(size + 1, []).extend(buckets[size][whole:])
        batches += [buckets[size][i : i + fit] for i in range(0, whole, fit)]
    chance.shuffle(batches)
    return batches


def inputs(batch: Sequence[Ready]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Token numbers, kinds, places and mask."""
    arrays = padded([one.row for one in batch], multiple=STEP)
    ids, kinds, places, mask = (torch.from_numpy(array) for array in arrays)
    return ids, kinds, places, mask


def targets(batch: Sequence[Ready], sentences: int) -> Targets:
    claim = torch.tensor([-1 if x.example.claim is None else x.example.claim for x in batch])
    gold = torch.zeros(len(batch), sentences)
    real = torch.zeros(len(batch), sentences)
    for index, one in enumerate(batch):
        real[index, sorted({place - 1 for place in one.row.places if place})] = 1
        gold[index, [n - 1 for n in one.example.gold if n <= sentences]] = 1
    sure = torch.tensor([float(x.example.claim != SUPPORTED or bool(x.example.gold))
                         for x in batch])  # fmt: skip
    weight = torch.tensor([one.example.weight for one in batch])
    return Targets(claim, gold * real, real, sure, weight)


def loss(scores: Scores, wanted: Targets) -> Tensor:
    """The mean over the rows; for a question both whether and where it is answered."""
    weight, asked = wanted.weight, wanted.claim < 0
    total = scores.claim.new_zeros(())
    if (~asked).any():
        each = functional.cross_entropy(
            scores.claim[~asked], wanted.claim[~asked], reduction="none", label_smoothing=SMOOTHING
        )
        total = total + (each * weight[~asked]).sum()
        of_sentences = _sentences(scores.support[~asked], wanted, ~asked)
        total = total + SUPPORT_WEIGHT * (of_sentences * (weight * wanted.sure)[~asked]).sum()
    if asked.any():
        each = _sentences(scores.answer[asked], wanted, asked)
        each = each + _place(scores.answer[asked], wanted.gold[asked], wanted.real[asked])
        total = total + (each * weight[asked]).sum()
    return total / len(weight)


def _sentences(logits: Tensor, wanted: Targets, chosen: Tensor) -> Tensor:
    """Each sentence by itself: the sum over a row's sentences, scaled to two of them."""
    real, gold = wanted.real[chosen], wanted.gold[chosen]
    each = functional.binary_cross_entropy_with_logits(logits, gold, reduction="none")
    return 2 * (each * real).sum(-1) / real.sum(-1).clamp_min(1)


def _place(logits: Tensor, gold: Tensor, real: Tensor) -> Tensor:
    """All sentences against each other and against *none of them*, whose logit is zero."""
    hidden = logits.masked_fill(real == 0, -1e4)
    against = torch.cat([hidden, torch.zeros_like(hidden[:, :1])], -1)
    right = torch.cat([gold, (gold.sum(-1, keepdim=True) == 0).float()], -1)
    return against.logsumexp(-1) - against.masked_fill(right == 0, -1e4).logsumexp(-1)
