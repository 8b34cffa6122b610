"""The pictures of the study of structure and property."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape.plot.styling import IMAGE_MAP, MEAN_MAP, MUTED, PALETTE
from latscape.runs import Panel, axes_panel

Array = NDArray[Any]
Arrays = Mapping[str, Array]
#: What is measured at every place of a map, and what its axis is.
MAPS = {"silica": ("X-ray counts", "channel of energy"), "loops": ("response", "step of the bias")}


def cluster_panels(found: Arrays) -> list[Panel]:
    """New clusters and what was predicted of them; components of their spectra."""
    caption = (
        "New clusters: image, spectrum (black) with those predicted from the image, two standard deviations of the "
        "VED, and below the images predicted from the spectrum alone by VED and dual VAE. Nothing in an unpolarized "
        "spectrum tells how a cluster is turned."
    )
    parts = "Components of a non-negative factorisation of the spectra of the new clusters."
    drawn = Panel("clusters", caption, partial(_clusters, found=found), (12.0, 5.4), wide=True)
    return [drawn, axes_panel("spectra-nmf", parts, _components, found=found)]


def half_panels(name: str, found: Arrays) -> list[Panel]:
    """A measured map whose right half was predicted, curves of some places, and components."""
    what, axis = MAPS[name]
    maps = f"The image, the {what} summed or spread over the {axis}s as measured, and on the right half as predicted."
    curves = "Places on the right half: measured (dots) and predicted with two standard deviations."
    factors = "Components of a non-negative factorisation, their maps, and on the right half those predicted."
    panels = [
        Panel(f"{name}-maps", maps, partial(_maps, found=found), (10.0, 3.2), wide=True),
        Panel(f"{name}-curves", curves, partial(_curves, found=found, axis=axis), (10.0, 3.6), wide=True),
        Panel(f"{name}-nmf", factors, partial(_factors, found=found), (10.0, 5.4), wide=True),
    ]
    return panels if "nmf_maps" in found else panels[:2]


def outline_panels(found: Arrays) -> list[Panel]:
    """A micrograph, and the spectra of its particles."""
    caption = (
        "The micrograph with most particles, its outlines numbered; the spectrum of each as simulated for its ellipse "
        "(line) and as predicted from its outline, with two standard deviations."
    )
    return [Panel("outlines", caption, partial(_particles, found=found), (10.0, 5.4), wide=True)]


def _clusters(figure: Figure, found: Arrays) -> None:
    axes, x = figure.subplots(4, len(found["images"]), sharex="row"), found["wavelength"]
    for column, (image, ax, ved, dual) in enumerate(axes.T):
        for below, name in ((image, "images"), (ved, "VED_images"), (dual, "dual_VAE_images")):
            _image(below, found[name][column], "", IMAGE_MAP, 0, 1)
        ax.plot(x, found["spectra"][column], color="black")
        _band(ax, x, found["VED_spectra"][column], found["VED_std"][column])
        ax.plot(x, found["dual_VAE_spectra"][column], color=PALETTE[1], linestyle="--")
        ax.set_yticks([])
    for ax, title in zip(axes[:, 0], ("image", "spectrum", "by VED", "by dual VAE"), strict=True):
        ax.set_title(title)


def _components(ax: Axes, found: Arrays) -> None:
    for number, one in enumerate(found["nmf_components"]):
        ax.plot(found["wavelength"], one, color=PALETTE[number], label=f"NMF {number + 1}")
    ax.set(xlabel="wavelength [nm]", ylabel="scattering efficiency [a.u.]")
    ax.legend()


def _maps(figure: Figure, found: Arrays) -> None:
    reduce = np.mean if "nmf_maps" in found else np.ptp
    whole, half = reduce(found["measured"], axis=-1), reduce(found["predicted"], axis=-1)
    low, high = np.quantile(whole, (0.01, 0.99))
    image, measured, predicted = figure.subplots(1, 3)
    _image(image, found["image"], "image", IMAGE_MAP)
    _image(measured, whole, "measured", MEAN_MAP, low, high)
    _image(predicted, _beside(whole, half), "left measured, right predicted", MEAN_MAP, low, high)


def _beside(whole: Array, half: Array) -> Array:
    """The right half of a map replaced by what was predicted."""
    shown = whole.copy()
    shown[:, -half.shape[1] :] = half
    return shown


def _curves(figure: Figure, found: Arrays, axis: str) -> None:
    predicted, std = found["predicted"], found["std"]
    measured = found["measured"][:, -predicted.shape[1] :]
    places = np.linspace(0, predicted.shape[0] * predicted.shape[1] - 1, 10).astype(int)[1:-1]
    for ax, place in zip(figure.subplots(2, 4, sharex=True, sharey=True).ravel(), places, strict=True):
        row, column = divmod(int(place), predicted.shape[1])
        x = np.arange(predicted.shape[2])
        ax.plot(x, measured[row, column], ".", color="black", markersize=3)
        _band(ax, x, predicted[row, column], std[row, column])
    figure.supxlabel(axis, fontsize=9)


def _factors(figure: Figure, found: Arrays) -> None:
    axes = figure.subplots(len(found["nmf_components"]), 3, squeeze=False)
    for part, (curve, measured, predicted) in enumerate(axes):
        maps, half = found["nmf_maps"][..., part], found["nmf_predicted"][..., part]
        high = np.quantile(maps, 0.99)
        curve.plot(found["nmf_components"][part], color=PALETTE[part])
        curve.set_title(f"NMF {part + 1}")
        _image(measured, maps, "measured", MEAN_MAP, 0, high)
        _image(predicted, _beside(maps, half), "right half predicted", MEAN_MAP, 0, high)


def _particles(figure: Figure, found: Arrays) -> None:
    shown = found["shown"]
    columns = -(-len(shown) // 2)
    axes = figure.subplots(2, 2 + columns, width_ratios=[1.2, 1.2, *[1.0] * columns])
    grid = axes[0, 0].get_gridspec()
    for ax in axes[:, :2].ravel():
        ax.remove()
    whole = figure.add_subplot(grid[:, :2])
    _image(whole, found["mask"] > 0, "", IMAGE_MAP)
    for number, (x, y) in enumerate(found["centres"]):
        whole.text(x, -y, str(number + 1), color=PALETTE[5], ha="center", va="center", fontweight="bold")
    cells = axes[:, 2:].ravel()
    for ax in cells[len(shown) :]:
        ax.set_axis_off()
    for number, (ax, place) in enumerate(zip(cells, shown, strict=False)):
        ax.plot(found["wavelength"], found["truth"][place], color="black")
        _band(ax, found["wavelength"], found["predicted"][place], found["std"][place])
        ax.set_title(str(number + 1))
        ax.tick_params(labelsize=7.5, colors=MUTED)


def _image(ax: Axes, values: Array, title: str, cmap: str, low: float | None = None, high: float | None = None) -> None:
    ax.imshow(values, cmap=cmap, vmin=low, vmax=high)
    ax.set_title(title)
    ax.set_axis_off()


def _band(ax: Axes, x: Array, mean: Array, std: Array) -> None:
    ax.plot(x, mean, color=PALETTE[0])
    ax.fill_between(x, mean - 2 * std, mean + 2 * std, color=PALETTE[0], alpha=0.2, linewidth=0)
