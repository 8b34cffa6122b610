"""The training loop: mini-batches, a weighted sum of named terms, Adam."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latscape.autoencoders.adam import Adam
from latscape.autoencoders.checkpoint import Checkpoint, Snapshot
from latscape.autoencoders.cpu.threads import one_for_operations
from latscape.autoencoders.output import Generative
from latscape.autoencoders.source import BatchSource
from latscape.autoencoders.terms import Step, Term, views
from latscape.autoencoders.validation import ValidationSet
from latscape.errors import TrainingError

Weighted = Mapping[str, tuple[Term, NDArray[np.float64]]]
OnEpoch = Callable[[int, Mapping[str, float]], None]
Until = Callable[[int], bool]
History = dict[str, list[float]]

VALIDATION = "validation"


@dataclass(frozen=True)
class Optimization:
    """How to train."""

    epochs: int  # passes over the data
    batch: int  # samples per step
    learning_rate: NDArray[np.float64]  # (epochs,)


@dataclass(frozen=True)
class Callbacks:
    """What goes on beside the steps."""

    on_epoch: OnEpoch | None = None  # called with the number of every finished epoch and the last of every history
    validation: ValidationSet | None = None
    checkpoint: Checkpoint | None = None
    until: Until | None = None  # called with the number of every finished epoch; True ends the training there


def train(
    model: Generative,
    data: BatchSource,
    terms: Weighted,
    options: Optimization,
    generator: torch.Generator,
    watch: Callbacks = Callbacks(),
) -> History:
    """Train in place on all samples; return the mean of the loss and of every unweighted term per epoch.

    With held-out samples, their ELBO as well; and if it has patience, the weights are those of its best epoch.
    """
    run = _Run(model, generator, terms, watch)
    held, checkpoint = watch.validation, watch.checkpoint
    run.restore()
    stopped = run.epoch > 0 and watch.until is not None and watch.until(run.epoch - 1)  # perhaps unasked till now
    model.train()
    while not stopped and run.epoch < options.epochs and not (held and held.enough):
        try:
            with one_for_operations() if model.has_small_steps(options.batch) else nullcontext():
                means = _epoch(run, data, terms, options)
        except TrainingError as error:
            if checkpoint and checkpoint.path.exists():
                error.add_note(f"{checkpoint.path} holds an earlier epoch.")
            raise
        if held:
            means.append(held.look(model))
        for values, mean in zip(run.history.values(), means, strict=True):
            values.append(mean)
        run.epoch += 1
        over = run.epoch == options.epochs or (held is not None and held.enough)
        if checkpoint and (over or run.epoch % checkpoint.every == 0):
            checkpoint.save(run.snapshot())
        if watch.on_epoch is not None:
            watch.on_epoch(run.epoch - 1, {name: values[-1] for name, values in run.history.items()})
        stopped = watch.until is not None and watch.until(run.epoch - 1)
    if held and held.weights:
        model.load_state_dict(held.weights)
    model.eval()
    return run.history


@dataclass
class _Run:
    """All that the next epoch depends on."""

    model: Generative
    generator: torch.Generator
    terms: Weighted
    watch: Callbacks
    epoch: int = 0
    history: History = field(init=False)
    optimizer: Adam = field(init=False)

    def __post_init__(self) -> None:
        names = ("loss", *self.terms, *((VALIDATION,) if self.watch.validation else ()))
        self.history = {name: [] for name in names}
        self.optimizer = Adam(self.model.parameters())

    def snapshot(self) -> Snapshot:
        held = self.watch.validation
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {
            f"adam.{i}.{name}": value for i, state in enumerate(self.optimizer.state) for name, value in state.items()
        }
        tensors["generator"] = self.generator.get_state()
        facts = {"epoch": self.epoch, "history": self.history}
        if held:
            tensors |= {f"best.{name}": value for name, value in held.weights.items()}
            facts |= {"best": held.best, "since": held.since}
        return Snapshot(tensors, facts)

    def restore(self) -> None:
        """Go on from the checkpoint, if there is one."""
        held, checkpoint = self.watch.validation, self.watch.checkpoint
        found = checkpoint.load() if checkpoint else None
        if found is None:
            return
        self.model.load_state_dict(found.part("model"))
        self.optimizer.restore(found.part("adam"))
        self.generator.set_state(found.tensors["generator"])
        self.epoch, self.history = found.facts["epoch"], {k: list(v) for k, v in found.facts["history"].items()}
        if held:
            held.best, held.since, held.weights = found.facts["best"], found.facts["since"], found.part("best")


def _epoch(run: _Run, data: BatchSource, terms: Weighted, options: Optimization) -> list[float]:
    """One pass over the data; the means of the loss and of every term."""
    model, epoch = run.model, run.epoch
    step = Step(epoch, options.epochs)
    weights = {name: float(weight[epoch]) for name, (_, weight) in terms.items()}
    order = torch.randperm(len(data), generator=run.generator)
    noise = torch.randn(len(data), model.noise_width, generator=run.generator).to(data.device)
    width = model.view_width if views(term for term, _ in terms.values()) else 0
    view_noise = torch.randn(len(data), width, generator=run.generator).to(data.device)
    total = torch.zeros(len(terms) + 1, dtype=torch.float64)
    for start in range(0, len(data), options.batch):
        stop = min(start + options.batch, len(data))
        run.optimizer.zero_grad()
        # The gradients of a batch's chunks add up to its own: nothing is computed twice, and memory is bounded.
        for part in torch.arange(start, stop).split(model.chunk or options.batch):
            at = part.to(data.device)
            batch = replace(data.take(order[part].to(data.device)), view_noise=view_noise[at])
            output = model(batch, noise[at])
            means = torch.stack([term(output, batch, step).mean() for term, _ in terms.values()])
            loss = torch.dot(means, means.new_tensor(list(weights.values())))
            if not torch.isfinite(loss):
                raise not_finite(list(terms), means, loss, epoch)
            (loss * (len(part) / (stop - start))).backward()
            total += torch.cat([loss.detach()[None], means.detach()]).cpu().double() * len(part)
        run.optimizer.step(float(options.learning_rate[epoch]))
    return (total / len(data)).tolist()


def not_finite(names: list[str], means: Tensor, loss: Tensor, epoch: int) -> TrainingError:
    """The error that names the first term to leave the finite numbers."""
    each = zip(names, means, strict=True)
    bad = (f"term {name!r} became {mean.item()}" for name, mean in each if not mean.isfinite())
    what = next(bad, f"loss became {loss.item()}")
    return TrainingError(f"The {what} in epoch {epoch}. Try a lower learning rate or weight.")
