"""Are the atoms of generated images found, and how far from where they are?

    python benchmarks/patches_truth.py [--json] [--smoke] [--seeds 5] [--first-seed 0]

Crystals of 384 x 384 pixels with neighbours 12 pixels apart, two grains, 1 % strain, 2 % vacancies, 1 % dopants, a
background of half an atom's height that varies by a fifth, and Poisson noise at the stated dose (mean counts a pixel).
Precision and recall count one atom found for one that is there, within 0.4 spacings and 8 pixels from the edge; the
error is the mean distance of those. The seeds are of images; the network was trained on others.
"""

import argparse

import numpy as np
import torch
from scipy.spatial import KDTree

from _small import as_json
from latscape.data import crystal
from latscape.data.lattices import Lattice
from latscape.patches import find_atoms
from latscape.patches.atoms import Atoms
from latscape.random import derive_seed

KINDS, DOSES = ("graphene", "mos2", "perovskite"), (2.0, 10.0, 100.0)
WAYS = {
    "log": {"method": "log"},
    "dog": {"method": "dog"},
    "maxima": {"method": "maxima"},
    "unet": {"method": "unet"},
    "unet, top": {"method": "unet", "refine": "response"},
}


def judged(found: Atoms, made: Lattice, margin: float = 8.0) -> tuple[float, float, float]:
    """Precision, recall, mean distance [pixels]."""
    side = len(made.image)
    distance, true = KDTree(made.position).query(found.position)
    right = (distance < 0.4 * made.spacing) & (np.bincount(true, minlength=len(made))[true] == 1)
    inner, there = (
        ((position > margin) & (position < side - 1 - margin)).all(axis=1)
        for position in (found.position, made.position)
    )
    recall = np.isin(np.flatnonzero(there), true[right]).mean()
    return float(right[inner].mean()), float(recall), float(distance[right & inner].mean())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    side, seeds, doses = (128, 1, DOSES[-1:]) if options.smoke else (384, options.seeds, DOSES)
    table = {}
    for kind in KINDS:
        for dose in doses:
            rows: dict[str, list] = {name: [] for name in WAYS}
            for seed in range(options.first_seed, options.first_seed + seeds):
                defects = {"strain": 0.01, "vacancies": 0.02, "dopants": 0.01, "grains": 2, "haze": 0.2}
                drawn = derive_seed(seed, "patches_truth", kind)
                made = crystal(kind, size=side, spacing=12.0, dose=dose, seed=drawn, **defects)
                for name, way in WAYS.items():
                    rows[name].append(judged(find_atoms(made.image, spacing=12.0, **way), made))
            for name, values in rows.items():
                mean, spread = np.mean(values, axis=0), np.std(values, axis=0, ddof=int(len(values) > 1))
                table[f"{kind}, {dose:g}, {name}"] = [mean.tolist(), spread.tolist()]
                words = "  ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True))
                print(f"{kind:11s}{dose:6g}  {name:11s}{words}", flush=True)
    if options.json:
        print(as_json({"columns": ["precision", "recall", "error"], "rows": table}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
