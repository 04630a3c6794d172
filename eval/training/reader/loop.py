"""The training loop: several processes of one thread each, whose weights are averaged often.

On a processor that others use too this is much faster than one process with several threads,
which wait for each other at every step.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from eval.training.reader.batches import Ready, inputs, loss, targets
from eval.training.reader.network import ReaderNetwork

TOGETHER = 8  # steps between two averages over the processes
SMOOTHED = 0.97  # how much of the running mean an average keeps
CLIP = 1.0
DECAY = 0.01
WARM = 0.05
KEPT_SECONDS = 240.0

# The batches of one pass; called in every process, so it must depend on the number alone.
Batches = Callable[[int], list[list[Ready]]]


@dataclass(frozen=True)
class Stage:
    """One stage of training.

    Attributes:
        name: Names its files.
        batches: Gives the batches of a pass.
        passes: How many passes at most.
        rate: The highest learning rate, reached early; a cosine takes it to zero.
        minutes: The rate is at zero after so long, however few passes are done.
        heads: The heads' rate over the encoder's.
        dropout: After each of a layer's two halves.
        finish: Whether the rate falls to zero; otherwise to a third.
    """

    name: str
    batches: Batches
    passes: int
    rate: float
    minutes: float
    heads: float = 3.0
    dropout: float = 0.05
    finish: bool = True


def run(stage: Stage, start: Path, out: Path, workers: int) -> Path:
    """Trains from the weights in ``start``; a run that was broken off goes on.

    Returns:
        The file with the finished weights, a running mean over the last steps.
    """
    done = out / f"{stage.name}.pt"
    if done.exists():
        return done
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{folder}/meeting"
        context = torch.multiprocessing.get_context("fork")
        processes = [
            context.Process(target=_worker, args=(rank, workers, meeting, stage, start, out))
            for rank in range(workers)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    if not done.exists():
        raise RuntimeError(f"training of {stage.name} broke off; its output says why")
    return done


def _worker(rank: int, workers: int, meeting: str, stage: Stage, start: Path, out: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=workers)
    _Trainer(rank, workers, stage, start, out).train()
    distributed.destroy_process_group()


class _Trainer:
    def __init__(self, rank: int, workers: int, stage: Stage, start: Path, out: Path) -> None:
        self.rank, self.workers, self.stage, self.out = rank, workers, stage, out
        self.network = ReaderNetwork()
        self.network.load_state_dict(torch.load(start))
        # Most words never occur in so little text; moving only some would do harm.
        self.network.words.weight.requires_grad_(False)
        for layer in self.network.layers:
            layer.dropout = stage.dropout
        self.network.train()
        self.learnt = [p for p in self.network.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(self._groups(), lr=1.0, fused=True)
        self.mean = [p.detach().clone() for p in self.learnt]
        self.place, self.spent, self.averages = (0, 0), 0.0, 0
        self.part = out / f"{stage.name}.part.pt"
        if self.part.exists():
            self._resume()

    def train(self) -> None:
        stage, began, kept = self.stage, time.monotonic() - self.spent, time.monotonic()
        total = losses = tokens = 0.0
        for number in range(self.place[0], stage.passes):
            batches = stage.batches(number)
            share = len(batches) // self.workers
            for step in range(self.place[1] if number == self.place[0] else 0, share):
                progress = (number + step / share) / stage.passes
                progress = max(progress, (time.monotonic() - began) / 60 / stage.minutes)
                batch = batches[step * self.workers + self.rank]
                losses += self._step(batch, progress)
                total += 1
                tokens += sum(len(one.row.ids) for one in batch)
                if (step + 1) % TOGETHER:
                    continue
                stop = self._average(progress)
                if self.rank == 0 and (step + 1) % (TOGETHER * 2) == 0:
                    self._log(number, step, share, progress, losses / total, tokens)
                    total = losses = tokens = 0.0
                if self.rank == 0 and time.monotonic() - kept > KEPT_SECONDS:
                    self._keep(self.part, (number, step + 1), time.monotonic() - began)
                    kept = time.monotonic()
                if stop:
                    break
            else:
                continue
            break
        self._average(1.0)
        if self.rank == 0:
            self._swap_mean()
            torch.save(self.network.state_dict(), self.out / f"{stage.name}.pt")
            self.part.unlink(missing_ok=True)

    def _step(self, batch: list[Ready], progress: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = group["scale"] * self._rate(progress)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self.network(*inputs(batch))
        scores = type(scores)(*(one.float() for one in scores))
        value = loss(scores, targets(batch, scores.support.shape[1]))
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.learnt, CLIP)
        self.optimiser.step()
        self.optimiser.zero_grad()
        return value.item()

    def _rate(self, progress: float) -> float:
        progress = min(progress, 1.0)
        low = 0.0 if self.stage.finish else 1 / 3
        fall = low + (1 - low) * 0.5 * (1 + math.cos(math.pi * progress))
        return self.stage.rate * min(progress / WARM + 0.02, 1.0) * fall

    def _average(self, progress: float) -> bool:
        """Brings the processes' weights together. True when the first one says: stop."""
        flat = torch.cat([p.detach().view(-1) for p in self.learnt])
        flat = torch.cat([flat, torch.tensor([float(self.rank == 0 and progress >= 1)])])
        distributed.all_reduce(flat)
        stop = bool(flat[-1] > 0.5)
        flat = flat / self.workers
        self.averages += 1
        keep = min(SMOOTHED, self.averages / (self.averages + 5))
        first = 0
        with torch.no_grad():
            for mine, mean in zip(self.learnt, self.mean, strict=True):
                mine.copy_(flat[first : first + mine.numel()].view_as(mine))
                mean.lerp_(mine, 1 - keep)
                first += mine.numel()
        return stop

    def _swap_mean(self) -> None:
        with torch.no_grad():
            for mine, mean in zip(self.learnt, self.mean, strict=True):
                kept = mine.clone()
                mine.copy_(mean)
                mean.copy_(kept)

    def _groups(self) -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = []
        for heads in (False, True):
            for flat in (False, True):
                chosen = [
                    p
                    for name, p in self.network.named_parameters()
                    if p.requires_grad
                    and (p.ndim < 2) == flat
                    and name.startswith(("attention", "claim", "support", "answer")) == heads
                ]
                scale = self.stage.heads if heads else 1.0
                groups.append({"params": chosen, "scale": scale,
                               "weight_decay": 0.0 if flat else DECAY})  # fmt: skip
        return groups

    def _keep(self, path: Path, place: tuple[int, int], spent: float) -> None:
        state = {"network": self.network.state_dict(), "mean": self.mean, "place": place,
                 "optimiser": self.optimiser.state_dict(), "spent": spent,
                 "averages": self.averages}  # fmt: skip
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)
        self._swap_mean()
        torch.save(self.network.state_dict(), self.out / f"{self.stage.name}.latest.pt")
        self._swap_mean()

    def _resume(self) -> None:
        state = torch.load(self.part)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.mean, self.place, self.spent = state["mean"], state["place"], state["spent"]
        self.averages = state["averages"]

    def _log(
        self, number: int, step: int, share: int, progress: float, value: float, tokens: float
    ) -> None:
        row = {"stage": self.stage.name, "pass": number, "step": step + 1, "of": share,
               "progress": round(progress, 4), "loss": round(value, 4), "tokens": int(tokens),
               "time": round(time.time(), 1)}  # fmt: skip
        with (self.out / "curve.jsonl").open("a") as curve:
            curve.write(json.dumps(row) + "\n")
