"""Patches that know where they were cut, so that whatever is learned of each can be painted back onto the image."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from latscape.errors import InputError
from latscape.signals.windows import cut_windows

Paint = Literal["nearest", "windows"]


@dataclass(frozen=True, eq=False)
class PatchSet:
    """Square windows of one image, of its channels, or of the frames of a movie.

    Patches are cut out when they are asked for: `patches` is all of them, `set[index]` are some, and models take the
    set itself, `rvae().fit(set)`, and read it batch by batch.

    Parameters
    ----------
    images
        (frames, h, w, c) float32, with a margin on every side that the image itself does not have.
    position
        (n, 2) row and column of each patch's centre in the image [pixels].
    corner
        (n, 2) row and column of its first pixel in the image; negative where it reaches into the margin.
    frame
        (n,) number of its frame.
    size
        Pixels along each side.
    margin
        Of `images` [pixels].
    delays
        Frames, counted from its own, whose channels a patch holds one after the other.
    pixel, unit
        Length of a pixel, and its unit; None where it is not known.
    """

    images: NDArray[np.float32]
    position: NDArray[np.float64]
    corner: NDArray[np.int64]
    frame: NDArray[np.int64]
    size: int
    margin: int = 0
    delays: tuple[int, ...] = (0,)
    source: str = ""
    pixel: float | None = None
    unit: str | None = None

    # What arrays in files have: models then read a batch at a time.
    chunks = None
    dtype = np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self.corner)

    def __getitem__(self, index: ArrayLike | slice) -> NDArray[np.float32]:
        """Patches at numbers, of a slice or under a mask, (n, size, size) or (n, size, size, channels x delays)."""
        chosen = np.arange(len(self))[index if isinstance(index, slice) else np.asarray(index)]
        found = self._cut(np.atleast_1d(chosen))
        return found if chosen.ndim else found[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """That of `patches`."""
        depth = self.images.shape[3] * len(self.delays)
        return (len(self), self.size, self.size) + ((depth,) if depth > 1 else ())

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of the image, without margins."""
        return self.images.shape[1] - 2 * self.margin, self.images.shape[2] - 2 * self.margin

    @cached_property
    def patches(self) -> NDArray[np.float32]:
        """All of them, (n, size, size) or (n, size, size, channels x delays)."""
        return self._cut(np.arange(len(self)))

    def batches(self, count: int = 4096) -> Iterator[NDArray[np.float32]]:
        """All patches, `count` at a time."""
        for start in range(0, len(self), count):
            yield self._cut(np.arange(start, min(start + count, len(self))))

    def select(self, index: ArrayLike) -> "PatchSet":
        """Some of them, by a mask or by number, as a set of their own."""
        chosen = np.asarray(index)
        parts = {name: getattr(self, name)[chosen] for name in ("position", "corner", "frame")}
        return replace(self, **parts)

    def scaled(self, low: float = 0.005, high: float = 0.995) -> "PatchSet":
        """The same with each channel's quantiles at 0 and 1, and clipped: what a Bernoulli likelihood needs."""
        lows, highs = np.nanquantile(self.images, [low, high], axis=(0, 1, 2))
        if not (highs > lows).all():
            raise InputError("channels that differ somewhere", "one that is constant", "leaving it out")
        return replace(self, images=((self.images - lows) / (highs - lows)).clip(0.0, 1.0).astype(np.float32))

    def paint(
        self, values: ArrayLike, how: Paint | None = None, *, frame: int = 0, reach: float | None = None
    ) -> NDArray[np.float64]:
        """One number per patch as an image, (h, w); NaN where there is no patch.

        Parameters
        ----------
        values
            (n,) numbers; those of patches with NaN are left out.
        how
            "nearest": every pixel has the value of the nearest position, whether these form an array or not; "windows":
            the mean of all patches that hold the pixel. Default: "windows" if patches overlap on a grid.
        frame
            Of a movie.
        reach
            How far "nearest" goes [pixels]; default: 1.5 times the median distance of neighbours, at least half a patch
            where there is one patch only.

        Raises
        ------
        InputError
            If there is not one number for each patch, or no patch of this frame.

        Examples
        --------
        >>> from latscape.patches import cut
        >>> squares = cut(np.arange(16.0).reshape(4, 4), size=2, stride=2)
        >>> squares.paint(squares.patches.max(axis=(1, 2)))[:2]
        array([[5., 5., 7., 7.],
               [5., 5., 7., 7.]])
        """
        numbers = np.asarray(values, dtype=np.float64)
        if numbers.shape != (len(self),):
            expected = f"one number for each of {len(self)} patches"
            raise InputError(expected, f"shape {numbers.shape}", "model.score(set)")
        if how not in (None, "nearest", "windows"):
            raise InputError("nearest or windows", repr(how), 'how="nearest"')
        here = (self.frame == frame) & np.isfinite(numbers)
        if not here.any():
            got = f"frames {self.frame.min(initial=0)} to {self.frame.max(initial=0)}" if len(self) else "no patches"
            raise InputError(f"patches of frame {frame} with a number", got, "another frame")
        if how == "windows" or (how is None and self._on_grid):
            return self._windows(numbers[here], self.corner[here])
        return self._nearest(numbers[here], self.position[here], reach)

    @property
    def _on_grid(self) -> bool:
        rows, columns = (np.unique(self.corner[self.frame == self.frame[0], axis]) for axis in range(2))
        return len(rows) * len(columns) <= 2 * int((self.frame == self.frame[0]).sum())

    def _cut(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        first, frame = self.corner[index] + self.margin, self.frame[index]
        images = self.images[..., 0] if len(self.shape) == 3 else self.images
        seen = [cut_windows(images, first, self.size, frame + delay) for delay in self.delays]
        return seen[0] if len(seen) == 1 else np.concatenate(seen, axis=-1)

    def _windows(self, values: NDArray[np.float64], corner: NDArray[np.int64]) -> NDArray[np.float64]:
        rows, columns = self.image_shape
        # Differences at the corners of each window, summed up along both axes: no window is visited pixel by pixel.
        steps = np.zeros((2, rows + 1, columns + 1))
        for layer, amounts in zip(steps, (values, np.ones(len(values))), strict=True):
            for down, right, sign in ((0, 0, 1), (0, 1, -1), (1, 0, -1), (1, 1, 1)):
                at = (corner + self.size * np.array([down, right])).clip(0, [rows, columns])
                np.add.at(layer, tuple(at.T), sign * amounts)
        total, count = steps.cumsum(axis=1).cumsum(axis=2)[:, :-1, :-1]
        count = np.round(count)
        return np.divide(total, count, out=np.full((rows, columns), np.nan), where=count > 0)

    def _nearest(
        self, values: NDArray[np.float64], position: NDArray[np.float64], reach: float | None
    ) -> NDArray[np.float64]:
        tree = KDTree(position)
        if reach is None:
            apart = tree.query(position, 2)[0][:, 1]
            known = apart[np.isfinite(apart)]
            reach = 1.5 * float(np.median(known)) if len(known) else self.size / 2
        rows, columns = self.image_shape
        grid = np.indices((rows, columns)).reshape(2, -1).T
        # What is as far as the tree's bound is not found, but a reach is within itself.
        distance, nearest = tree.query(grid, distance_upper_bound=np.nextafter(reach, np.inf))
        found = np.append(values, np.nan)[nearest]  # beyond reach, the tree answers with n
        return np.where(np.isfinite(distance), found, np.nan).reshape(rows, columns)

    def save(self, path: str | Path) -> Path:
        """Write patches with all that is known of each as npz, without pickle."""
        target = Path(path)
        names = ("position", "corner", "frame", "delays", "image_shape", "source")
        known: dict[str, Any] = {name: getattr(self, name) for name in names}
        known |= {"pixel": np.nan if self.pixel is None else self.pixel, "unit": self.unit or ""}
        with target.open("wb") as file:
            np.savez_compressed(file, images=self.patches, **known)
        return target
