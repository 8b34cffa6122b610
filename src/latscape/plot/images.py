"""Images side by side: samples of the data, and the learned manifold of every class (Biswas et al. 2023, fig. 7)."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.plot.styling import IMAGE_MAP, MUTED, class_name


def manifold(ax: Axes, images: ArrayLike, *, low: float = 0.0, high: float = 1.0) -> AxesImage:
    """What one class decodes to over a square grid of the latent plane, tiled without seams.

    The first latent number runs downwards and the second to the right, as in `VAE.manifold`.

    Parameters
    ----------
    images
        (cells, h, w) or (cells, h, w, c) with c = 1 or 3; cells in rows. Blanks fill up a number that is no square.
    low, high
        Values drawn black and white.

    Raises
    ------
    InputError
        If these are no images.
    """
    return show(ax, tile(images), low, high)


def image_grid(ax: Axes, images: ArrayLike, *, columns: int = 10, low: float = 0.0, high: float = 1.0) -> AxesImage:
    """A few images in rows of `columns`, a hair apart; parameters otherwise as in `manifold`."""
    return show(ax, tile(images, columns, gap=1, blank=high), low, high)


def manifolds(
    figure: Figure | SubFigure,
    images: ArrayLike,
    *,
    columns: int = 5,
    low: float = 0.0,
    high: float = 1.0,
    names: Sequence[str] | None = None,
) -> list[Axes]:
    """The manifolds of all classes of a model, one panel each.

    Parameters
    ----------
    images
        (classes, cells, h, w) or (classes, cells, h, w, c), as `VAE.manifold` gives them.
    low, high
        Values drawn black and white.
    names
        Of the classes; default: class 1, class 2, ...
    """
    classes = np.asarray(images, dtype=float)
    columns = min(columns, len(classes))
    axes = figure.subplots(math.ceil(len(classes) / columns), columns, squeeze=False).ravel()
    for index, (ax, cells) in enumerate(zip(axes, classes, strict=False)):
        manifold(ax, cells, low=low, high=high)
        if len(classes) > 1:
            name = class_name(names, index)
            ax.set_title(name, fontsize=7.5, fontweight="normal", color=MUTED, pad=2.5, loc="center")
    for ax in axes:
        ax.set_anchor("W")
    for ax in axes[len(classes) :]:
        ax.set_axis_off()
    return list(axes[: len(classes)])


def tile(images: ArrayLike, columns: int | None = None, gap: int = 0, blank: float = 0.0) -> NDArray[np.float64]:
    """Images (n, h, w[, c]) as one, in rows of `columns` (default: as square as can be), `gap` pixels of `blank` apart.

    Examples
    --------
    >>> tile(np.arange(4).reshape(4, 1, 1))
    array([[0., 1.],
           [2., 3.]])
    """
    stack = np.asarray(images, dtype=float)
    if stack.ndim == 3:
        stack = stack[..., None]
    if stack.ndim != 4 or 0 in stack.shape or stack.shape[-1] not in (1, 3):
        expected = "images (n, h, w) or (n, h, w, c) with c = 1 or 3"
        raise InputError(expected, f"shape {np.shape(images)}", "model.manifold()[0]")
    columns = min(columns or math.ceil(math.sqrt(len(stack))), len(stack))
    rows = math.ceil(len(stack) / columns)
    height, width, channels = stack.shape[1:]
    cells = np.full((rows * columns, height + gap, width + gap, channels), blank)
    cells[: len(stack), :height, :width] = stack
    joined = cells.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    joined = joined.reshape(rows * (height + gap), columns * (width + gap), channels)
    joined = joined[: joined.shape[0] - gap, : joined.shape[1] - gap]
    return joined[..., 0] if channels == 1 else joined


def show(ax: Axes, image: NDArray[np.float64], low: float, high: float) -> AxesImage:
    """One image, grey or coloured, without axes."""
    shown = image if image.ndim == 2 else np.clip((image - low) / (high - low), 0.0, 1.0)
    artist = ax.imshow(shown, cmap=IMAGE_MAP, vmin=low, vmax=high, interpolation="nearest")
    ax.set_axis_off()
    return artist


def visible(images: ArrayLike) -> NDArray[np.float64]:
    """Images (n, h, w[, c]) with one or three channels; others are averaged."""
    stack = np.asarray(images, dtype=float)
    return stack.mean(axis=-1) if stack.ndim == 4 and stack.shape[-1] not in (1, 3) else stack
