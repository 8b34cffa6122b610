"""How the networks of `latscape.patches.unet` are trained: on generated images that are never the same.

python -m latscape.patches.training atoms|walls [--steps 2500] [--batch 8] [--seed 0] [--out FILE]
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch.nn import functional as F

from latscape.data.domain_images import domains
from latscape.data.lattices import CRYSTALS, crystal
from latscape.data.spots import add_spots
from latscape.patches.unet import UNIT, Kind, Net, new_net, standardized
from latscape.random import numpy_generator

Sample = tuple[NDArray[np.float32], NDArray[np.float32]]
Draw = Callable[[np.random.Generator], Sample]
#: What the shipped networks had: `atoms --steps 2500`, `walls --steps 700 --batch 4`.
STEPS = 2500
SIDE = 96  # of the images to learn from [pixels]
MARK = 1.5  # deviation of the spot that marks an atom [pixels]


def draw_atoms(generator: np.random.Generator) -> Sample:
    """A crystal of any kind, orientation, dose and number of defects, and where its atoms are."""
    spacing, r = generator.uniform(0.75, 1.3) * UNIT["atoms"], generator.uniform
    made = crystal(
        str(generator.choice(list(CRYSTALS))),  # pyright: ignore[reportArgumentType]
        size=SIDE,
        spacing=spacing,
        sigma=spacing * r(0.18, 0.34),
        strain=r(0.0, 0.03),
        disorder=r(0.0, 0.03) * spacing,
        vacancies=r(0.0, 0.08),
        dopants=r(0.0, 0.03),
        grains=int(generator.integers(1, 4)),
        background=r(0.1, 2.0),
        haze=r(0.0, 0.5),
        dose=float(np.exp(r(np.log(1.0), np.log(200.0)))),
        seed=int(generator.integers(2**62)),
    )
    image = made.image * (1.0 + generator.exponential(1.0) * _patch(generator))
    if generator.random() < 0.5:
        image = ndimage.gaussian_filter(image, r(0.0, 0.8))  # detectors and resampling correlate the noise
    marks = np.zeros((SIDE, SIDE))
    add_spots(marks, made.position, np.ones(len(made)), np.full(len(made), MARK))
    return standardized(image.astype(np.float32), "atoms"), marks.clip(0.0, 1.0).astype(np.float32)


def draw_walls(generator: np.random.Generator) -> Sample:
    """Domains of any size, contrast and noise, and where their walls are."""
    r = generator.uniform
    made = domains(
        SIDE,
        scale=r(6.0, 30.0),
        width=r(0.5, 3.0),
        stripes=r(0.0, 1.0),
        share=r(0.25, 0.75),
        noise=r(0.0, 0.7),
        seed=int(generator.integers(2**62)),
    )
    marks = np.exp(-0.5 * (made.distance / 1.0) ** 2)
    image = made.image + r(0.0, 0.5) * _patch(generator)
    return standardized(image.astype(np.float32), "walls"), marks.astype(np.float32)


DRAW: dict[Kind, Draw] = {"atoms": draw_atoms, "walls": draw_walls}


def _patch(generator: np.random.Generator) -> NDArray[np.float64]:
    """A smooth blot over a part of some images, 0...1."""
    if generator.random() < 0.7:
        return np.zeros((SIDE, SIDE))
    field = ndimage.gaussian_filter(generator.normal(size=(SIDE, SIDE)), generator.uniform(5.0, 15.0), mode="wrap")
    return 1.0 / (1.0 + np.exp(-6.0 * field / field.std() + 4.0))


def train_net(
    net: Net,
    draw: Draw,
    *,
    steps: int = STEPS,
    batch: int = 8,
    learning_rate: float = 3e-3,
    seed: int = 0,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> Net:
    """Teach a network, in place, samples that are drawn as it goes: cross-entropy, Adam, a rate that falls to zero.

    Parameters
    ----------
    draw
        Gives an image, standardized, and the marks (h, w) in [0, 1] that it should get, from a generator.
    on_step
        Called with the number of every step and its loss.
    """
    generator = numpy_generator(seed, "unet", net.kind)
    optimizer = torch.optim.Adam(net.module.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps + 1, pct_start=0.1)
    net.module.to(memory_format=torch.channels_last).train()  # pyright: ignore[reportCallIssue]  half the time
    for step in range(steps):
        images, marks = (np.stack(part)[:, None] for part in zip(*(draw(generator) for _ in range(batch)), strict=True))
        optimizer.zero_grad(set_to_none=True)
        logits = net.module(torch.from_numpy(images).to(memory_format=torch.channels_last))
        loss = F.binary_cross_entropy_with_logits(logits, torch.from_numpy(marks))
        loss.backward()
        optimizer.step()
        schedule.step()
        on_step(step, float(loss.detach()))
    net.module.to(memory_format=torch.contiguous_format).eval()  # pyright: ignore[reportCallIssue]
    return net


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one network and write its weights."""
    parser = argparse.ArgumentParser(
        prog="python -m latscape.patches.training", description=str(__doc__).splitlines()[0]
    )
    parser.add_argument("kind", choices=sorted(UNIT))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    begun, losses = time.perf_counter(), []

    def tell(step: int, loss: float) -> None:
        losses.append(loss)
        if (step + 1) % 100 == 0:
            mean, seconds = np.mean(losses[-100:]), time.perf_counter() - begun
            print(f"step {step + 1}  loss {mean:.4f}  {seconds:.0f} s", file=sys.stderr, flush=True)

    net = new_net(options.kind, options.seed)
    train_net(net, DRAW[options.kind], steps=options.steps, batch=options.batch, seed=options.seed, on_step=tell)
    print(net.save(options.out or Path(f"{options.kind}.safetensors")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
