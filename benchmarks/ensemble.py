"""Does an ensemble say how many classes there are? Dispersion and held-out ELBO of jrVAE ensembles against K.

    python benchmarks/ensemble.py [--json] [--smoke] [--seeds 5] [--first-seed 20] [--data NAME ...] [--out ROWS]

Cards of the lecture's first and third set (four suits) and MNIST digits (ten): 4 members (MNIST: 3) that part after a
baseline of 10 epochs. Every K from too few to too many is trained on the same samples and judged on held-out ones. The
schedules were chosen on seeds 1000 to 1003 at the true number of classes; what K is best was not looked at there.
"""

import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.data.dataset import Dataset
from latscape.metrics import accuracy, ensemble_agreement, nmi, used_classes
from latscape.random import derive_seed

SCORES = ("dispersion", "agreement", "elbo", "used", "accuracy", "nmi", "purity_stable", "purity_unstable")


@dataclass(frozen=True)
class Problem:
    """One set of samples, how its models are trained, and how many classes are tried."""

    truth: int
    tried: tuple[int, ...]
    angle: float
    beta_c: tuple[float, float]
    beta_d: float
    learning_rate: float
    batch: int
    images: int
    held: int = 500
    members: int = 4
    baseline: int = 10
    epochs: int = 30
    card_set: int = 0

    def draw(self, n: int, seed: int) -> Dataset:
        if self.card_set:
            return ls.data.cards(n, **ls.data.CARD_SETS[self.card_set], size=24, seed=seed)
        return ls.data.mnist(n=n, seed=seed % 2**32)

    def split(self, seed: int) -> tuple[Dataset, Dataset]:
        """Samples to learn from, and others."""
        both = self.draw(self.images + self.held, derive_seed(seed, "samples"))
        first, second = slice(0, self.images), slice(self.images, None)
        assert both.labels is not None
        return tuple(  # type: ignore[return-value]
            Dataset(both.images[part], both.labels[part], both.name, both.source, both.licence)
            for part in (first, second)
        )

    def model(self, classes: int, seed: int) -> ls.VAE:
        return ls.jrvae(
            classes,
            angle=self.angle,
            encoder=ls.DenseEncoder((256, 256), "gelu"),
            beta_c=ls.cooldown(*self.beta_c, start=0.2, end=0.7),
            beta_d=self.beta_d,
            epochs=self.epochs,
            batch=self.batch,
            learning_rate=self.learning_rate,
            seed=derive_seed(seed, "model"),
        )


SUITS = Problem(4, tuple(range(2, 9)), 0.2, (40, 1), 5.0, 2e-3, batch=50, images=600, card_set=1)
PROBLEMS = {
    "cards 1": SUITS,
    "cards 3": replace(SUITS, angle=1.2, beta_c=(60, 1), beta_d=3.0, card_set=3),
    "mnist": Problem(10, (2, 4, 6, 8, 10, 12), 0.3, (40, 3), 3.0, 1e-3, batch=100, images=2000, members=3),
}


def smaller(problem: Problem) -> Problem:
    return replace(problem, tried=problem.tried[:2], images=60, held=40, members=2, baseline=1, epochs=1)


def fitted(problem: Problem, classes: int, seed: int) -> tuple[ls.Ensemble, Dataset]:
    """An ensemble of the problem, and samples it has not seen."""
    train, held = problem.split(seed)
    model = problem.model(classes, seed)
    return ls.ensemble(model, problem.members, baseline=problem.baseline).fit(train.images), held


def trial(name: str, problem: Problem, classes: int, seed: int) -> dict:
    start = time.process_time()
    ensemble, held = fitted(problem, classes, seed)
    members, labels = ensemble.member_proba(held.images), held.labels
    assert labels is not None
    found, spread = ensemble.predict(held.images), ensemble.dispersion(held.images)
    right = _right(labels, found)
    stable = spread <= np.median(spread)
    return {
        "data": name,
        "classes": classes,
        "seed": seed,
        "dispersion": float(spread.mean()),
        "agreement": ensemble_agreement(list(members.argmax(axis=2))),
        "elbo": ensemble.score(held.images),
        "used": used_classes(found, classes),
        "accuracy": accuracy(labels, found),
        "nmi": nmi(labels, found),
        "purity_stable": float(right[stable].mean()),
        "purity_unstable": float(right[~stable].mean()) if (~stable).any() else float("nan"),
        "class_dispersion": ensemble.class_dispersion(held.images).tolist(),
        "class_purity": [float(right[found == k].mean()) if (found == k).any() else None for k in range(classes)],
        "member_accuracy": [accuracy(labels, one) for one in members.argmax(axis=2)],
        "seconds": time.process_time() - start,
    }


def _right(labels: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Whether each sample's class is mostly made of samples with its label, (n,)."""
    majority = {k: np.bincount(labels[found == k]).argmax() for k in np.unique(found)}
    return np.array([majority[k] for k in found]) == labels


def summarize(rows: list[dict]) -> dict:
    """Mean and deviation over the seeds of every score by data and K, and which K each criterion points at."""
    summary: dict = {}
    for name in dict.fromkeys(row["data"] for row in rows):
        of = [row for row in rows if row["data"] == name]
        table = {}
        for classes in sorted({row["classes"] for row in of}):
            some = [row for row in of if row["classes"] == classes]
            table[classes] = {score: _moments([row[score] for row in some]) for score in SCORES}
        points_at = {}
        for criterion, sign in (("dispersion", -1), ("agreement", 1), ("elbo", 1), ("accuracy", 1), ("nmi", 1)):
            best = [
                max((row for row in of if row["seed"] == seed), key=lambda row: sign * row[criterion])["classes"]
                for seed in sorted({row["seed"] for row in of})
            ]
            points_at[criterion] = best
        summary[name] = {"by_classes": table, "points_at": points_at}
    return summary


def _moments(values: list[float]) -> tuple[float, float]:
    return float(np.nanmean(values)), float(np.nanstd(values, ddof=int(len(values) > 1)))


def show(summary: dict) -> None:
    print(f"{'':12s}" + "".join(f"{score:>18s}" for score in SCORES))
    for name, found in summary.items():
        for classes, values in found["by_classes"].items():
            cells = [f"{values[s][0]:.3f} ± {values[s][1]:.3f}" for s in SCORES]
            print(f"{name:9s}{classes:3d}" + "".join(f"{cell:>18s}" for cell in cells))
        for criterion, best in found["points_at"].items():
            print(f"  best {criterion} per seed at K = {best}")


def main() -> int:
    parser = seeded(__doc__, first=20)
    parser.add_argument("--data", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    known, rows = Rows(options.out, "data", "classes", "seed"), []
    for seed in seeds(options):
        for name in options.data:
            problem = smaller(PROBLEMS[name]) if options.smoke else PROBLEMS[name]
            for classes in problem.tried:
                rows.append(known.get((name, classes, seed), partial(trial, name, problem, classes, seed)))
    summary = summarize(rows)
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
