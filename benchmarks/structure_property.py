"""Are spectra of images, and images of spectra, predicted better by our models than by ridge regression?

    python benchmarks/structure_property.py [--json] [--smoke] [--seeds 5] [--first-seed 10] [--out ROWS]

For every seed `latscape study structure-property --preset quick` is carried out: clusters both ways, the other half of
two measured maps, and real outlines. Errors are in those of the mean; differences to ridge regression are paired by
seed, with 95 % t-intervals, and below zero the model is better. What was measured needs $LATSCAPE_DATA.
"""

from functools import partial

import torch

from _rows import Rows, interval, seeded, seeds
from _small import as_json
from microscopy import found

TASKS = {
    "clusters/clusters/image_to_spectrum": "spectrum from image",
    "clusters/clusters/spectrum_to_image": "image from spectrum",
    "silica/silica": "SiO2, other half",
    "loops/loops": "PbTiO3, other half",
    "outlines/outlines": "real outlines",
}
RIVAL = "ridge"
WAYS = ("class mean", RIVAL, "VED", "dual VAE")
SCORES = ("error", "within_1", "within_2")
SMOKE = {"particle_clusters": 60, "validation": 30, "ellipses": 60, "epochs": 1}


def summarize(rows: list[dict]) -> dict:
    """Mean and half interval of every score, and of the error above that of ridge regression, by task and way."""
    table: dict = {}
    for task in TASKS:
        for way in WAYS:
            made = [row["numbers"] for row in rows if f"{task}/{way}/error" in row["numbers"]]
            if made:
                cell = {score: interval(one[f"{task}/{way}/{score}"] for one in made) for score in SCORES}
                gain = [one[f"{task}/{way}/error"] - one[f"{task}/{RIVAL}/error"] for one in made]
                table.setdefault(task, {})[way] = cell | {"less_ridge": interval(gain), "seeds": len(made)}
    return table


def show(table: dict) -> None:
    for task, ways in table.items():
        print(f"{TASKS[task]:24s}{'error':>18s}{'less ridge':>20s}{'within 1':>10s}{'within 2':>10s}")
        for way, cell in ways.items():
            error, gain = ("{:{}.3f} ± {:.3f}".format(cell[s][0], sign, cell[s][1]) for s, sign in PRINTED.items())
            covered = "".join(f"{cell[score][0]:10.2f}" for score in SCORES[1:])
            print(f"  {way:22s}{error:>18s}{'' if way == RIVAL else gain:>20s}{covered}")


PRINTED = {"error": "", "less_ridge": "+"}


def main() -> int:
    parser = seeded(__doc__, first=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows, changes = Rows(options.out, "seed"), SMOKE if options.smoke else {}
    one = partial(found, "structure-property", changes=lambda folder: changes)
    table = summarize([rows.get((seed,), partial(one, seed)) for seed in seeds(options)])
    print(as_json(table)) if options.json else show(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
