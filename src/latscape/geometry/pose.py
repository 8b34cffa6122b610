"""Poses: how content is placed in an image, as affine maps of the plane.

Each transform maps values `(batch, width)` to matrices `(batch, 3, 3)` in homogeneous coordinates, from content to
image. A pose is a tuple of them; the image shows the content scaled, sheared, rotated and then translated, whatever the
order given. Curves are posed by the same maps: they lie on the axis y = 0, along which they may shift and stretch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from latscape.checks import check_whole, is_whole
from latscape.errors import InputError
from latscape.name_hints import with_option_hints


class Transform(Protocol):
    """One factor of a pose; its values have a normal prior of mean zero, or a uniform one if they are angles."""

    name: ClassVar[str]  # how the factor is addressed
    meaning: ClassVar[str]  # what its values are, in a phrase with their unit
    width: ClassVar[int]  # numbers per image
    order: ClassVar[int]  # place in the composition: lower is applied to the content first
    dimensions: ClassVar[tuple[int, ...]]  # of the samples it can pose: 1 for curves, 2 for images

    @property
    def prior(self) -> float:
        """Standard deviation of the prior, in the factor's unit; infinite for an angle uniform over the turn."""
        ...

    def matrix(self, value: Tensor) -> Tensor:
        """Map `(batch, width)` to `(batch, 3, 3)`."""
        ...


#: Matrices (3, 3), row by row.
_Matrix = tuple[float, ...]
_UNMOVED: _Matrix = (1, 0, 0, 0, 1, 0, 0, 0, 1)
_FIXED: _Matrix = (0, 0, 0, 0, 0, 0, 0, 0, 1)


@dataclass(frozen=True)
class _Factor:
    """A factor whose matrix is one that stays, and others that numbers made of its values multiply."""

    prior: float = 0.1
    name: ClassVar[str]
    width: ClassVar[int] = 1
    dimensions: ClassVar[tuple[int, ...]] = (2,)
    _generators: ClassVar[tuple[_Matrix, ...]]
    _rest: ClassVar[_Matrix] = _UNMOVED

    def __post_init__(self) -> None:
        if not 0 < self.prior < math.inf:
            hint = f"{type(self).__name__}(prior=0.1)"
            raise InputError(f"a positive standard deviation for {self.name}", self.prior, hint)

    def matrix(self, value: Tensor) -> Tensor:
        """Map values (batch, width) to matrices (batch, 3, 3): one product, forward and backward."""
        numbers = self._numbers(value)
        generators, rest = _constants(self._generators, self._rest, numbers.dtype, numbers.device)
        return torch.addmm(rest, numbers, generators).view(-1, 3, 3)

    def _numbers(self, value: Tensor) -> Tensor:
        """What multiplies the generators, (batch, their number)."""
        return value


