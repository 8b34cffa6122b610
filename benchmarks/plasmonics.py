"""How many particle counts does a joint autoencoder extract from images of gold clusters, by how it is trained?

    python benchmarks/plasmonics.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS] [--classes 3 7]

For every seed `latscape zbo plasmonics --preset quick` is carried out, campaign and comparison, on the frozen clusters
of that seed; beside it stand what uses no autoencoder: k-means on principal components, and the count that a line or a
logistic regression, which were told the counts, read off the sum of the pixels; all of them see the windows that the
models see. The schedule that was found and that of MNIST are compared seed by seed, with 95 % t-intervals.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression

from _rows import Rows, seeded, seeds
from _small import as_json
from contest import interval
from latscape.data.nanoparticles.population import nanoparticles
from latscape.runs import Run, run_kind
from latscape.studies.shared.scores import class_scores
from latscape.studies.zbo.results import optimum
from latscape.studies.zbo.spec import ZboSpec
from latscape.studies.zbo.split import split

SCORES = ("accuracy", "nmi", "extracted")
SMOKE = {"epochs": 2, "images": 60, "final_images": 80, "validation": 60, "grid": 3, "pairs": 5}
SMOKE |= {"n_initial": 2, "budget": 3, "space_epochs": 2, "space_draws": 10}


def particles(**changes) -> ZboSpec:
    """The quick preset for the clusters."""
    return ZboSpec.choose("quick", {"data": "plasmonics", **changes})


def simple(classes: int, seed: int, changes: dict) -> dict[str, dict[str, float]]:
    """What needs no autoencoder, on the images of the study."""
    spec = particles(classes=classes, seed=seed, **changes)
    images, known = split(spec), nanoparticles(spec.final_images, counts=classes, seed=seed).labels
    new = images.labels
    x, y = (part.reshape(len(part), -1) for part in (images.training, images.validation))
    pca = PCA(20, random_state=0).fit(x)
    clusters = KMeans(classes, n_init=5, random_state=0).fit(pca.transform(x)).predict(pca.transform(y))
    sums = [(z.sum(axis=1, keepdims=True) - x.sum(axis=1).mean()) / x.sum(axis=1).std() for z in (x, y)]
    line = np.rint(LinearRegression().fit(sums[0], known).predict(sums[1])).clip(0, classes - 1).astype(int)
    logistic = LogisticRegression().fit(sums[0], known).predict(sums[1])
    return {
        "PCA and k-means": class_scores(clusters, classes, new),
        "line on the pixel sum": {"accuracy": float((line == new).mean())},
        "logistic on the pixel sum": {"accuracy": float((logistic == new).mean())},
    }


def measure(classes: int, seed: int, changes: dict) -> dict:
    """A row: the scores of every way, and what the campaign said."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(run_kind("zbo"), particles(classes=classes, seed=seed, **changes), Path(folder))
        run.run()
        found = run.summary()
        beta = [round(float(value), 3) for value in optimum(run).decoded]
        run.record.close()
    models = {name: {s: scores[s] for s in (*SCORES, "elbo")} for name, scores in found["models"].items()}
    kept = {name: found[name] for name in ("seconds", "evaluations", "best_value", "constant_value", "stopped")}
    return {"classes": classes, "seed": seed, **kept, "beta_c": beta, "models": simple(classes, seed, changes) | models}


def differences(rows: list[dict]) -> dict:
    """What the schedule that was found is better than MNIST's: mean and half interval of every score, by counts."""
    found: dict = {}
    for classes in sorted({row["classes"] for row in rows}):
        pairs = [(row["models"]["zbo"], row["models"]["mnist"]) for row in rows if row["classes"] == classes]
        found[f"{classes} counts"] = {
            score: interval(np.array([own[score] - other[score] for own, other in pairs], dtype=float))
            for score in SCORES
        }
    return found


def summarize(rows: list[dict]) -> dict:
    """Mean and standard deviation over the seeds, by number of counts and way."""
    table: dict = {}
    for row in rows:
        for model, scores in row["models"].items():
            cell = table.setdefault(f"{row['classes']} counts", {}).setdefault(model, {})
            for score in SCORES:
                if scores.get(score) is not None:
                    cell.setdefault(score, []).append(scores[score])
    return {
        counts: {
            model: {s: (float(np.mean(v)), float(np.std(v, ddof=len(v) > 1)), len(v)) for s, v in scores.items()}
            for model, scores in models.items()
        }
        for counts, models in table.items()
    }


def show(summary: dict, differences: dict) -> None:
    for counts, models in summary.items():
        print(counts + "".join(f"{score:>18s}" for score in SCORES))
        for model, scores in models.items():
            cells = (f"{scores[s][0]:.2f} ± {scores[s][1]:.2f}" if s in scores else "" for s in SCORES)
            print(f"  {model:28s}" + "".join(f"{cell:>18s}" for cell in cells))
        cells = ("{:+.3f} ± {:.3f}".format(*differences[counts][score]) for score in SCORES)
        print(f"  {'zbo less mnist':28s}" + "".join(f"{cell:>18s}" for cell in cells))


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--classes", type=int, nargs="+", default=[3, 7])
    options = parser.parse_args()
    rows = Rows(options.out, "classes", "seed")
    changes = SMOKE if options.smoke else {}
    found = [
        rows.get((classes, seed), lambda c=classes, s=seed: measure(c, s, changes))
        for seed in seeds(options)
        for classes in options.classes
    ]
    table, gain = summarize(found), differences(found)
    print(as_json({"scores": table, "zbo less mnist": gain})) if options.json else show(table, gain)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
