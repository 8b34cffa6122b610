"""An autonomous experiment: maps over places of a sample, the path taken, the embedding of patches, spectra."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PathCollection
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.maps import lattice
from latscape.plot.styling import FAINT, IMAGE_MAP, INK, MARK, MEAN_MAP, MUTED, color_ends, color_of, colorbar, dress


def place_map(
    ax: Axes,
    places: ArrayLike,
    values: ArrayLike,
    *,
    measured: ArrayLike | None = None,
    label: str = "",
    cmap: str = MEAN_MAP,
    robust: bool = True,
) -> ScalarMappable:
    """Values over the places of a sample, rows downwards as in an image.

    Parameters
    ----------
    places
        Row and column, (m, 2) [pixel]; on a lattice, or scattered.
    values
        (m,); NaN is left white.
    measured
        Places (n, 2) to mark, if any.
    label
        Of the colour bar; empty: none.
    robust
        Whether the colours end at the 1st and 99th percentile.
    """
    where, heights = np.asarray(places, dtype=float), np.asarray(values, dtype=float)
    if where.ndim != 2 or where.shape[1] != 2 or heights.shape != (len(where),) or not len(where):
        got = f"shapes {where.shape} and {heights.shape}"
        raise InputError("places (m, 2) and one value for each", got, "space.candidates(), result.mean")
    limits: dict[str, Any] = {"cmap": cmap, **(color_ends(heights) if robust else color_ends(heights, 0, 100))}
    try:
        columns, rows, cells = lattice(where[:, ::-1], heights)
        drawn: ScalarMappable = ax.pcolormesh(columns, rows, cells, shading="nearest", rasterized=True, **limits)
    except InputError:  # scattered places
        drawn = ax.scatter(where[:, 1], where[:, 0], c=heights, s=8, marker="s", linewidths=0, **limits)
    if measured is not None and len(np.asarray(measured)):
        spots = np.asarray(measured, dtype=float)
        ax.scatter(spots[:, 1], spots[:, 0], s=9, color="white", edgecolors=INK, linewidths=0.5, zorder=3)
    ax.set_aspect("equal")
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.tick_params(colors=MUTED, labelcolor=INK)
    if label:
        colorbar(ax, drawn, label)
    return drawn


def measurement_path(
    ax: Axes, image: ArrayLike, path: ArrayLike, failed: ArrayLike | None = None, *, names: Sequence[str] = ()
) -> list[PathCollection]:
    """The image of a sample with the path of one experiment, dots coloured by their order, or with those of several.

    Parameters
    ----------
    image
        (h, w) or (h, w, c), of which the mean over c is shown.
    path
        Rows and columns in order, (n, 2); or several of these, (k, n, 2) or a list.
    failed
        Places (f, 2) where the measurement failed.
    names
        Of several paths, for the legend.
    """
    picture = np.asarray(image, dtype=float)
    picture = picture.mean(axis=2) if picture.ndim == 3 else picture
    ax.imshow(picture, cmap=IMAGE_MAP, interpolation="nearest", **color_ends(picture))
    several = cast(Sequence[ArrayLike], path) if names else [path]
    paths = [np.asarray(one, dtype=float) for one in several]
    dots = []
    for k, spots in enumerate(paths):
        lines = np.stack([spots[:-1, ::-1], spots[1:, ::-1]], axis=1)
        color = color_of(k) if names else "white"
        ax.add_collection(LineCollection(list(lines), colors=color, linewidths=0.4, alpha=0.3))
        shade: dict[str, Any] = (
            {"color": color, "label": names[k]} if names else {"c": np.arange(1, len(spots) + 1), "cmap": "plasma"}
        )
        dots.append(ax.scatter(spots[:, 1], spots[:, 0], s=14, edgecolors="white", linewidths=0.4, zorder=3, **shade))
    if failed is not None and len(np.asarray(failed)):
        spots = np.asarray(failed, dtype=float)
        ax.scatter(spots[:, 1], spots[:, 0], s=22, marker="x", color=MARK, linewidths=1.2, zorder=4, label="failed")
    if names:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=len(names), markerscale=1.6)
    else:
        colorbar(ax, dots[0], "order")
    dress(ax, "column [pixel]", "row [pixel]")
    return dots


def embedding(
    ax: Axes,
    latents: ArrayLike,
    values: ArrayLike,
    measured: ArrayLike | None = None,
    *,
    label: str = "prediction",
    labels: tuple[str, str] = ("latent z$_1$", "latent z$_2$"),
) -> PathCollection:
    """Where a surrogate puts the patches, coloured by values; the first two latents.

    Parameters
    ----------
    latents
        (m, k), k at least 1.
    values
        (m,); where they are NaN, dots are grey.
    measured
        Indices of the patches that were measured.
    """
    z = np.asarray(latents, dtype=float)
    z = np.concatenate([z, np.zeros((len(z), 1))], axis=1) if z.shape[1] == 1 else z
    heights = np.asarray(values, dtype=float)
    look: dict[str, Any] = {"s": 5, "linewidths": 0, "rasterized": True}
    known = np.isfinite(heights)
    ax.scatter(*z[~known, :2].T, color=FAINT, **look)
    dots = ax.scatter(*z[known, :2].T, c=heights[known], cmap=MEAN_MAP, **look, **color_ends(heights))
    if measured is not None:
        index = np.asarray(measured, dtype=int)
        ax.scatter(z[index, 0], z[index, 1], s=13, facecolors="none", edgecolors=INK, linewidths=0.6, zorder=3)
    dress(ax, *labels)
    ax.locator_params(axis="x", nbins=4)
    colorbar(ax, dots, label)
    return dots


def spectra(ax: Axes, x: ArrayLike, curves: Sequence[ArrayLike], names: Sequence[str], *, xlabel: str = "") -> None:
    """Measurements, each (k,), on one axis (k,), such as the best one beside a usual one."""
    for k, (y, name) in enumerate(zip(curves, names, strict=True)):
        ax.plot(np.asarray(x), np.asarray(y), color=color_of(k), linewidth=1.2, label=name)
    dress(ax, xlabel, "measured", "y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=max(len(names), 1))


def measurement_map(
    ax: Axes, x: ArrayLike, y: ArrayLike, values: ArrayLike, *, labels: tuple[str, str] = ("", "")
) -> None:
    """A measurement over two axes: rows over `y (h,)`, columns over `x (w,)`."""
    ax.pcolormesh(np.asarray(x), np.asarray(y), np.asarray(values), cmap=MEAN_MAP, shading="nearest", rasterized=True)
    dress(ax, *labels)
    ax.set_aspect("equal")