@lru_cache(maxsize=64)
def _constants(
    matrices: tuple[_Matrix, ...], rest: _Matrix, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    with torch.inference_mode(False):  # a tensor made for inference could not be used in training afterwards
        return torch.tensor(matrices, dtype=dtype, device=device), torch.tensor(rest, dtype=dtype, device=device)


@with_option_hints
@dataclass(frozen=True)
class Rotation(_Factor):
    """Rotation by an angle, counter-clockwise as the image is displayed.

    Parameters
    ----------
    prior : float
        Standard deviation of the angle [rad]; `math.inf` for an angle that is uniform over the full turn, whose
        posterior then lives on the circle (see `latscape.latent.circle`).
    n_orientations : int
        Angles, equally spaced over the `turn`, around each of which the prior stands. As a function of the angle the
        likelihood of an image has several maxima, and an encoder that follows the gradient ends in one that is near
        instead of the highest. With several orientations it looks at the image turned back by each of them; the
        orientation is summed over exactly, as a class is, and its posterior says which maximum is the highest. A prior
        near turn / (2 n_orientations) covers the turn.
    turn : float
        Range of the angles around zero [rad]; default the full turn.

    Examples
    --------
    >>> quarter = Rotation().matrix(torch.tensor([[torch.pi / 2]]))
    >>> (quarter @ torch.tensor([1.0, 0.0, 1.0])).round(decimals=4).abs()
    tensor([[0., 1., 1.]])
    """

    prior: float = 1.0
    n_orientations: int = 1
    turn: float = 2.0 * math.pi
    name: ClassVar[str] = "rotation"
    meaning: ClassVar[str] = "angle, counter-clockwise [rad]"
    order: ClassVar[int] = 2
    _generators = ((1, 0, 0, 0, 1, 0, 0, 0, 0), (0, -1, 0, 1, 0, 0, 0, 0, 0))
    _rest = _FIXED

    def __post_init__(self) -> None:
        if self.prior != math.inf:
            super().__post_init__()
        n = self.n_orientations
        if not is_whole(n) or n < 1 or (n > 1 and self.prior == math.inf):
            expected, got = "at least one orientation, and only one over the whole turn", f"n_orientations={n!r}"
            raise InputError(expected, f"{got}, prior={self.prior}", "Rotation(0.4, n_orientations=8)")
        if not 0 < self.turn <= 2.0 * math.pi:
            raise InputError("a turn in (0, 2 pi] rad", self.turn, "Rotation(0.4, n_orientations=3, turn=2.0)")

    @property
    def offsets(self) -> tuple[float, ...]:
        """Angle of every orientation [rad].

        Examples
        --------
        >>> Rotation(0.2, n_orientations=3, turn=1.2).offsets
        (-0.4, 0.0, 0.4)
        """
        n = self.n_orientations
        return tuple(float((k - (n - 1) / 2) * self.turn / n) for k in range(n))

    def _numbers(self, value: Tensor) -> Tensor:
        return torch.cat([value.cos(), value.sin()], dim=1)


@dataclass(frozen=True)
class Translation(_Factor):
    """Shift of the content by (x, y), in halves of the longer image side; x to the right, y up.

    Parameters
    ----------
    prior : float
        Standard deviation of each component [half sides].
    """

    name: ClassVar[str] = "translation"
    meaning: ClassVar[str] = "shift to the right and up [half sides]"
    width: ClassVar[int] = 2
    order: ClassVar[int] = 3
    _generators = ((0, 0, 1, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1, 0, 0, 0))


@dataclass(frozen=True)
class Shift(_Factor):
    """Shift of a curve's content along its axis, in halves of its length; positive to the right.

    Parameters
    ----------
    prior : float
        Standard deviation [half lengths].

    Examples
    --------
    >>> (Shift().matrix(torch.tensor([[0.2]])) @ torch.tensor([0.5, 0.0, 1.0]))[0, 0]
    tensor(0.7000)
    """

    name: ClassVar[str] = "shift"
    meaning: ClassVar[str] = "shift to the right [half lengths]"
    order: ClassVar[int] = 3
    dimensions: ClassVar[tuple[int, ...]] = (1,)
    _generators = Translation._generators[:1]


@dataclass(frozen=True)
class Scale(_Factor):
    """Magnification of the content by exp(value), so that twice and half are equally far from one.

    Parameters
    ----------
    prior : float
        Standard deviation of the logarithm of the magnification.
    """

    name: ClassVar[str] = "scale"
    meaning: ClassVar[str] = "logarithm of the magnification"
    order: ClassVar[int] = 0
    dimensions: ClassVar[tuple[int, ...]] = (1, 2)
    _generators = Rotation._generators[:1]
    _rest = _FIXED

    def _numbers(self, value: Tensor) -> Tensor:
        return value.exp()


@dataclass(frozen=True)
class Shear(_Factor):
    """Horizontal shear x -> x + tan(angle) y.

    Parameters
    ----------
    prior : float
        Standard deviation of the shear angle [rad].
    """

    name: ClassVar[str] = "shear"
    meaning: ClassVar[str] = "shear angle [rad]"
    order: ClassVar[int] = 1
    _generators = ((0, 1, 0, 0, 0, 0, 0, 0, 0),)

    def _numbers(self, value: Tensor) -> Tensor:
        return value.tan()


def compose(pose: Sequence[Transform], values: Mapping[str, Tensor]) -> Tensor:
    """The affine map from content to image, (batch, 3, 3), of a pose at given values by name.

    Examples
    --------
    >>> values = {"rotation": torch.tensor([[0.3]]), "translation": torch.tensor([[0.1, -0.2]])}
    >>> forward = compose((Rotation(), Translation()), values)
    >>> bool(torch.allclose(forward[0, :2, 2], values["translation"][0]))
    True
    """
    factors = [block.matrix(values[block.name]) for block in sorted(pose, key=lambda block: block.order)]
    total = factors[0]
    for factor in factors[1:]:
        total = factor @ total
    return total


def invert(affine: Tensor) -> Tensor:
    """The map from image to content coordinates, (batch, 2, 3), of maps (batch, 3, 3) from content to image."""
    a, b, c, d = affine[:, 0, 0], affine[:, 0, 1], affine[:, 1, 0], affine[:, 1, 1]
    linear = torch.stack([d, -b, -c, a], dim=-1).view(-1, 2, 2) / (a * d - b * c)[:, None, None]
    return torch.cat([linear, -linear @ affine[:, :2, 2:]], dim=2)


def pose_of(
    dimension: int,  # of the samples: 1 for curves, 2 for images
    angle: float | None = None,  # deviation of the rotation's prior [rad]
    n_orientations: int = 1,  # with several, the angle's prior is by default that of its share of the turn
    turn: float = 2.0 * math.pi,  # range of the angles [rad]
    shift: float | None = None,  # [half sides]
    scale: float | None = None,  # logarithm of the magnification
    shear: float | None = None,  # [rad]
) -> tuple[Transform, ...]:
    """The factors whose prior widths are given, and a rotation wherever there are several orientations.

    Examples
    --------
    >>> pose_of(2, n_orientations=4, shift=0.1)
    (Rotation(prior=0.785..., n_orientations=4, turn=6.28...), Translation(prior=0.1))
    >>> pose_of(1, shift=0.1)
    (Shift(prior=0.1),)
    """
    check_whole("n_orientations", n_orientations, 1)
    prior = turn / (2 * n_orientations) if angle is None and n_orientations > 1 else angle
    rotation = () if prior is None else (Rotation(prior, int(n_orientations), turn),)
    optional = ((Shift if dimension == 1 else Translation, shift), (Scale, scale), (Shear, shear))
    return (*rotation, *(factor(width) for factor, width in optional if width is not None))


def offsets_of(pose: Sequence[Transform]) -> tuple[float, ...]:
    """Angles from which the rotation of a pose starts [rad]; one of zero without any."""
    return next((factor.offsets for factor in pose if isinstance(factor, Rotation)), (0.0,))


def random_width(pose: Sequence[Transform]) -> int:
    """Standard normal numbers that `random_values` takes for one sample."""
    return sum(factor.width for factor in pose) + (len(offsets_of(pose)) > 1)


def random_values(pose: Sequence[Transform], noise: Tensor) -> dict[str, Tensor]:
    """Values of a pose by name, drawn from the priors by standard normal `noise` (batch, random_width(pose)).

    Examples
    --------
    >>> random_values((Rotation(0.5), Scale(0.1)), torch.tensor([[1.0, -2.0]]))
    {'rotation': tensor([[0.5000]]), 'scale': tensor([[-0.2000]])}
    """
    parts = noise.split([factor.width for factor in pose] + [noise.shape[1] - sum(one.width for one in pose)], dim=1)
    values = {}
    for factor, part in zip(pose, parts, strict=False):
        if factor.prior == math.inf:
            values[factor.name] = (2.0 * torch.special.ndtr(part) - 1.0) * math.pi  # uniform over the turn
        else:
            values[factor.name] = factor.prior * part
    offsets = noise.new_tensor(offsets_of(pose))
    if len(offsets) > 1:
        orientation = (torch.special.ndtr(parts[-1]) * len(offsets)).long().clamp(max=len(offsets) - 1)
        values[Rotation.name] = values[Rotation.name] + offsets[orientation]
    return values


def turn(values: Mapping[str, Tensor], angle: Tensor) -> dict[str, Tensor]:
    """Values of a pose by name, (batch, width), that is turned as a whole by angles (batch,) afterwards."""
    turned = dict(values)
    if Rotation.name in values:
        turned[Rotation.name] = values[Rotation.name] + angle[:, None]
    if Translation.name in values:
        linear = Rotation().matrix(angle[:, None])[:, :2, :2]
        turned[Translation.name] = (linear @ values[Translation.name][:, :, None])[:, :, 0]
    return turned


def check_pose(pose: Sequence[Transform], dimension: int) -> tuple[Transform, ...]:
    """The pose as a tuple, or an error for anything but transforms of such samples, with names of their own."""
    names = [factor.name for factor in pose if hasattr(factor, "matrix")] if isinstance(pose, Sequence) else None
    if names is None or len(set(names)) < len(pose):
        raise InputError("a sequence of different transforms", repr(pose), "pose=(Rotation(), Translation())")
    kind, hint = ("curves", "pose=(Shift(),)") if dimension == 1 else ("images", "pose=(Rotation(), Translation())")
    for factor in pose:
        if dimension not in factor.dimensions:
            raise InputError(f"a pose that {kind} can have", type(factor).__name__, hint)
    return tuple(pose)
