"""Molecules by their descriptors: how well a deep kernel predicts a property, and how soon it finds the best.

    python benchmarks/molecules.py [--json] [--smoke] [--seeds 10] [--first-seed 0] [--out ROWS]

Hydration free energies (FreeSolv, 642 molecules; the most negative are sought) and solubilities (the 1,264 of 1,282
whose SMILES RDKit reads; the most soluble) below $LATSCAPE_DATA/molecules; a smoke run takes the partition coefficients
of alcohols and needs no file.
Static: R2 over all other molecules after learning 200 random ones. Active: share of the best 5 % found after 20 random
molecules and as many more as make up 20 % of all, five at a time, by log EI.
"""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.data.molecules import descriptors, fingerprints, read_molecules, readable
from latscape.gp import DeepKernel, ExactGP, Surrogate, predict
from latscape.gp.surrogate import refit
from latscape.random import numpy_generator

VIEWS = {"descriptors": descriptors, "fingerprints": fingerprints}
METHODS = ("deep kernel", "deep kernel, 4 members", "exact on 8 components", "random")


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    learn: int = 200
    starts: int = 20
    share: float = 0.2
    batch: int = 5
    steps: int = 300


SMOKE = Size(learn=12, starts=6, share=0.3, batch=3, steps=5)


def hydration() -> tuple[list[str], np.ndarray]:
    smiles, energy = read_molecules(_folder() / "freesolv.csv", "expt")
    return smiles, -energy


def solubility() -> tuple[list[str], np.ndarray]:
    parts = [read_molecules(_folder() / f"solubility.{part}.sdf", "SOL") for part in ("train", "test")]
    smiles, values = [one for part, _ in parts for one in part], np.concatenate([y for _, y in parts])
    good = readable(smiles)  # all but a few of 1,282
    return [one for one, known in zip(smiles, good, strict=True) if known], values[good]


def alcohols() -> tuple[list[str], np.ndarray]:
    from rdkit import Chem
    from rdkit.Chem import Crippen

    smiles = ["C" * before + "C(O)" + "C" * after for before in range(1, 7) for after in range(6)]
    return smiles, np.array([Crippen.MolLogP(Chem.MolFromSmiles(one)) for one in smiles])


def _folder() -> Path:
    return Path(os.environ.get("LATSCAPE_DATA", ".")) / "molecules"


SETS = {"hydration": hydration, "solubility": solubility, "alcohols": alcohols}


def surrogate(size: Size, method: str, seed: int) -> Surrogate:
    if method == "exact on 8 components":
        return ExactGP()
    return DeepKernel(members=4 if "members" in method else 1, steps=size.steps, seed=seed)


def trial(size: Size, name: str, view: str, method: str, seed: int) -> dict:
    smiles, target = SETS[name]()
    features = VIEWS[view](smiles)
    if method == "exact on 8 components":
        features = PCA(8, random_state=0).fit_transform(features)
    order = numpy_generator(seed, "order").permutation(len(target))
    learn, held = order[: size.learn], order[size.learn :]
    best, budget = target >= np.quantile(target, 0.95), int(size.share * len(target))
    row: dict = {"set": name, "view": view, "method": method, "seed": seed}
    if method == "random":
        return row | {"found": float(best[order[:budget]].sum() / best.sum())}
    model = refit(surrogate(size, method, seed), features[learn], target[learn], field=features)
    row["r2"] = float(r2_score(target[held], predict(model, features[held])[0]))
    space = ls.Candidates(features, np.arange(len(target)))
    campaign = ls.Campaign(space, surrogate(size, method, seed), acquire="log_ei", seed=seed)
    asked = order[: size.starts].tolist()
    campaign.tell(np.array(asked)[:, None], target[asked])
    while len(asked) < budget:
        points = campaign.ask(min(size.batch, budget - len(asked)))
        new = points[:, 0].astype(int)
        campaign.tell(points, target[new])
        asked += new.tolist()
    return row | {"found": float(best[asked].sum() / best.sum())}


def summarize(rows: list[dict]) -> dict:
    """Mean and deviation over the seeds, by set, view and method."""
    table: dict = {}
    for row in rows:
        scores = table.setdefault(row["set"], {}).setdefault(f"{row['view']}, {row['method']}", {})
        for score in ("r2", "found"):
            if score in row:
                scores.setdefault(score, []).append(row[score])
    return {
        name: {
            method: {s: (float(np.mean(v)), float(np.std(v, ddof=len(v) > 1))) for s, v in scores.items()}
            for method, scores in methods.items()
        }
        for name, methods in table.items()
    }


def main() -> int:
    parser = seeded(__doc__)
    parser.set_defaults(seeds=10)
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=["hydration", "solubility"])
    parser.add_argument("--views", nargs="+", choices=list(VIEWS), default=["descriptors"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, known = SMOKE if options.smoke else Size(), Rows(options.out, "set", "view", "method", "seed")
    sets = ["alcohols"] if options.smoke else options.sets
    keys = [(*key, seed) for seed in seeds(options) for key in _product(sets, options.views, options.methods)]
    summary = summarize([known.get(key, partial(trial, size, *key)) for key in keys])
    for name, methods in summary.items():
        for method, scores in methods.items():
            cells = "  ".join(f"{score} {mean:.3f} ± {std:.3f}" for score, (mean, std) in scores.items())
            print(f"{name:12s} {method:40s} {cells}")
    if options.json:
        print(as_json(summary))
    return 0


def _product(sets: list[str], views: list[str], methods: list[str]) -> list[tuple[str, str, str]]:
    return [(name, view, method) for name in sets for view in views for method in methods]


if __name__ == "__main__":
    raise SystemExit(main())
