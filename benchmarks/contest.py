"""Does latent Bayesian optimization find the best field history? Every credible rival, on a cheap and exact target.

    python benchmarks/contest.py [--json] [--smoke] [--seeds 10] [--problem zero] [--budget 60] [--out rows.jsonl]

The target is that of `latscape study ferrosim-history`: the sum of |curl| after a history of 900 fields and 50 steps of
equilibration, on 20 x 20 sites with a random field. A seed stands for a trajectory VAE (7,500 curves of the family, two
latents) and for the draws of every method. Regret is measured against the best of the 100 x 100 grid of that plane:
`1 - value / optimum`; a method that leaves the grid can come out below zero. `--problem poled` starts from the
remanent state instead of zero polarization: the history must first undo the poling. Budgets above 100 are spent as the
lectures spent 600: 100 starts, then ten points at a time, by a GP whose hyperparameters are fitted again when the data
have grown by a tenth.

`family_bo` alone knows the formula of the curves, and is there for reference. `zbo_ei`, `zbo_log_ei` and `zbo_ucb10`
are plain campaigns; `zbo_nearby` knows that values are exact and looks close to the best every other time; `zbo` also
leaves the plane, along what it leaves out of the training curves. They were tuned on seeds from 1000 on.

Differences to `zbo` are paired by seed, with 95 % t-intervals. Beside the regret stands the median evaluation at which
99 % of the grid's optimum is reached, and the share of seeds that reach it.
"""

import itertools
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import cma
import numpy as np
import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.optim import optimize_acqf

from _rows import Rows, interval, seeded, seeds
from _small import as_json
from latscape.campaign.acquire import UCB
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Box
from latscape.campaign.trust_region import TrustRegion
from latscape.gp.exact import ExactGP
from latscape.gp.refit_on_growth import RefitOnGrowth
from latscape.gp.surrogate import private_torch_rng
from latscape.random import derive_seed, numpy_generator
from latscape.studies.ferrosim_history.histories import Histories, default_histories
from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.families import damped_sine_family, recorded_family
from latscape.trajectories.space import TrajectorySpace

LENGTH = 900
#: A, alpha, omega, B.
PARAMETERS = [(0.0, 0.75), (-2.75, 2.75), (2 * np.pi, 8 * np.pi / 3), (-0.5, 0.5)]


@dataclass(frozen=True)
class Size:
    """How large the contest is."""

    budget: int = 60
    starts: int = 10
    batch: int = 1
    draws: int = 7500
    epochs: int = 12
    grid: int = 100


SMOKE = Size(budget=8, starts=4, draws=100, epochs=2, grid=8)
LONG = Size(budget=600, starts=100, batch=10)  # the lectures' 100 starts and 500 steps, ten of them at a time


@dataclass(frozen=True)
class Ground:
    """What all methods of a seed share: the sample, the trajectory space, and what is best in it."""

    size: Size
    problem: str
    seed: int

    @cached_property
    def target(self) -> Histories:
        return default_histories(start={"zero": "zero", "poled": "remanent"}[self.problem])

    def space(self, latent: int = 2, family=None, draws: int | None = None, name: str = "plane") -> TrajectorySpace:
        """A latent space of the family, or of other trajectories."""
        chosen = {"histories": damped_sine_family() if family is None else family}
        options = {"draws": draws or self.size.draws, "epochs": self.size.epochs, "grid": self.size.grid}
        space = TrajectorySpace(chosen, length=LENGTH, sigma=0.1, learning_rate=1e-3, latent=latent, **options)
        return space.fit(derive_seed(self.seed, name) % 2**31)

    @cached_property
    def plane(self) -> TrajectorySpace:
        return self.space()

    @cached_property
    def optimum(self) -> float:
        return float(self.target.values(self.plane.decode(self.plane.candidates())).max())


#: A method yields the values of its evaluations, one after the other, as long as it is asked.
Method = Callable[[Ground], Iterator[float]]


def random_histories(ground: Ground) -> Iterator[float]:
    generator = numpy_generator(ground.seed, "random histories")
    while True:
        yield from ground.target.values(damped_sine_family()(20, LENGTH, generator))


def random_latent(ground: Ground) -> Iterator[float]:
    generator = numpy_generator(ground.seed, "random latent")
    while True:
        yield from ground.target.values(ground.plane.decode(ground.plane.sample(20, generator)))


