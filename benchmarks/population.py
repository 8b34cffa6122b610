"""Many models at once against one after the other.

    python benchmarks/population.py [--json] [--smoke] [--threads 2] [--repeats 5]

jrVAEs of 10 classes on MNIST (28 x 28, and 14 x 14 as in the contest) with different trajectories of beta_c are trained
by `fit_together` and by as many calls of `fit`, in turns, for several batch sizes and numbers of models. The ratio
is the time apart over the time together: above 1 together is faster.
"""

import argparse
import json

import numpy as np
import torch

import latscape as ls
from _small import as_json
from _timing import machine, medians
from latscape.autoencoders.population import fit_together
from latscape.data.digits import mnist

COUNTS, BATCHES, STEPS = (1, 2, 4, 8, 16, 32), (10, 50, 100), 30


def models(count: int, batch: int) -> list[ls.VAE]:
    return [ls.jrvae(10, beta_c=ls.cooldown(10 + k, 1), batch=batch, epochs=1, seed=k) for k in range(count)]


def compare(images: np.ndarray, count: int, batch: int, repeats: int) -> dict[str, float]:
    """Milliseconds per step of one model, both ways."""
    x = images[: batch * STEPS]
    found = medians(
        {
            "together": lambda: fit_together(models(count, batch), x),
            "apart": lambda: [model.fit(x) for model in models(count, batch)],
        },
        repeats,
    )
    per_step = {name: 1e3 * seconds / STEPS / count for name, seconds in found.items()}
    return {"models": count, "batch": batch, "side": images.shape[1], **per_step} | {
        "ratio": found["apart"] / found["together"]
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="two models, one repeat")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    large = mnist("embedded").images
    small = large.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    counts, batches = ((2,), (10,)) if options.smoke else (COUNTS, BATCHES)
    print(json.dumps(machine()))
    print("milliseconds per step of one model")
    print(f"{'pixels':>8s}{'batch':>7s}{'models':>8s}{'apart':>10s}{'together':>10s}{'ratio':>8s}")
    rows = []
    for images in (small, large):
        for batch in batches:
            for count in counts:
                row = compare(images, count, batch, 1 if options.smoke else options.repeats)
                rows.append(row)
                side = f"{row['side']}^2"
                numbers = f"{row['apart']:10.2f}{row['together']:10.2f}{row['ratio']:8.2f}"
                print(f"{side:>8s}{batch:7d}{count:8d}{numbers}", flush=True)
    if options.json:
        print(as_json({"machine": machine(), "rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
