"""How long does a field history take? FerroSIM's fused kernel beside plain numpy, torch and torch.compile.

    python benchmarks/ferrosim_speed.py [--json] [--smoke] [--repeats 5]

A history is the studies': 20 x 20 sites, tetragonal, random field, 950 explicit Euler steps. `ms_per_history` is one
thread of the kernel in single precision, the studies' precision, in a batch of 1,000; `seconds_10000` is 10,000
histories on as many threads as there are cores, two at most. The others follow the same equation and end in the same
state. Median of calls that take turns; `cpu_ms` is processor time, which does not count the waiting for neighbours.
Times of torch.compile leave out the compilation.
"""

import argparse
import os
import time
from dataclasses import replace

import numpy as np
import torch

from _small import as_json
from _timing import machine, median, take_turns
from latscape.physics.ferrosim import FerroSIM, random_field
from latscape.random import numpy_generator
from latscape.trajectories.families import damped_sine_family

SIZE, STEPS, EQUILIBRATION = 20, 900, 50
SINGLE = FerroSIM(SIZE, field=random_field(SIZE, 0.3, seed=0))


def histories(n: int) -> np.ndarray:
    drawn = damped_sine_family()(n, STEPS, numpy_generator(0, "histories"))
    return np.concatenate([drawn, np.repeat(drawn[:, -1:], EQUILIBRATION, axis=1)], axis=1)


def plain_numpy(E: np.ndarray) -> np.ndarray:
    """The equation as it is written down, over a batch at once, in place where that saves memory."""
    lattice, h = SINGLE.lattice(), np.float32(SINGLE.time_step(E.shape[1]))
    a1, a2, a3 = (2 * lattice.alpha[0, 0], 4 * lattice.alpha[0, 1], 2 * lattice.alpha[0, 2])
    c, dep, random = lattice.bond[0], lattice.depolarization[0], lattice.field.astype(np.float32)
    a1, a2, a3, c, dep = (np.float32(one) for one in (a1 + 4 * c, a2, a3, c, dep))
    padded = np.zeros((len(E), 2, SIZE + 2, SIZE + 2), np.float32)
    p, E = padded[:, :, 1:-1, 1:-1], E.astype(np.float32)
    for t in range(1, E.shape[1]):
        field = -dep * p.mean((2, 3))
        field[:, 1] += E[:, t]
        square = p * p
        pull = padded[:, :, 1:-1, :-2] + padded[:, :, 1:-1, 2:]
        pull += padded[:, :, :-2, 1:-1]
        pull += padded[:, :, 2:, 1:-1]
        pull *= c
        pull += random
        pull += field[:, :, None, None]
        pull -= p * (a1 + a2 * square + a3 * square[:, ::-1])
        pull *= h
        p += pull
    return p


def torch_step(padded: torch.Tensor, E: torch.Tensor, random: torch.Tensor, h: float) -> torch.Tensor:
    """The same, for torch to run or to compile."""
    p = padded[:, :, 1:-1, 1:-1]
    field = torch.stack([torch.zeros_like(E), E], 1) - 0.2 * p.mean((2, 3))
    square = p * p
    pull = padded[:, :, 1:-1, :-2] + padded[:, :, 1:-1, 2:] + padded[:, :, :-2, 1:-1] + padded[:, :, 2:, 1:-1]
    local = p * (-3.2 + 1.0 + 48.8 * square + 80.0 * square.flip(1))
    return torch.nn.functional.pad(p + h * (0.25 * pull + random + field[:, :, None, None] - local), (1, 1, 1, 1))


def torch_run(step, E: np.ndarray) -> np.ndarray:
    fields, h = torch.as_tensor(E, dtype=torch.float32), SINGLE.time_step(E.shape[1])
    random = torch.as_tensor(SINGLE.lattice().field, dtype=torch.float32)
    padded = torch.zeros(len(E), 2, SIZE + 2, SIZE + 2)
    with torch.no_grad():
        for t in range(1, E.shape[1]):
            padded = step(padded, fields[:, t], random, h)
    return padded[:, :, 1:-1, 1:-1].numpy()


def best_batch(way, E: np.ndarray, sizes: tuple[int, ...]) -> int:
    """The size of a batch with the least time per history."""
    seconds = {}
    for size in sizes:
        begun = time.perf_counter()
        way(E[:size])
        seconds[size] = (time.perf_counter() - begun) / size
    return min(seconds, key=lambda size: seconds[size])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="few histories, no torch: only shows the script works")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    count, many = (64, 200) if options.smoke else (1000, 10_000)
    E = histories(count)
    ways = {
        "kernel": (SINGLE.run, E),
        "kernel, double": (replace(SINGLE, precision="double").run, E[: count // 4]),
        "numpy": (plain_numpy, E[: best_batch(plain_numpy, E, (8,) if options.smoke else (4, 16, 64))]),
    }
    if not options.smoke:
        ways["torch"] = (lambda x: torch_run(torch_step, x), E[:64])
        compiled = torch.compile(torch_step)
        torch_run(compiled, E[:64])
        ways["torch.compile"] = (lambda x: torch_run(compiled, x), E[:64])
    final = SINGLE.run(E).final
    for name, (way, x) in ways.items():
        if not name.startswith("kernel"):
            np.testing.assert_allclose(way(x), final[: len(x)], rtol=0, atol=1e-4)
    turns = take_turns({name: lambda way=way, x=x: way(x) for name, (way, x) in ways.items()}, options.repeats)
    ms = {name: 1e3 * median(turns[name]) / len(x) for name, (_, x) in ways.items()}
    threads = min(2, os.cpu_count() or 1)
    everything = np.resize(E, (many, E.shape[1]))
    begun = time.perf_counter()
    for first in range(0, many, count):
        SINGLE.run(everything[first : first + count], threads=threads)
    seconds = (time.perf_counter() - begun) * 10_000 / many
    for name, value in ms.items():
        print(f"{name:16s}{value:10.3f} ms per history, batch of {len(ways[name][1])}")
    print(f"10,000 histories on {threads} threads: {seconds:.1f} s; numpy / kernel = {ms['numpy'] / ms['kernel']:.1f}")
    if options.json:
        found = {"ms_per_history": ms["kernel"], "seconds_10000": seconds, "ratio_numpy": ms["numpy"] / ms["kernel"]}
        batches = {name: len(x) for name, (_, x) in ways.items()}
        cpu = {name: 1e3 * median(turns[name], "cpu") / len(x) for name, (_, x) in ways.items()}
        print(as_json(found | {"precision": "single", "ms": ms, "cpu_ms": cpu, "batch": batches, "machine": machine()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