def campaign(ground: Ground, space, acquire, surrogate=None, nearby: bool = False) -> Iterator[float]:
    """Bayesian optimization over the candidates of a space, by the package's own loop; every other time nearby."""
    batch, surrogate = ground.size.batch, surrogate or ExactGP()
    surrogate = surrogate if batch == 1 else RefitOnGrowth(surrogate)
    loop = Campaign(space, surrogate, acquire=acquire, seed=derive_seed(ground.seed, "campaign") % 2**31)
    close = TrustRegion(loop, space.bounds_) if nearby else None

    def told(points) -> Iterator[float]:
        values = ground.target.values(space.decode(points)).tolist()
        for point, value in zip(points, values, strict=True):
            loop.tell(point, [value])
        yield from values

    yield from told(loop.ask(ground.size.starts))
    while True:
        yield from told(loop.ask(batch))
        for _ in range(batch if close else 0):
            yield from told(close.ask()[None])


def zbo_ei(ground: Ground) -> Iterator[float]:
    return campaign(ground, ground.plane, "ei")


def zbo_ucb10(ground: Ground) -> Iterator[float]:
    """mu + 10 sigma, the lectures' choice."""
    return campaign(ground, ground.plane, UCB(10.0))


def zbo_log_ei(ground: Ground) -> Iterator[float]:
    return campaign(ground, ground.plane, "log_ei")


EXACT = ExactGP(kernel="matern", noise="none")


def zbo_nearby(ground: Ground) -> Iterator[float]:
    return campaign(ground, ground.plane, "log_ei", EXACT, nearby=True)


def zbo(ground: Ground) -> Iterator[float]:
    return campaign(ground, BeyondSpace(ground.plane, directions=2), "log_ei", EXACT, nearby=True)


def family_bo(ground: Ground) -> Iterator[float]:
    """The four parameters of the formula."""

    def curves(x: np.ndarray) -> np.ndarray:
        t = np.linspace(0.0, 1.0, LENGTH)
        a, rate, omega, b = (column[:, None] for column in x.T)
        return a * np.exp(rate * t) * np.sin(omega * t) + b

    return campaign(ground, Box(PARAMETERS, grid=2048, decoder=curves), "log_ei")


def cma_latent(ground: Ground) -> Iterator[float]:
    """CMA-ES in the plane, started from its middle with a quarter of its extent; outside, the nearest point counts."""
    low, high = ground.plane.bounds_.T
    seed = derive_seed(ground.seed, "cma") % 2**31 + 1
    options = {"bounds": [[0.0, 0.0], [1.0, 1.0]], "seed": seed, "verbose": -9, "verb_log": 0}
    while True:
        search = cma.CMAEvolutionStrategy([0.5, 0.5], 0.25, options)
        while not search.stop():
            points = search.ask()
            values = ground.target.values(ground.plane.decode(low + (high - low) * np.array(points)))
            yield from values
            search.tell(points, list(-values))
        options = {**options, "seed": options["seed"] + 1}  # it has converged: another start


def gaussian_process(x: np.ndarray, y: np.ndarray, dim: int, kernel: str = "matern"):
    """A GP of standardized values on the unit cube."""
    scaled = (y - y.mean()) / (y.std() or 1.0)
    return ExactGP(kernel=kernel).fit(x, scaled, bounds=[[0.0, 1.0]] * dim), scaled


def trust_region(ground: Ground) -> Iterator[float]:
    """TuRBO-1 (Eriksson et al. 2019, arXiv:1910.01739) in the plane, with Thompson sampling, as BoTorch teaches it."""
    plane, dim = ground.plane, ground.plane.dim
    low, high = plane.bounds_.T
    generator, k = numpy_generator(ground.seed, "turbo"), 0
    while True:
        x, length, wins, losses = generator.uniform(size=(ground.size.starts, dim)), 0.8, 0, 0
        y = ground.target.values(plane.decode(low + (high - low) * x))
        yield from y
        while length >= 0.5**7:
            model, _ = gaussian_process(x, y, dim)
            scales = model.covar_module.lengthscale.detach().numpy().ravel()
            sides = length * scales / np.prod(scales) ** (1 / dim)
            middle = x[y.argmax()]
            lower, upper = np.clip(middle - sides / 2, 0, 1), np.clip(middle + sides / 2, 0, 1)
            trial = torch.as_tensor(lower + (upper - lower) * generator.uniform(size=(500, dim)))
            with torch.no_grad(), private_torch_rng(derive_seed(ground.seed, "thompson", k) % 2**31):
                k += 1
                chosen = trial[int(model.posterior(trial).sample().argmax())].numpy()[None]
            value = float(ground.target.values(plane.decode(low + (high - low) * chosen))[0])
            better = value > y.max() + 1e-3 * abs(y.max())
            wins, losses = (wins + 1, 0) if better else (0, losses + 1)
            length = min(2 * length, 1.6) if wins == 3 else length / 2 if losses >= max(4, dim) else length
            wins, losses = wins % 3, losses % max(4, dim)
            x, y = np.concatenate([x, chosen]), np.append(y, value)
            yield value


