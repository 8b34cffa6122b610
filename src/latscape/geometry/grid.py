"""Pixel coordinates, and the sampling of images and curves at given coordinates.

The origin is the image's centre, x points right and y points up, and the longer side spans [-1, 1] between its outer
pixel edges: a rotation stays a rotation on images that are not square. A curve is the line y = 0: it has the coordinate
x alone, and of an affine map of the plane only what happens to x concerns it.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def pixel_grid(*shape: int) -> Tensor:
    """Coordinates (x, y) of the pixel centres, row by row from the top left, or x of a curve's points.

    For a height and a width, (pixels, 2); for the length of a curve, (length, 1).

    Examples
    --------
    >>> pixel_grid(2, 2)
    tensor([[-0.5000,  0.5000],
            [ 0.5000,  0.5000],
            [-0.5000, -0.5000],
            [ 0.5000, -0.5000]])
    >>> pixel_grid(4).T
    tensor([[-0.7500, -0.2500,  0.2500,  0.7500]])
    """
    longest, width = max(shape), shape[-1]
    x = (torch.arange(width) + 0.5 - width / 2) * (2.0 / longest)
    if len(shape) == 1:
        return x[:, None]
    height = shape[0]
    y = (height / 2 - torch.arange(height) - 0.5) * (2.0 / longest)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2)


def transform(inverse: Tensor, grid: Tensor) -> Tensor:
    """Where each pixel of the posed image comes from, (batch, pixels, 2), or (batch, length, 1) on curves.

    `inverse` (batch, 2, 3) is the affine map from image to canonical coordinates, `grid` as `pixel_grid` gives it.
    """
    if grid.shape[1] == 1:
        return torch.addcmul(inverse[:, None, :1, 2], inverse[:, None, :1, 0], grid)
    # One matrix product for the whole batch; a batched one of 2 x 2 matrices takes many times as long.
    homogeneous = torch.cat([grid, grid.new_ones(len(grid), 1)], dim=1)
    with torch.autocast(inverse.device.type, enabled=False):  # half a pixel would be lost in eight bits
        return (inverse.reshape(-1, 3) @ homogeneous.T).view(len(inverse), 2, -1).transpose(1, 2)


def sample(images: Tensor, coordinates: Tensor) -> Tensor:
    """Linear or bilinear values of curves or images at coordinates; beyond the edge the edge's value holds.

    Images (batch, channels, height, width), or curves (batch, channels, length), at coordinates
    (batch, height * width, 2), or (batch, length, 1), as `pixel_grid` gives them; values have the shape of `images`.

    Examples
    --------
    >>> image = torch.rand(1, 3, 4, 6)
    >>> bool(torch.allclose(sample(image, pixel_grid(4, 6)[None]), image, atol=1e-6))
    True
    """
    if images.ndim == 3:  # an image of one row
        return sample(images[:, :, None], F.pad(coordinates, (0, 1)))[:, :, 0]
    batch, _, height, width = images.shape
    longest = max(height, width)
    # grid_sample wants each axis scaled to its own [-1, 1], and y pointing down.
    scale = coordinates.new_tensor([longest / width, -longest / height])
    where = (coordinates * scale).view(batch, height, width, 2)
    return F.grid_sample(images, where, mode="bilinear", padding_mode="border", align_corners=False)
