"""Schedules of beta_c and beta_d jointly, or of the content's capacity, against beta_c alone: what is worth searching?

    python benchmarks/searches.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS] [--classes 7]

For every seed and search the campaign of `latscape zbo plasmonics --preset quick` is carried out, at equal cost: as
many evaluations, in a plane of two latent numbers whatever it decodes to. The schedule at the maximum of the posterior
mean is then trained as in the comparison. Shown are the best objective of the campaign, which uses no label, and the
scores of that model by the true counts; differences are paired by seed, with 95 % t-intervals, and above zero the
search is better than that of beta_c alone.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch

from _rows import Rows, seeded, seeds
from _small import as_json
from contest import interval
from latscape.runs import Progress, Run, run_kind
from latscape.studies.zbo.results import best, comparison, evaluations, optimum
from latscape.studies.zbo.searches import SEARCHES
from latscape.studies.zbo.stages import compare_contender, fit_plane
from latscape.studies.zbo.stages import search as carry_out
from plasmonics import SMOKE, particles

ALONE = next(iter(SEARCHES))
SCORES = ("objective", "accuracy", "nmi", "extracted")


def measure(search: str, classes: int, seed: int, changes: dict) -> dict:
    """A row: what one campaign found, and how the model along it parts the counts."""
    with tempfile.TemporaryDirectory() as folder:
        spec = particles(classes=classes, search=search, seed=seed, **changes)
        run = Run.create(run_kind("zbo"), spec, Path(folder))
        plane = fit_plane(run, Progress())
        carry_out(run, Progress())
        compare_contender(run, "zbo")
        (scores,) = comparison(run)["zbo"]
        found = {"objective": best(evaluations(run)).value, "optimum": optimum(run).value, "r2": plane.numbers["r2"]}
        found |= {"evaluations": len(evaluations(run)), "schedule": optimum(run).decoded.round(3).tolist()}
        run.record.close()
    return {"search": search, "classes": classes, "seed": seed, **found, **{s: scores[s] for s in SCORES[1:]}}


def summarize(rows: list[dict]) -> dict:
    """Mean and interval of every score, and of what it is above that of beta_c alone, by search."""
    by = {name: {row["seed"]: row for row in rows if row["search"] == name} for name in SEARCHES}
    found: dict = {}
    for name, mine in by.items():
        both = sorted(set(mine) & set(by[ALONE]))
        found[name] = {"seeds": len(mine)}
        for score in SCORES:
            values = np.array([row[score] for row in mine.values()], dtype=float)
            pairs = np.array([mine[seed][score] - by[ALONE][seed][score] for seed in both], dtype=float)
            found[name][score] = {"mean": interval(values), "difference": None if name == ALONE else interval(pairs)}
    return found


def show(table: dict) -> None:
    print(f"{'search':10s}seeds" + "".join(f"{score:>18s}" for score in SCORES))
    for name, row in table.items():
        for what, label in (("mean", name), ("difference", "  more")):
            if row["accuracy"][what] is not None:
                cells = ("{:+.3f} ± {:.3f}".format(*row[score][what]) for score in SCORES)
                print(f"{label:10s}{row['seeds']:5d}" + "".join(f"{cell:>18s}" for cell in cells))


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--classes", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows, changes = Rows(options.out, "search", "classes", "seed"), SMOKE if options.smoke else {}
    found = [
        rows.get((search, options.classes, seed), lambda n=search, s=seed: measure(n, options.classes, s, changes))
        for seed in seeds(options)
        for search in SEARCHES
    ]
    table = summarize(found)
    print(as_json(table)) if options.json else show(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
