"""How long does an instrument wait for the next place? Steps of a deep-kernel campaign over 10,000 patches.

    python benchmarks/dkl_step.py [--json] [--smoke] [--seeds 10] [--first-seed 0] [--out ROWS] [--extractor conv]

A smooth random image of 116 x 116 pixels (white noise through a Gaussian filter of 3 pixels) has 10,000 patches of
16 x 16; the target is the mean magnitude of the gradient within a patch. All but the last `steps` of 100 or 500 points
are random and told at once, and the first model is trained to its end; then come timed steps: refit, acquisition over
all patches, one more point in the record. R2 is that of the predictions over all patches, measured ones included.
Beside it the R2 of an exact GP on 8 principal components of the same points. `--extractor atomai` (after `make peers`)
times AtomAI's dklGPR instead, one training of 200 epochs and the acquisition; it takes minutes a seed.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from _timing import machine
from latscape.gp import DeepKernel, ExactGP, predict
from latscape.random import numpy_generator
from peers import at_hand, missing


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    image: int = 116
    patch: int = 16
    smooth: float = 3.0
    points: tuple[int, ...] = (100, 500)
    steps: int = 5


SMOKE = Size(image=36, patch=8, points=(20, 30), steps=2)


def scene(size: Size, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patches (m, h, w), their corners (m, 2) and the mean gradient within each (m,)."""
    noise = numpy_generator(seed, "image").standard_normal((size.image, size.image))
    image = gaussian_filter(noise, size.smooth, mode="wrap")
    image /= image.std()
    n, window = size.image - size.patch, (size.patch, size.patch)
    cut = np.lib.stride_tricks.sliding_window_view
    steepness = np.hypot(*np.gradient(image))
    patches, target = (cut(one, window)[:n, :n] for one in (image, steepness))
    return patches.reshape(-1, *window).copy(), np.argwhere(np.ones((n, n))), target.mean(axis=(2, 3)).ravel()


def trial(size: Size, extractor: str, settled: float, n: int, seed: int) -> dict:
    """Steps and R2 at `n` measured points."""
    if extractor == "atomai":
        return rival(size, n, seed)
    patches, corners, target = scene(size, seed)
    space = ls.Candidates(patches, corners)
    surrogate = DeepKernel(extractor=extractor, settled=settled, seed=seed)
    campaign = ls.Campaign(space, surrogate, acquire="log_ei", seed=seed)
    known = numpy_generator(seed, "known").permutation(len(target))[: n - size.steps]
    campaign.tell(corners[known], target[known])
    value = {tuple(corner): one for corner, one in zip(corners.tolist(), target, strict=True)}
    started, first = clocked(campaign.ask)
    campaign.tell(started, [value[tuple(point)] for point in started])
    steps = [clocked(partial(step, campaign, value))[1] for _ in range(size.steps - 1)]
    mean = campaign.result().mean
    features = PCA(8, random_state=0).fit_transform(patches.reshape(len(target), -1))
    plain = predict(ExactGP().fit(features[known], target[known]), features)[0]
    wall, cpu = zip(*steps, strict=True)
    return {
        "extractor": extractor,
        "settled": settled,
        "points": n,
        "seed": seed,
        "r2": r2_score(target, mean),
        "r2_plain": r2_score(target, plain),
        "seconds": statistics.median(wall),
        "cpu_seconds": statistics.median(cpu),
        "first_cpu_seconds": first[1],
    }


def rival(size: Size, n: int, seed: int) -> dict:
    """The same of AtomAI's dklGPR, which begins anew in every step; at `n` random points."""
    from peers.dklgpr import Peer

    patches, corners, target = scene(size, seed)
    flat = patches.reshape(len(target), -1)
    campaign = ls.Campaign(ls.Candidates(flat, corners), Peer(seed=seed), acquire="log_ei", seed=seed)
    known = numpy_generator(seed, "known").permutation(len(target))[:n]
    campaign.tell(corners[known], target[known])
    _, (wall, cpu) = clocked(campaign.ask)
    of = {"extractor": "atomai", "settled": 0.0, "points": n, "seed": seed, "seconds": wall, "cpu_seconds": cpu}
    r2 = r2_score(target, campaign.result().mean)
    return of | {"first_cpu_seconds": cpu, "r2": r2, "r2_plain": float("nan")}


def step(campaign: ls.Campaign, value: dict) -> None:
    points = campaign.ask()
    campaign.tell(points, [value[tuple(point)] for point in points])


def clocked(call: Callable) -> tuple[object, tuple[float, float]]:
    """What a call gives, and its seconds by the wall and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    given = call()
    return given, (time.perf_counter() - wall, time.process_time() - cpu)


def summarize(size: Size, rows: list[dict]) -> dict:
    """Mean over the seeds, with the deviation of R2, under the names of the full size."""
    summary: dict = {"extractor": rows[0]["extractor"], "seeds": len({row["seed"] for row in rows})}
    for name, n in zip(("100", "500"), size.points, strict=True):
        of = [row for row in rows if row["points"] == n]
        for score in ("seconds", "cpu_seconds", "first_cpu_seconds", "r2", "r2_plain"):
            summary[f"{score}_{name}"] = float(np.mean([row[score] for row in of]))
        for score in ("r2", "r2_plain"):
            summary[f"{score}_{name}_std"] = float(np.std([row[score] for row in of], ddof=len(of) > 1))
    return summary | {"machine": machine()}


def main() -> int:
    parser = seeded(__doc__)
    parser.set_defaults(seeds=10)
    parser.add_argument("--extractor", choices=("dense", "conv", "atomai"), default="conv")
    parser.add_argument("--settled", type=float, default=0.0, help="freeze the extractor below this change; 0: never")
    options = parser.parse_args()
    if options.extractor == "atomai" and not at_hand("atomai"):
        print(missing("atomai"), file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    size = SMOKE if options.smoke else Size()
    rows = Rows(options.out, "extractor", "settled", "points", "seed")
    keys = [(options.extractor, options.settled, n, seed) for seed in seeds(options) for n in size.points]
    summary = summarize(size, [rows.get(key, partial(trial, size, *key)) for key in keys])
    for n in ("100", "500"):
        print(
            f"{n} points: {summary[f'seconds_{n}']:.2f} s a step, {summary[f'cpu_seconds_{n}']:.2f} s CPU, "
            f"R2 {summary[f'r2_{n}']:.3f} ± {summary[f'r2_{n}_std']:.3f}, "
            f"plain GP {summary[f'r2_plain_{n}']:.3f} ± {summary[f'r2_plain_{n}_std']:.3f}"
        )
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
