"""Draws the pictures of docs/plasmonics.md that no study draws: `python docs/plasmonics/figures.py`."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from latscape.data.nanoparticles.population import nanoparticles, spectra
from latscape.data.nanoparticles.windows import windows
from latscape.physics.plasmon import cross_sections
from latscape.plot.styling import PALETTE, report_style

HERE = Path(__file__).parent
WAVELENGTH = np.linspace(450.0, 750.0, 151)


def physics() -> Figure:
    """Pairs by gap and polarization, and the spectra of the set by count."""
    figure = Figure(figsize=(9.5, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for color, gap in zip(PALETTE, (2.0, 1.0, 0.5), strict=False):
        half = (2 + gap) * 15.0
        pair = [[-half, 0, 0], [half, 0, 0]]
        along, across = cross_sections(pair, [30, 30], WAVELENGTH, polarization=[[1, 0, 0], [0, 1, 0]]).scattering
        left.plot(WAVELENGTH, along, color=color, label=f"gap {gap:g} radii, along")
        left.plot(WAVELENGTH, across, color=color, linestyle="--")
    lone = cross_sections([[0, 0, 0]], [30], WAVELENGTH).scattering
    left.plot(WAVELENGTH, 2 * lone, color="black", linewidth=1, label="two alone")
    left.set_title("A pair of 30 nm spheres (dashed: across)")
    made = nanoparticles(700, seed=0)
    found = spectra(made.clusters, WAVELENGTH)
    for count in range(7):
        mean = found[made.labels == count].mean(axis=0)
        right.plot(
            WAVELENGTH,
            mean / mean.max(),
            color=PALETTE[count % 6],
            linestyle="-" if count < 6 else ":",
            label=str(count + 1),
        )
    right.set_title("Mean spectra of the set by count, height 1")
    for ax in (left, right):
        ax.set_xlabel("wavelength [nm]")
        ax.legend()
    left.set_ylabel("scattering [nm²]")
    return figure


def clusters() -> Figure:
    """Images of the frozen set, a row per count."""
    made = nanoparticles(400, seed=0)
    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    axes = figure.subplots(7, 12)
    for count in range(7):
        for ax, index in zip(axes[count], np.flatnonzero(made.labels == count), strict=False):
            ax.imshow(made.images[index], cmap="gray")
            ax.set_axis_off()
    return figure


def seen() -> Figure:
    """Images of every count, and the windows of them that the models see."""
    made = nanoparticles(200, seed=1000)
    cut = windows(made.images, 24)
    figure = Figure(figsize=(9.0, 1.8), layout="constrained")
    axes = figure.subplots(2, 14)
    for count in range(7):
        for column, index in enumerate(np.flatnonzero(made.labels == count)[:2], start=2 * count):
            for ax, image in zip(axes[:, column], (made.images[index], cut[index]), strict=True):
                ax.imshow(image, cmap="gray", vmin=0, vmax=1)
                ax.set_axis_off()
    return figure


if __name__ == "__main__":
    with report_style():
        for name, drawing in {"physics": physics, "clusters": clusters, "windows": seen}.items():
            drawing().savefig(HERE / f"{name}.png", dpi=90)
