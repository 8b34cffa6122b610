"""Are the intervals of each surrogate as wide as they say? Coverage of 50, 80 and 95 % on held-out points.

    python benchmarks/calibration.py [--json] [--smoke] [--seeds 10] [--first-seed 0] [--out ROWS] [--problems ...]

"curve": a decaying exponential plus a random smooth deviation, 20 noisy points of it; the structured GPs know the
exponential. "surface": a random smooth function of two inputs, 40 noisy points. "patches": 100 patches of a smooth
random image and the mean gradient within each, without noise; the exact GP sees 8 principal components. Coverage is of
noisy values at 200 held-out points; rmse is in standard deviations of the target.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch.distributions import LogNormal, Normal

from _rows import Rows, seeded, seeds
from _small import as_json
from dkl_step import Size as Scene
from dkl_step import scene
from latscape.gp import BayesianGP, DeepKernel, ExactGP, StackedSurrogate, StructuredGP, Surrogate
from latscape.metrics.calibration import LEVELS, coverage
from latscape.random import numpy_generator

HELD = 200
Problem = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # inputs and values to learn from, and held out


@dataclass(frozen=True)
class Size:
    """Points to learn from, and how long to sample."""

    curve: int = 20
    surface: int = 40
    patches: int = 100
    samples: int = 16
    warmup: int = 64
    thinning: int = 4


SMOKE = Size(curve=8, surface=10, patches=20, samples=2, warmup=4, thinning=1)


def smooth(x: np.ndarray, scale: float, generator: np.random.Generator) -> np.ndarray:
    """A draw (n,) from a GP with an RBF kernel of unit variance, by 500 random waves."""
    waves, phase = generator.normal(0, 1 / scale, (x.shape[1], 500)), generator.uniform(0, 2 * np.pi, 500)
    return np.cos(x @ waves + phase) @ generator.normal(size=500) * np.sqrt(2 / 500)


def curve(size: Size, generator: np.random.Generator) -> Problem:
    x = generator.uniform(0, 1, (size.curve + HELD, 1))
    y = 5 * np.exp(-3 * x[:, 0]) + 0.3 * smooth(x, 0.15, generator) + 0.1 * generator.normal(size=len(x))
    return x[: size.curve], y[: size.curve], x[size.curve :], y[size.curve :]


def surface(size: Size, generator: np.random.Generator) -> Problem:
    x = generator.uniform(0, 1, (size.surface + HELD, 2))
    y = smooth(x, 0.3, generator) + 0.1 * generator.normal(size=len(x))
    return x[: size.surface], y[: size.surface], x[size.surface :], y[size.surface :]


def patches(components: int | None, size: Size, generator: np.random.Generator) -> Problem:
    cut, _, target = scene(Scene(), int(generator.integers(2**31)))
    order = generator.permutation(len(target))[: size.patches + HELD]
    x = cut.reshape(len(target), -1)
    x = x if components is None else PCA(components, random_state=0).fit_transform(x)
    learn, held = order[: size.patches], order[size.patches :]
    return x[learn], target[learn], x[held], target[held]


def decay(x: torch.Tensor, p: dict) -> torch.Tensor:
    return p["a"] * torch.exp(-p["rate"] * x[:, 0])


def surrogates(size: Size) -> dict[str, dict[str, tuple[Callable[..., Problem], Surrogate]]]:
    """Problems, and what is asked of each."""
    draws = {"samples": size.samples, "warmup": size.warmup, "thinning": size.thinning}
    priors = {"a": Normal(0.0, 10.0), "rate": LogNormal(0.0, 1.0)}
    plain = {"exact, RBF": ExactGP(), "exact, Matern": ExactGP("matern"), "exact, linear mean": ExactGP(degree=1)}
    known = {
        "structured, MAP": StructuredGP(decay, priors),
        "structured, sampled": StructuredGP(decay, priors, sampled=True, **draws),
    }
    deep = {
        "deep kernel, dense": DeepKernel(),
        "deep kernel, 4 members": DeepKernel(members=4),
        "deep kernel, held to its errors": StackedSurrogate((DeepKernel(),)),
    }
    conv = DeepKernel(extractor="conv")
    mixed = {"fully Bayesian": BayesianGP(**draws)}
    of_patches = {
        **{name: (partial(patches, None), one) for name, one in deep.items()},
        "deep kernel, conv": (partial(patches, None), conv),
        "deep kernels, stacked": (partial(patches, None), StackedSurrogate((DeepKernel(), conv))),
        "exact on 8 components": (partial(patches, 8), ExactGP()),
    }
    return {
        "curve": {name: (curve, one) for name, one in {**plain, **known, **mixed}.items()},
        "surface": {name: (surface, one) for name, one in {**plain, **mixed, **deep}.items()},
        "patches": of_patches,
    }


def trial(size: Size, problem: str, name: str, seed: int) -> dict:
    make, surrogate = surrogates(size)[problem][name]
    x, y, new, held = make(size, numpy_generator(seed, "calibration", problem))
    posterior = surrogate.fit(x, y).posterior(torch.from_numpy(new), observation_noise=True)
    mean, std = (one[:, 0].detach().numpy() for one in (posterior.mean, posterior.variance.sqrt()))
    row = {f"{level:.0%}": share for level, share in zip(LEVELS, coverage(held, mean, std), strict=True)}
    rmse = float(np.sqrt(np.mean((held - mean) ** 2)) / held.std())
    return {"problem": problem, "surrogate": name, "seed": seed, **row, "rmse": rmse}


def summarize(rows: list[dict]) -> dict:
    """Mean and standard deviation over the seeds by problem and surrogate."""
    table: dict = {}
    for row in rows:
        scores = table.setdefault(row["problem"], {}).setdefault(row["surrogate"], {})
        for score in (*(f"{level:.0%}" for level in LEVELS), "rmse"):
            scores.setdefault(score, []).append(row[score])
    return {
        problem: {
            name: {s: (float(np.mean(v)), float(np.std(v, ddof=len(v) > 1))) for s, v in scores.items()}
            for name, scores in names.items()
        }
        for problem, names in table.items()
    }


def main() -> int:
    parser = seeded(__doc__)
    parser.set_defaults(seeds=10)
    parser.add_argument("--problems", nargs="+", choices=list(surrogates(SMOKE)), default=list(surrogates(SMOKE)))
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, known = SMOKE if options.smoke else Size(), Rows(options.out, "problem", "surrogate", "seed")
    keys = [
        (problem, name, seed)
        for seed in seeds(options)
        for problem in options.problems
        for name in surrogates(size)[problem]
    ]
    summary = summarize([known.get(key, partial(trial, size, *key)) for key in keys])
    for problem, names in summary.items():
        for name, scores in names.items():
            cells = "  ".join(f"{score} {mean:.3f} ± {std:.3f}" for score, (mean, std) in scores.items())
            print(f"{problem:8s} {name:32s} {cells}")
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
