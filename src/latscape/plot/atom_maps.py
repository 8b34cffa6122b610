"""What is known of places in an image, drawn on the image: atoms, latents, classes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import ListedColormap
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree

from latscape.errors import InputError
from latscape.plot.styling import IMAGE_MAP, MARK, MEAN_MAP, PALETTE, class_name, color_ends, color_of, colorbar, dress

#: Of angles, whose two ends are the same.
CIRCLE_MAP = "twilight_shifted"


def grey_image(ax: Axes, image: ArrayLike, *, dim: float = 0.0, smooth: float = 0.0) -> AxesImage:
    """A grey image from its 0.5th to its 99.5th percentile.

    `dim` in [0, 1) makes it fainter, and a Gaussian of `smooth` pixels takes noise away.
    """
    values = np.asarray(image, dtype=float)
    if values.ndim != 2 or not np.isfinite(values).any():
        raise InputError("an image (h, w)", f"shape {values.shape}", "one channel of it")
    if smooth > 0:
        values = np.asarray(gaussian_filter(values, smooth))
    ends = color_ends(values, 0.5, 99.5)
    shown = ax.imshow(values, cmap=IMAGE_MAP, interpolation="nearest", alpha=1.0 - dim, **ends)
    ax.set_axis_off()
    return shown


def site_values(
    ax: Axes,
    image: ArrayLike,
    position: ArrayLike,
    values: ArrayLike | None = None,
    *,
    label: str = "",
    cmap: str = MEAN_MAP,
    span: tuple[float, float] | None = None,
    size: float | None = None,
    smooth: float = 0.0,
) -> PathCollection:
    """An image with a dot on every site, coloured by a value, whether the sites form an array or not.

    Without values a ring is around every site, so that what it is around can be seen.

    Parameters
    ----------
    image
        (h, w).
    position
        (n, 2) rows and columns [pixels].
    values
        (n,); default: rings, all alike.
    label
        What the colours mean, above the image.
    cmap
        `CIRCLE_MAP` for angles.
    span
        Values at the ends of the colours; default: the 1st and 99th percentile.
    size
        Of the dots [square points]; default: they are 0.6 of the distance of neighbours wide.
    smooth
        Gaussian that takes noise from the image [pixels].

    Raises
    ------
    InputError
        If there is not one value for each site.
    """
    at = np.asarray(position, dtype=float).reshape(-1, 2)
    grey_image(ax, image, dim=0.0 if values is None else 0.45, smooth=smooth)
    row, column = at.T
    size = _fitting(ax, at) if size is None else size
    if values is None:
        return ax.scatter(column, row, s=size, facecolors="none", edgecolors=MARK, linewidths=0.7)
    numbers = np.asarray(values, dtype=float)
    if numbers.shape != (len(at),):
        got = f"{len(at)} sites and values of shape {numbers.shape}"
        raise InputError("one value for each site", got, "set.position and model.transform(set)[:, 0]")
    ends = color_ends(numbers, span=span)
    dots = ax.scatter(column, row, s=size, c=numbers, cmap=cmap, linewidths=0, **ends)
    colorbar(ax, dots, "")
    ax.set_title(label)
    return dots


def site_classes(
    ax: Axes,
    image: ArrayLike,
    position: ArrayLike,
    labels: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    size: float | None = None,
) -> list[PathCollection]:
    """An image with a dot on every site, coloured by its class; -1 is not drawn. Sizes are as in `site_values`."""
    at, member = np.asarray(position, dtype=float), np.asarray(labels).astype(int)
    if member.shape != (len(at),):
        raise InputError("one class for each site", f"shape {member.shape}", "model.predict(set)")
    grey_image(ax, image, dim=0.45)
    size, drawn = _fitting(ax, at) if size is None else size, []
    for k in np.unique(member[member >= 0]):
        row, column = at[member == k].T
        label = f"{class_name(names, k)}: {len(row)}"
        drawn.append(ax.scatter(column, row, s=size, color=color_of(k), linewidths=0, label=label))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3, handletextpad=0.1, columnspacing=1.0)
    return drawn


def _fitting(ax: Axes, at: NDArray[np.float64]) -> float:
    """Size of dots [square points] that are 0.6 of the distance of neighbours wide, in an image drawn on the axes."""
    if len(at) < 2:
        return 14.0
    apart = float(np.median(KDTree(at).query(at, 2)[0][:, 1]))
    shown, (left, right), (low, high) = ax.get_window_extent(), ax.get_xlim(), ax.get_ylim()
    scale = 72.0 / ax.figure.dpi * min(shown.width / abs(right - left), shown.height / abs(high - low))
    return float(np.clip((0.6 * apart * scale) ** 2, 1.0, 400.0))


def value_map(
    ax: Axes, values: ArrayLike, *, label: str = "", cmap: str = MEAN_MAP, span: tuple[float, float] | None = None
) -> AxesImage:
    """A number of every patch over the image, (h, w), as `PatchSet.paint` gives it; NaN is left white."""
    image = np.asarray(values, dtype=float)
    if image.ndim != 2 or not np.isfinite(image).any():
        raise InputError("an image (h, w) with values", f"shape {image.shape}", "set.paint(values)")
    ends = color_ends(image, span=span)
    shown = ax.imshow(image, cmap=cmap, interpolation="nearest", **ends)
    ax.set_axis_off()
    colorbar(ax, shown, "")
    ax.set_title(label)
    return shown


def class_map(ax: Axes, labels: ArrayLike) -> AxesImage:
    """Classes painted over an image, (h, w) of whole numbers; NaN and -1 are left white."""
    image = np.asarray(labels, dtype=float)
    shown = np.where(image >= 0, image % len(PALETTE), np.nan)
    colors = ListedColormap(list(PALETTE))
    drawn = ax.imshow(shown, cmap=colors, vmin=-0.5, vmax=len(PALETTE) - 0.5, interpolation="nearest")
    ax.set_axis_off()
    return drawn


def neighbour_distances(ax: Axes, distances: ArrayLike, *, expected: float | None = None, unit: str = "pixels") -> None:
    """Histogram of distances of neighbouring atoms, with the crystal's as a line and 3 % to either side of it."""
    values = np.asarray(distances, dtype=float)
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, (0.005, 0.995))
    ax.hist(values, bins=np.linspace(low, high, 50).tolist(), color=PALETTE[4], edgecolor="white", linewidth=0.4)
    median = float(np.median(values))
    ax.axvline(median, color=PALETTE[0], label=f"median {median:.4g} {unit}")
    if expected is not None:
        ax.axvline(expected, color=MARK, linestyle="--", label=f"crystal {expected:.4g} {unit}")
        ax.axvspan(0.97 * expected, 1.03 * expected, color=MARK, alpha=0.12, linewidth=0)
    dress(ax, f"distance of neighbours [{unit}]", "pairs")
    ax.legend(loc="upper right")
