"""What the jrVAE that is timed learns: classes, ELBO beside that of the coordinate decoder, and use of the content.

    LATSCAPE_DATA=... python benchmarks/jrvae_quality.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS]
        [--decoders warp]

5,000 MNIST digits, 40 epochs, the model of `jrvae_speed.py`, row `affine`; accuracy (best one-to-one matching) and NMI
on the 10,000 test digits, ELBO on 1,000 of them. `--decoders default` is the same with rotation alone, and `--decoders
warp coordinate` trains pyroVED's function class beside it with the same options; of the ten classes two are decoded per
digit in training (without bias, see `few_classes.py`), which makes a quarter of an hour a seed on one core out of an
hour. The content is used if the canonical images of a class differ over it: `l2` is their mean SSIM loss over pairs of
a 5 x 5 grid, and `content` the share of the variance of all canonical pixels that lies within classes.
"""

import itertools
import time
from functools import partial
from typing import Any

import numpy as np
import torch

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from _timed import CLASSES, SCHEDULE, TIMED
from latscape.data.digits import mnist
from latscape.metrics import accuracy, nmi
from latscape.metrics.manifold import draw_pairs, within_classes
from latscape.nets.coordinate import CoordinateDecoder

DECODERS: dict[str, dict[str, Any]] = {
    "warp": {},
    "default": {"shift": None, "scale": None, "shear": None},
    "coordinate": {"decoder": CoordinateDecoder(hidden=(128, 128), activation="tanh"), "class_samples": 2},
}
SCORES = ("accuracy", "nmi", "elbo", "l2", "content", "cpu_seconds")


def trial(decoder: str, seed: int, images: int, epochs: int, held: int) -> dict:
    split = "train" if images > 1000 else "embedded"
    x = mnist(split, n=images, seed=seed).images
    test = mnist("embedded", n=held, seed=seed)
    start = time.process_time()
    model = ls.jrvae(CLASSES, **{**TIMED, **SCHEDULE, **DECODERS[decoder]}, epochs=epochs, seed=seed).fit(x)
    seconds = time.process_time() - start
    found, manifold = model.predict(test.images), model.manifold(size=5)  # (classes, 25, h, w)
    within = manifold.var(axis=1).mean()
    return {
        "decoder": decoder,
        "seed": seed,
        "accuracy": accuracy(test.labels, found),
        "nmi": nmi(test.labels, found),
        "elbo": model.score(test.images[:1000]),
        "l2": within_classes(manifold, draw_pairs(25, 50, np.random.default_rng(0))) / CLASSES,
        "content": float(within / manifold.reshape(-1, *manifold.shape[2:]).var(axis=0).mean()),
        "cpu_seconds": seconds,
    }


def show(rows: list[dict]) -> dict:
    print(f"{'decoder':12s}{'seeds':>6s}" + "".join(f"{score:>20s}" for score in SCORES))
    table = {}
    for decoder in dict.fromkeys(row["decoder"] for row in rows):
        some = [row for row in rows if row["decoder"] == decoder]
        values = {score: np.array([row[score] for row in some]) for score in SCORES}
        cells = "".join(f"{v.mean():11.3f} +-{v.std(ddof=len(v) > 1):6.3f}" for v in values.values())
        print(f"{decoder:12s}{len(some):6d}{cells}")
        table[decoder] = {score: v.tolist() for score, v in values.items()}
    return table


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--decoders", nargs="+", choices=DECODERS, default=["warp"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = {"images": 40, "epochs": 1, "held": 60} if options.smoke else {"images": 5000, "epochs": 40, "held": 10_000}
    known = Rows(options.out, "decoder", "seed")
    decoders = DECODERS if options.smoke else options.decoders
    wanted = itertools.product(decoders, seeds(options))
    table = show([known.get(key, partial(trial, *key, **size)) for key in wanted])
    if options.json:
        print(as_json({"seeds": list(seeds(options)), "rows": table}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
