"""The training loop: mini-batches, a weighted sum of named terms, Adam."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import Generative
from latscape.autoencoders.terms import Step, Term
from latscape.errors import TrainingError

Weighted = Mapping[str, tuple[Term, NDArray[np.float64]]]
OnCycle = Callable[[int, Mapping[str, float]], None]


@dataclass(frozen=True)
class Optimization:
    """How to train.

    Attributes
    ----------
    cycles : int
        Passes over the data.
    batch : int
        Samples per step.
    learning_rate : ndarray, shape (cycles,)
    """

    cycles: int
    batch: int
    learning_rate: NDArray[np.float64]


def train(
    model: Generative,
    data: Batch,
    terms: Weighted,
    options: Optimization,
    generator: torch.Generator,
    on_cycle: OnCycle | None = None,
) -> dict[str, list[float]]:
    """Train in place on all samples; return the mean of the loss and of every unweighted term per cycle."""
    history: dict[str, list[float]] = {name: [] for name in ("loss", *terms)}
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, fused=True)
    model.train()
    for cycle in range(options.cycles):
        for group in optimizer.param_groups:
            group["lr"] = float(options.learning_rate[cycle])
        step = Step(cycle, options.cycles)
        weights = {name: float(weight[cycle]) for name, (_, weight) in terms.items()}
        order = torch.randperm(len(data), generator=generator)
        noise = torch.randn(len(data), model.noise_width, generator=generator).to(data.x.device)
        total = torch.zeros(len(terms) + 1, dtype=torch.float64)
        for start in range(0, len(data), options.batch):
            stop = min(start + options.batch, len(data))
            optimizer.zero_grad(set_to_none=True)
            # The gradients of a batch's chunks add up to its own: nothing is computed twice, and memory is bounded.
            for part in torch.arange(start, stop).split(model.chunk or options.batch):
                batch = data.take(order[part].to(data.x.device))
                output = model(batch, noise[part])
                means = torch.stack([term(output, batch, step).mean() for term, _ in terms.values()])
                loss = torch.dot(means, means.new_tensor(list(weights.values())))
                if not torch.isfinite(loss):
                    raise not_finite(list(terms), means, loss, cycle)
                (loss * (len(part) / (stop - start))).backward()
                total += torch.cat([loss.detach()[None], means.detach()]).cpu().double() * len(part)
            optimizer.step()
        for values, mean in zip(history.values(), (total / len(data)).tolist(), strict=True):
            values.append(mean)
        if on_cycle is not None:
            on_cycle(cycle, {name: values[-1] for name, values in history.items()})
    model.eval()
    return history


def not_finite(names: list[str], means: Tensor, loss: Tensor, cycle: int) -> TrainingError:
    """The error that names the first term to leave the finite numbers."""
    bad = [
        f"term {name!r} became {mean.item()}" for name, mean in zip(names, means, strict=True) if not mean.isfinite()
    ]
    what = bad[0] if bad else f"loss became {loss.item()}"
    return TrainingError(f"The {what} in cycle {cycle}. Try a lower learning rate or weight.")