def all_dimensions(ground: Ground) -> Iterator[float]:
    """BO over all 900 fields, each between the least and the greatest of the training curves; starts are such curves.

    The 900 length scales are fitted anew every tenth time: that is what takes the time.
    """
    curves = ground.plane.trajectories_
    low, high = curves.min(axis=0), curves.max(axis=0)
    generator = numpy_generator(ground.seed, "all dimensions")
    x = (curves[generator.choice(len(curves), ground.size.starts, replace=False)] - low) / (high - low + 1e-12)
    y = ground.target.values(low + (high - low) * x)
    yield from y
    bounds = torch.tensor([[0.0] * LENGTH, [1.0] * LENGTH], dtype=torch.float64)
    for k in range(sys.maxsize):
        if k % 10 == 0:
            model, scaled = gaussian_process(x, y, LENGTH, "rbf")
        with private_torch_rng(derive_seed(ground.seed, "optimize", k) % 2**31):
            best = torch.as_tensor(x[[y.argmax()]])
            near = (best + 0.05 * torch.randn(2, LENGTH, dtype=torch.float64)).clamp(0.0, 1.0)
            function = LogExpectedImprovement(model, best_f=float(scaled.max()))
            chosen, _ = optimize_acqf(
                function, bounds, q=1, num_restarts=2, options={"maxiter": 10}, batch_initial_conditions=near[:, None]
            )
        value = float(ground.target.values(low + (high - low) * chosen.numpy())[0])
        told = torch.tensor([[(value - y.mean()) / y.std()]])
        model = model.condition_on_observations(chosen, told)
        x, y = np.concatenate([x, chosen.numpy()]), np.append(y, value)
        yield value


