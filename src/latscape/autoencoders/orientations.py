"""Several orientations of the angle: every sample becomes as many rows, each turned back by one of them.

Rows of a sample follow each other. What an encoder says of a row is conditional on its orientation, with the pose of
the image turned back; class and orientation together are a hypothesis, whose columns have the orientation varying
fastest. With a single orientation all of this is the identity.
"""

import math

import torch
from torch import Tensor, nn

from latscape.geometry.grid import sample, transform
from latscape.geometry.pose import Rotation, Translation, turn
from latscape.latent.blocks import CategoricalPosterior, NormalPosterior
from latscape.latent.space import Posterior


class Orientations(nn.Module):
    """The orientations of one model: angles `offsets` [rad], for samples on a `grid` (pixels, dimensions).

    Examples
    --------
    >>> from latscape.geometry.grid import pixel_grid
    >>> two = Orientations((0.0, torch.pi / 2), (2, 2), 1, pixel_grid(2, 2))
    >>> two.turned_back(torch.tensor([[1.0, 2.0, 3.0, 4.0]])).round()  # by nothing, and a quarter turn clockwise
    tensor([[1., 2., 3., 4.],
            [3., 1., 4., 2.]])
    """

    offsets: Tensor
    grid: Tensor

    def __init__(self, offsets: tuple[float, ...], shape: tuple[int, ...], channels: int, grid: Tensor) -> None:
        super().__init__()
        self.count, self.sides = len(offsets), (channels, *shape)
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)
        self.register_buffer("grid", grid, persistent=False)

    def rows(self, values: Tensor) -> Tensor:
        """Values (batch, ...) for every row, (batch x orientations, ...)."""
        return values if self.count == 1 else values.repeat_interleave(self.count, dim=0)

    def hypotheses(self, values: Tensor) -> Tensor:
        """Values of rows (batch x orientations, classes, ...) as (batch, classes x orientations, ...)."""
        return values if self.count == 1 else values.unflatten(0, (-1, self.count)).transpose(1, 2).flatten(1, 2)

    def apart(self, values: Tensor) -> Tensor:
        """Values of hypotheses (batch, classes x orientations) as those of rows, (batch x orientations, classes)."""
        return values if self.count == 1 else values.unflatten(1, (-1, self.count)).transpose(1, 2).flatten(0, 1)

    def turned_back(self, x: Tensor) -> Tensor:
        """Samples (batch, values) turned back by every orientation, (batch x orientations, values)."""
        if self.count == 1:
            return x
        maps = Rotation().matrix(self.offsets[:, None])[:, :2]  # from the image turned back to the image
        return self.sampled(self.rows(x), transform(maps, self.grid).repeat(len(x), 1, 1))

    def sampled(self, x: Tensor, where: Tensor) -> Tensor:
        """Samples (rows, values) at coordinates (rows, pixels, dimensions)."""
        return sample(x.unflatten(1, self.sides), where).flatten(1)

    def turned(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """Latents of rows with the pose of the image itself."""
        rows = len(next(iter(values.values())))
        return values if self.count == 1 else turn(values, self.offsets.repeat(rows // self.count))

    def mean(self, values: Tensor, q: CategoricalPosterior | None) -> Tensor:
        """Mean of values of rows (batch x orientations,) over the orientations of q(orientation | x), (batch,)."""
        if self.count == 1 or q is None:
            return values
        return (q.at_start * values.unflatten(0, (-1, self.count))).sum(dim=1)

    def best(self, posterior: dict[str, Posterior], q: CategoricalPosterior) -> dict[str, Posterior]:
        """Posteriors at the most probable orientation of each sample, with the pose of the image itself."""
        if self.count == 1:
            return posterior
        orientation = q.best % self.count
        row = torch.arange(len(orientation), device=orientation.device) * self.count + orientation
        angle = self.offsets[orientation]
        normal = {name: other for name, other in posterior.items() if isinstance(other, NormalPosterior)}
        means = turn({name: other.mean[row] for name, other in normal.items()}, angle)
        if Rotation.name in means:  # the last orientation's prior reaches beyond half a turn
            means[Rotation.name] = torch.remainder(means[Rotation.name] + math.pi, 2.0 * math.pi) - math.pi
        stds = {name: other.std[row] for name, other in normal.items()}
        if Translation.name in stds:
            squares = Rotation().matrix(angle[:, None])[:, :2, :2].square()
            stds[Translation.name] = (squares @ stds[Translation.name].square()[:, :, None])[:, :, 0].sqrt()
        return posterior | {name: NormalPosterior(means[name], stds[name]) for name in normal}
