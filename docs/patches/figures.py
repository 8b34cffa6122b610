"""The pictures of docs/patches.md, from two runs:

latscape study graphene --out runs/graphene && latscape study mos2 --out runs/mos2
python docs/patches/figures.py runs/graphene runs/mos2
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from latscape import plot
from latscape.runs import Run

HERE = Path(__file__).parent


def main(graphene: str, mos2: str) -> None:
    with plot.report_style():
        run = Run.open(Path(graphene))
        found, seen = run.arrays("atoms"), run.arrays("rvae")
        figure = Figure(figsize=(13.0, 4.4), layout="constrained")
        first, second, third = figure.subplots(1, 3)
        spacing = run.numbers("atoms")["spacing_pixels"]
        plot.site_values(first, found["image"], found["position"], smooth=spacing / 8.0)
        first.set_title("every atom that was found")
        low, high = np.quantile(seen["manifold"], [0.002, 0.998])
        plot.manifold(second, seen["manifold"][0], low=low, high=high)
        second.set_title("decoded over the latent plane")
        plot.site_values(
            third, found["image"], found["position"][seen["site"]], seen["offset"][:, 0], label="offset x [half sides]"
        )
        figure.savefig(HERE / "graphene.png", dpi=110)

        run = Run.open(Path(mos2))
        found, seen, joint = (run.arrays(stage) for stage in ("atoms", "rvae", "jrvae"))
        figure = Figure(figsize=(13.0, 4.6), layout="constrained")
        first, second, third = figure.subplots(1, 3)
        at = found["position"][seen["site"]]
        plot.site_values(first, found["image"], found["position"], smooth=run.numbers("atoms")["spacing_pixels"] / 8.0)
        first.set_title("every atom that was found")
        plot.site_values(second, found["image"], at, seen["content"][:, 0], label="rVAE, content 1")
        plot.site_classes(third, found["image"], at, joint["class"].argmax(axis=1))
        third.set_title("jrVAE, classes nobody labelled")
        figure.savefig(HERE / "mos2.png", dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:3])
