"""Is the shift of a spectrum recovered, and does the content then speak of the peaks alone?

    python benchmarks/shifts.py [--json] [--smoke] [--seeds 5] [--first-seed 0]

Three peaks move together by up to 0.3 half lengths, the outer two trade intensity, and noise lies over all. An
autoencoder that knows of shifts, with one content number, learns 1,000 spectra and is judged on 1,000 others: the
correlation of true and recovered shift, and how well k-NN probes read ratio and shift from its content. Beside it a
plain VAE with two content numbers.
"""

import argparse

import numpy as np
import torch

import latscape as ls
from _small import as_json
from latscape.data.spectra import shifted_spectra
from latscape.metrics import knn_probe
from latscape.random import derive_seed


def trial(seed: int, n: int, epochs: int) -> dict[str, float]:
    """Every score of one seed."""
    train, held = (shifted_spectra(n, seed=derive_seed(seed, part)) for part in ("train", "held"))
    options = {"likelihood": ls.Gaussian(0.1), "epochs": epochs, "batch": 50, "seed": seed}
    model = ls.shift_vae(latent=1, shift=0.2, **options).fit(train.spectra)
    found = model.encode(held.spectra)
    content, plain = found["content"].mean, ls.vae(latent=2, **options).fit(train.spectra).transform(held.spectra)
    shift = found["shift"].mean[:, 0]
    return {
        "shift": float(np.corrcoef(shift, held.shift)[0, 1]),
        "shift_error": float(np.std(shift - held.shift)),
        "ratio_in_content": knn_probe(content, held.ratio),
        "shift_in_content": knn_probe(content, held.shift),
        "ratio_in_vae": knn_probe(plain, held.ratio),
        "shift_in_vae": knn_probe(plain, held.shift),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    n, epochs, seeds = (60, 2, 1) if options.smoke else (1000, 60, options.seeds)
    rows = [trial(options.first_seed + k, n, epochs) for k in range(seeds)]
    summary = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        summary[name] = float(np.mean(values)), float(np.std(values, ddof=int(len(values) > 1)))
        print(f"{name:18s}{summary[name][0]:.3f} ± {summary[name][1]:.3f}")
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
