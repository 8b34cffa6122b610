"""Windows cut around atoms or along a grid, from an image, its channels, or a movie with what came before and after."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.patches.image import as_numbers, check_mask, check_stack
from latscape.patches.patchset import PatchSet
from latscape.signals import as_signal
from latscape.signals.windows import first_pixels, pad_by_reflection

Edge = Literal["drop", "reflect"]


def cut(
    image: ArrayLike,
    centres: ArrayLike | None = None,
    *,
    size: int,
    stride: int | None = None,
    edge: Edge = "drop",
    mask: ArrayLike | None = None,
    source: str = "",
    pixel: float | None = None,
    unit: str | None = None,
) -> PatchSet:
    """Windows around the given centres, in their order, or along a grid where none are given; possibly none.

    A window lies on whole pixels: the pixel that holds the centre is its middle one, or the one after the middle of an
    even size. What is left of the centre is the offset that a model finds.

    Parameters
    ----------
    image
        (h, w), or (h, w, c) channels of the same place. Windows with NaN are dropped.
    centres
        (n, 2) rows and columns [pixels], such as `find_atoms(image).position`; default: a grid over the image.
    size
        Pixels along each side of a window.
    stride
        Pixels from one window of the grid to the next; default: half of size. Not with centres.
    edge
        Of windows that reach beyond the image: "drop", or "reflect" the image there.
    mask
        (h, w) booleans: windows are kept if all their pixels in the image are True.
    source, pixel, unit
        What the set remembers of the image: its file, and the length of a pixel; default: what a signal says of itself.

    Raises
    ------
    InputError
        For other shapes, a window larger than the image, centres outside of it, or both centres and stride.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 48))
    >>> cut(image, size=16, stride=8).shape, cut(image, [[4.2, 40.0], [30.0, 20.0]], size=16).shape
    ((35, 16, 16), (1, 16, 16))
    """
    frames = check_stack(image)[None]
    at = _centres(frames.shape[1:3], centres, size, stride)
    origin = _origin(image, 0, source, pixel, unit)
    return _cut(frames, at, np.zeros(len(at), dtype=np.int64), size, edge, mask, (0,), origin)


def cut_movie(
    movie: ArrayLike,
    centres: ArrayLike | Sequence[ArrayLike] | None = None,
    *,
    size: int,
    stride: int | None = None,
    delays: Sequence[int] = (0,),
    edge: Edge = "drop",
    mask: ArrayLike | None = None,
    source: str = "",
    pixel: float | None = None,
    unit: str | None = None,
) -> PatchSet:
    """Windows of every frame of a movie, each with the same window at other times as further channels.

    Parameters
    ----------
    movie
        (t, h, w) or (t, h, w, c).
    centres
        (n, 2) for all frames, or t such arrays, one for each; default: a grid.
    delays
        Frames to put one after the other, counted from a patch's own: (-1, 0, 1) is before, now and after. Frames for
        which one of them is missing have no patches.

    Other parameters, what is returned and what is raised as in `cut`; `frame` of the set is the frame of delay 0.

    Examples
    --------
    >>> movie = np.random.default_rng(0).normal(size=(10, 32, 32))
    >>> patches = cut_movie(movie, size=16, stride=16, delays=(-1, 0, 1))
    >>> patches.shape, np.unique(patches.frame).tolist()
    ((32, 16, 16, 3), [1, 2, 3, 4, 5, 6, 7, 8])
    """
    values = as_numbers(movie)
    if values.ndim not in (3, 4) or 0 in values.shape:
        raise InputError("a movie (t, h, w) or (t, h, w, c)", f"shape {values.shape}", "cut for one image")
    frames = values.reshape(*values.shape[:3], -1)
    ahead, behind = max(0, *delays), max(0, *(-delay for delay in delays))
    numbers = range(behind, len(frames) - ahead)
    if not delays or not numbers:
        expected = f"delays within the {len(frames)} frames of the movie"
        raise InputError(expected, tuple(delays), "delays=(-1, 0, 1)")
    each = _per_frame(centres, len(frames))
    at = [_centres(frames.shape[1:3], None if each is None else each[t], size, stride) for t in numbers]
    frame = np.repeat(np.array(numbers, dtype=np.int64), [len(one) for one in at])
    origin = _origin(movie, 1, source, pixel, unit)
    return _cut(frames, np.concatenate(at), frame, size, edge, mask, tuple(delays), origin)


def grid(shape: tuple[int, int], size: int, stride: int) -> NDArray[np.float64]:
    """Centres (n, 2) of all windows of this size that fit into an image, `stride` pixels apart.

    Examples
    --------
    >>> grid((4, 6), 4, 2)
    array([[2., 2.],
           [2., 4.]])
    """
    rows, columns = (np.arange(0, side - size + 1, stride) + size // 2 for side in shape)
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)


def _centres(shape: tuple[int, ...], centres: ArrayLike | None, size: int, stride: int | None) -> NDArray[np.float64]:
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not 1 <= size <= min(shape):
        expected = f"a window of 1 to {min(shape)} pixels, which fits into the image"
        raise InputError(expected, size, "a smaller size")
    if centres is None:
        stride = max(1, int(size) // 2) if stride is None else stride
        if stride < 1:
            raise InputError("a stride of at least one pixel", stride, f"stride={max(1, size // 2)}")
        return grid((shape[0], shape[1]), int(size), stride)
    if stride is not None:
        raise InputError("either centres or the stride of a grid", "both", "leaving out stride")
    at = np.asarray(centres, dtype=np.float64)
    if at.ndim != 2 or at.shape[1] != 2 or not np.isfinite(at).all():
        got = f"shape {at.shape}" if at.ndim != 2 or at.shape[1] != 2 else "NaN or infinite ones"
        raise InputError("centres (n, 2) of rows and columns", got, "find_atoms(image).position")
    outside = ((at < -0.5) | (at > np.array(shape[:2]) - 0.5)).any(axis=1)
    if outside.any():
        got = f"{int(outside.sum())} outside, the first at {at[outside][0].round(1).tolist()}"
        raise InputError(f"centres (row, column) inside the image of {tuple(shape[:2])} pixels", got, "rows first")
    return at


def _origin(image: Any, row: int, source: str, pixel: float | None, unit: str | None) -> dict[str, Any]:
    """Where an image is from and how large its pixels are: as given, else as it says itself."""
    signal = as_signal(image)
    axis = signal.axes[row]
    if pixel is None and axis.units:
        pixel, unit = axis.scale, axis.units
    return {"source": source or signal.source, "pixel": pixel, "unit": unit}


def _per_frame(centres: ArrayLike | Sequence[ArrayLike] | None, frames: int) -> list[ArrayLike] | None:
    if centres is None:
        return None
    if isinstance(centres, list | tuple) and len(centres) and np.ndim(centres[0]) == 2:
        if len(centres) != frames:
            raise InputError(f"centres for each of {frames} frames", len(centres), "one array (n, 2) for all")
        return list(centres)
    return [centres] * frames  # pyright: ignore[reportReturnType]


def _cut(
    frames: NDArray[np.float32],
    position: NDArray[np.float64],
    frame: NDArray[np.int64],
    size: int,
    edge: str,
    mask: ArrayLike | None,
    delays: tuple[int, ...],
    origin: dict[str, Any],
) -> PatchSet:
    if edge not in ("drop", "reflect"):
        raise InputError("drop or reflect", repr(edge), 'edge="drop"')
    shape = np.array(frames.shape[1:3])
    corner = first_pixels(position, size)
    inside = ((corner >= 0) & (corner + size <= shape)).all(axis=1)
    good = np.isfinite(frames).all(axis=3) & check_mask(mask, tuple(int(side) for side in shape))
    margin = 0
    if edge == "drop":
        position, corner, frame = position[inside], corner[inside], frame[inside]
    elif not inside.all():
        margin = size
        frames, good = pad_by_reflection(frames, margin), pad_by_reflection(good, margin)
    made = PatchSet(frames, position, corner, frame, int(size), margin, delays, **origin)
    if good.all():
        return made
    # Whether the window that begins at a pixel is good throughout: along rows, then along columns.
    rows = sliding_window_view(good, size, axis=1).all(axis=-1)
    clear = np.asarray(sliding_window_view(rows, size, axis=2).all(axis=-1))
    row, column = (corner + margin).T
    return made.select(np.all([clear[frame + delay, row, column] for delay in delays], axis=0))