def zbo_retrained(ground: Ground) -> Iterator[float]:
    """Every 15 evaluations the VAE is trained anew on curves weighted by rank (Tripp et al. 2020, arXiv:2006.09191).

    What was evaluated joins the training curves; curves that were not are ranked by the posterior mean.
    """
    plane, curves = ground.plane, ground.plane.trajectories_
    points = plane.sample(ground.size.starts, numpy_generator(ground.seed, "retrained"))
    seen = plane.decode(points)
    y = ground.target.values(seen)
    yield from y
    for k in range(sys.maxsize):
        low, high = plane.bounds_.T
        model, scaled = gaussian_process((plane.encode(seen) - low) / (high - low), y, plane.dim)
        if k and k % max(15, ground.size.budget // 4) == 0:
            with torch.no_grad():
                where = torch.as_tensor((plane.encode(curves) - low) / (high - low))
                guess = torch.cat([model.posterior(part).mean for part in where.split(512)]).numpy().ravel()
            pool, worth = np.concatenate([curves, seen]), np.concatenate([guess, scaled])
            rank = np.argsort(np.argsort(-worth))
            weights = 1.0 / (1e-2 * len(pool) + rank)
            plane = ground.space(2, recorded_family(pool, weights), len(curves) // 3, f"retrained {k}")
            low, high = plane.bounds_.T
            model, scaled = gaussian_process((plane.encode(seen) - low) / (high - low), y, plane.dim)
        candidates = torch.as_tensor((plane.candidates() - low) / (high - low))
        function = LogExpectedImprovement(model, best_f=float(scaled.max()))
        with torch.no_grad():
            scores = torch.cat([function(part[:, None]) for part in candidates.split(512)])
        history = plane.decode(plane.candidates()[[int(scores.argmax())]])
        seen, y = np.concatenate([seen, history]), np.append(y, ground.target.values(history))
        yield float(y[-1])


METHODS: dict[str, Method] = {
    "zbo": zbo,
    "zbo_nearby": zbo_nearby,
    "zbo_ei": zbo_ei,
    "zbo_log_ei": zbo_log_ei,
    "zbo_ucb10": zbo_ucb10,
    "zbo_retrained": zbo_retrained,
    "trust_region": trust_region,
    "cma_latent": cma_latent,
    "random_latent": random_latent,
    "random_histories": random_histories,
    "all_dimensions": all_dimensions,
    "family_bo": family_bo,
}


# --- rows and the table over seeds ---


def measure(method: str, ground: Ground) -> dict:
    begun = time.process_time()
    values = list(itertools.islice(METHODS[method](ground), ground.size.budget))
    found = {"problem": ground.problem, "method": method, "seed": ground.seed, "budget": ground.size.budget}
    spent = time.process_time() - begun
    return found | {"optimum": ground.optimum, "values": np.round(values, 5).tolist(), "cpu_s": round(spent, 2)}


def regrets(rows: list[dict]) -> np.ndarray:
    """Regret after every evaluation, (seeds, budget)."""
    return np.array([1.0 - np.maximum.accumulate(row["values"]) / row["optimum"] for row in rows])


def summarize(rows: list[dict], marks: tuple[int, ...]) -> dict:
    """By method: regret at some evaluations, difference to zbo, and when 99 % of the grid's optimum is reached."""
    methods = [name for name in METHODS if any(row["method"] == name for row in rows)]
    by = {name: {row["seed"]: row for row in rows if row["method"] == name} for name in methods}
    found = {}
    for name in methods:
        curve = regrets(list(by[name].values()))
        reached = [int(np.argmax(one <= 0.01)) + 1 if (one <= 0.01).any() else None for one in curve]
        late = [np.inf if one is None else one for one in reached]
        found[name] = {
            "seeds": len(curve),
            "regret": {str(k): interval(curve[:, k - 1]) for k in marks if k <= curve.shape[1]},
            "median_to_99": float(np.median(late)),
            "share_reaching_99": float(np.mean(np.isfinite(late))),
            "cpu_s": float(np.mean([row["cpu_s"] for row in by[name].values()])),
        }
        both = sorted(set(by[name]) & set(by.get("zbo", {})))
        if name != "zbo" and both:
            pair = [regrets([by[one][seed] for seed in both])[:, -1] for one in (name, "zbo")]
            found[name]["minus_zbo"] = interval(pair[0] - pair[1])
    return found


def show(problem: str, summary: dict) -> None:
    marks = list(next(iter(summary.values()))["regret"])
    print(f"{problem}: regret in % of the grid's optimum, mean and 95 % interval; below zero is beyond the plane\n")
    print(
        f"{'method':18s}seeds" + "".join(f"{'after ' + k:>18s}" for k in marks) + f"{'minus zbo':>18s}  to 99 %  reach"
    )
    for name, row in summary.items():
        cells = [row["regret"].get(k, (np.nan, np.nan)) for k in marks] + [row.get("minus_zbo", (np.nan, np.nan))]
        text = "".join(f"{100 * mean:+10.3f} ± {100 * half:5.3f}" for mean, half in cells)
        print(f"{name:18s}{row['seeds']:5d}{text}{row['median_to_99']:9.1f}{row['share_reaching_99']:7.0%}")


def main() -> int:
    parser = seeded(__doc__)
    parser.set_defaults(seeds=10)
    parser.add_argument("--problem", choices=("zero", "poled"), default="zero")
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--methods", default=",".join(METHODS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", UserWarning)  # a trajectory VAE in a smoke run is poor
    size = SMOKE if options.smoke else replace(LONG if options.budget > 100 else Size(), budget=options.budget)
    rows = Rows(options.out, "problem", "method", "seed", "budget")
    found = []
    for seed in seeds(options):
        ground = Ground(size, options.problem, seed)
        for method in options.methods.split(","):
            key = (options.problem, method, seed, size.budget)
            found.append(rows.get(key, lambda method=method, ground=ground: measure(method, ground)))
    marks = tuple(k for k in (20, 40, 60, 200, 600) if k <= size.budget) or (size.budget,)
    summary = summarize(found, marks)
    show(options.problem, summary)
    if options.json:
        print(as_json({"problem": options.problem, "budget": size.budget, "methods": summary}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
