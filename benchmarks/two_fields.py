"""Ex(t) and Ey(t) at once in one latent space, against Ey(t) alone: which finds the better history at equal cost?

    python benchmarks/two_fields.py [--json] [--smoke] [--seeds 5] [--problem poled] [--out rows.jsonl]

The target and the search are those of `zbo` in contest.py: 60 evaluations, 10 of them random starts, exact values,
every other point nearby, two residual directions beyond the latent space. What differs is the space: curves of one
field and two latents; two independent curves, joined end to end, and two latents; the same and four latents.

Beside what is found stands the best of 2,500 points of each latent space itself. Differences are paired by seed, in %
of what Ey alone finds, with 95 % t-intervals; above zero two fields are better. Nothing was tuned.
"""

import itertools
import time
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from _rows import Rows, interval, seeded, seeds
from _small import as_json
from contest import EXACT, LENGTH, Ground, campaign
from contest import Size as Search
from latscape.random import derive_seed
from latscape.studies.ferrosim_history.histories import Histories
from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.families import damped_sine_family, joint_family
from latscape.trajectories.space import TrajectorySpace

#: Fields and latents of each space.
SPACES = {"Ey, 2 latents": (1, 2), "Ex and Ey, 2 latents": (2, 2), "Ex and Ey, 4 latents": (2, 4)}
ALONE = next(iter(SPACES))


@dataclass(frozen=True)
class Fields(Ground):
    """The sample of a seed, driven by one or two components of the field."""

    components: int = 1

    @cached_property
    def target(self) -> Histories:
        return replace(Ground(self.size, self.problem, self.seed).target, components=self.components)

    def joint(self, latent: int) -> TrajectorySpace:
        """A latent space of as many independent curves as there are components."""
        family = joint_family(*[damped_sine_family()] * self.components)
        options = {"draws": self.size.draws, "epochs": self.size.epochs, "grid": self.size.grid, "learning_rate": 1e-3}
        space = TrajectorySpace([family], length=self.components * LENGTH, sigma=0.1, latent=latent, **options)
        return space.fit(derive_seed(self.seed, "fields", str(self.components), str(latent)) % 2**31)


SIZE = Search(draws=2000, epochs=36, grid=50)
SMOKE = Search(budget=6, starts=4, draws=60, epochs=2, grid=6)


def measure(size: Search, problem: str, seed: int, name: str) -> dict:
    components, latent = SPACES[name]
    begun = time.process_time()
    ground = Fields(size, problem, seed, components)
    space = ground.joint(latent)
    ceiling = float(ground.target.values(space.decode(space.candidates())).max())
    search = campaign(ground, BeyondSpace(space, directions=2), "log_ei", EXACT, nearby=True)
    values = np.round(list(itertools.islice(search, size.budget)), 5).tolist()
    found = {"problem": problem, "space": name, "seed": seed, "budget": size.budget}
    spent = round(time.process_time() - begun, 2)
    return found | {"r2": space.r2_["family 1"], "ceiling": ceiling, "values": values, "cpu_s": spent}


def summarize(rows: list[dict]) -> dict:
    by = {name: {row["seed"]: row for row in rows if row["space"] == name} for name in SPACES}
    found = {}
    for name, mine in by.items():
        best = {seed: max(row["values"]) for seed, row in mine.items()}
        alone = {seed: max(row["values"]) for seed, row in by[ALONE].items()}
        pairs = [100 * (best[seed] / alone[seed] - 1) for seed in sorted(set(best) & set(alone))]
        found[name] = {
            "seeds": len(best),
            "best": interval(np.array(list(best.values()))),
            "ceiling": interval(np.array([row["ceiling"] for row in mine.values()])),
            "r2": float(np.mean([row["r2"] for row in mine.values()])),
            "difference": interval(np.array(pairs)) if name != ALONE else None,
        }
    return found


def show(problem: str, summary: dict) -> None:
    print(f"{problem}: sum of |curl|, mean and 95 % interval over seeds; the difference in % of Ey alone\n")
    print(f"{'space':22s}seeds   r2{'best found':>18s}{'best of the space':>20s}{'difference':>18s}")
    for name, row in summary.items():
        cells = [row["best"], row["ceiling"], row["difference"] or (np.nan, np.nan)]
        text = "".join(f"{mean:+11.3f} ± {half:5.3f}" for mean, half in cells)
        print(f"{name:22s}{row['seeds']:5d} {row['r2']:.2f}{text}")


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--problem", choices=("zero", "poled"), default="poled")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", UserWarning)  # two latents keep little of two curves: that is measured
    size = SMOKE if options.smoke else SIZE
    rows, found = Rows(options.out, "problem", "space", "seed", "budget"), []
    for seed in seeds(options):
        for name in SPACES:
            key = (options.problem, name, seed, size.budget)
            found.append(rows.get(key, lambda name=name, seed=seed: measure(size, options.problem, seed, name)))
    summary = summarize(found)
    show(options.problem, summary)
    if options.json:
        print(as_json({"problem": options.problem, "budget": size.budget, "spaces": summary}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
