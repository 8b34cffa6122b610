"""Ten digits nobody labelled, upright and turned: how many are found?

    LATSCAPE_DATA=... python benchmarks/rotated_mnist.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS]
        [--degrees 0 60 180] [--models jvae jrvae best chosen]

`jvae` and `jrvae` are the presets with the schedule people make by hand (beta_c from 40 to 3, beta_d = 3), on 5,000
digits for 40 epochs. `best` is what we know to do better, on the 60,000: scale, shear and shift belong to the pose;
the content is costly at first and the pose never is; the encoder looks from several starts of the angle. `chosen`
is that of four such models whose classes tell most about 10,000 of the training digits (`metrics.class_information`),
and `mean` the mean class probability of the four (not run by default: four times the work).
Digits are turned by up to 0, 60 or 180 degrees. Accuracy (of the best one-to-one matching of classes and digits) and
normalised mutual information on the 10,000 test digits, turned alike; no label is used for anything else.
"""

import itertools
import math
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.autoencoders.ensembles import align
from latscape.data.digits import mnist
from latscape.data.posed import rotated
from latscape.metrics import accuracy, class_information, nmi
from latscape.random import derive_seed, numpy_generator

TURNS = (0, 60, 180)
SCORES = ("accuracy", "nmi", "used", "elbo", "cpu_seconds")


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    images: int = 5_000
    epochs: int = 40
    best_images: int = 60_000
    best_epochs: int = 4
    held: int = 10_000


SMOKE = Size(images=60, epochs=1, best_images=60, best_epochs=1, held=60)


# --- the models ---


def by_hand(preset, size: Size, degrees: int, seed: int) -> ls.VAE:
    options = {"beta_c": ls.cooldown(40, 3, start=1 / 12, end=5 / 12), "beta_d": 3.0}
    return preset(10, epochs=size.epochs, seed=seed, **options)


#: Starts of the angle, and the range they cover [degrees], for digits turned by up to so much.
STARTS = {0: {"angle": 0.2}, 60: {"n_orientations": 3, "turn": math.radians(120)}, 180: {"n_orientations": 8}}


def best(size: Size, degrees: int, seed: int) -> ls.VAE:
    return ls.jrvae(
        10,
        **STARTS[degrees],
        shift=0.1,
        scale=0.15,
        shear=0.3,
        encoder=ls.DenseEncoder((256, 256), "gelu"),
        beta_c=ls.cooldown(10, 1, start=1 / 12, end=5 / 12),
        beta_pose=1.0,
        beta_d=3.0,
        learning_rate=ls.cooldown(2e-3, 1e-4, start=0.6, end=1.0),
        epochs=size.best_epochs,
        batch=50,
        seed=seed,
    )


MODELS = {"jvae": partial(by_hand, ls.jvae), "jrvae": partial(by_hand, ls.jrvae), "best": best, "chosen": best}
ON_60000, RESTARTS = ("best", "chosen"), 4


# --- data, one trial, and the table ---


def digits(split, n: int, degrees: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    found = mnist(split, n=n, seed=seed)
    images = found.images
    if degrees:
        images = rotated(images, degrees, numpy_generator(seed, "turn", split))[0]
    return images, found.labels


def trial(size: Size, model: str, degrees: int, seed: int, split: str) -> dict:
    images, _ = digits(split, size.best_images if model in ON_60000 else size.images, degrees, seed)
    held, labels = digits("embedded", size.held, degrees, derive_seed(seed, "held out") % 2**31)
    start = time.process_time()
    if model == "chosen":
        found, elbo, more = restarts(size, degrees, seed, images, held, labels)
    else:
        fitted = MODELS[model](size, degrees, seed).fit(images)
        found, elbo, more = fitted.predict(held), fitted.score(held[:1000]), {}
    return {
        "model": model,
        "degrees": degrees,
        "seed": seed,
        "accuracy": accuracy(labels, found),
        "nmi": nmi(labels, found),
        "used": len(np.unique(found)),
        "elbo": elbo,
        "cpu_seconds": time.process_time() - start,
        **more,
    }


def restarts(size: Size, degrees: int, seed: int, images, held, labels) -> tuple[np.ndarray, float, dict]:
    """Classes and ELBO of the chosen one of several models; and what each and their mean would have given."""
    seeds = [derive_seed(seed, "restart", k) for k in range(RESTARTS)]
    models = [best(size, degrees, one).fit(images) for one in seeds]
    information = [class_information(one.predict_proba(images[:10_000])) for one in models]
    probs = [one.predict_proba(held) for one in models]
    mean = np.mean([p[:, order] for p, order in zip(probs, align(probs)[0], strict=True)], axis=0).argmax(axis=1)
    chosen = int(np.argmax(information))
    more = {
        "information": information,
        "each": [accuracy(labels, p.argmax(axis=1)) for p in probs],
        "mean_accuracy": accuracy(labels, mean),
        "mean_nmi": nmi(labels, mean),
    }
    return probs[chosen].argmax(axis=1), models[chosen].score(held[:1000]), more


def show(rows: list[dict]) -> dict:
    print(f"{'model':8s}{'degrees':>8s}{'seeds':>6s}" + "".join(f"{score:>20s}" for score in SCORES))
    table = {}
    for model, degrees in sorted({(row["model"], row["degrees"]) for row in rows}):
        some = [row for row in rows if (row["model"], row["degrees"]) == (model, degrees)]
        values = {score: np.array([row[score] for row in some]) for score in SCORES}
        moments = {score: (float(v.mean()), float(v.std(ddof=len(v) > 1))) for score, v in values.items()}
        cells = "".join(f"{mean:11.3f} +-{spread:6.3f}" for mean, spread in moments.values())
        print(f"{model:8s}{degrees:8d}{len(some):6d}{cells}")
        table[f"{model} {degrees}"] = {score: values[score].tolist() for score in SCORES}
    return table


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--degrees", nargs="+", type=int, choices=TURNS, default=list(TURNS))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["jvae", "jrvae", "best"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, split = (SMOKE, "embedded") if options.smoke else (Size(), "train")
    known = Rows(options.out, "model", "degrees", "seed")
    wanted = itertools.product(options.models, options.degrees, seeds(options))
    table = show([known.get(key, partial(trial, size, *key, split)) for key in wanted])
    if options.json:
        print(as_json({"seeds": list(seeds(options)), "rows": table}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
