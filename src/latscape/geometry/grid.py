"""Pixel coordinates, and the sampling of images at given coordinates.

The origin is the image's centre, x points right and y points up, and the longer side spans [-1, 1] between its outer
pixel edges: a rotation stays a rotation on images that are not square.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def pixel_grid(height: int, width: int) -> Tensor:
    """Coordinates (x, y) of the pixel centres, row by row from the top left.

    Returns
    -------
    Tensor, shape (height * width, 2)

    Examples
    --------
    >>> pixel_grid(2, 2)
    tensor([[-0.5000,  0.5000],
            [ 0.5000,  0.5000],
            [-0.5000, -0.5000],
            [ 0.5000, -0.5000]])
    """
    longest = max(height, width)
    x = (torch.arange(width) + 0.5 - width / 2) * (2.0 / longest)
    y = (height / 2 - torch.arange(height) - 0.5) * (2.0 / longest)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2)


def transform(inverse: Tensor, grid: Tensor) -> Tensor:
    """Where each pixel of the posed image comes from.

    Parameters
    ----------
    inverse : Tensor, shape (batch, 2, 3)
        Affine map from image to canonical coordinates.
    grid : Tensor, shape (pixels, 2)

    Returns
    -------
    Tensor, shape (batch, pixels, 2)
    """
    # One matrix product for the whole batch; a batched one of 2 x 2 matrices takes many times as long.
    homogeneous = torch.cat([grid, grid.new_ones(len(grid), 1)], dim=1)
    return (inverse.reshape(-1, 3) @ homogeneous.T).view(len(inverse), 2, -1).transpose(1, 2)


def sample(images: Tensor, coordinates: Tensor) -> Tensor:
    """Bilinear values of images at coordinates; beyond the edge the edge's value holds.

    Parameters
    ----------
    images : Tensor, shape (batch, channels, height, width)
    coordinates : Tensor, shape (batch, height * width, 2)
        As `pixel_grid` gives them.

    Returns
    -------
    Tensor, shape (batch, channels, height, width)

    Examples
    --------
    >>> image = torch.rand(1, 3, 4, 6)
    >>> bool(torch.allclose(sample(image, pixel_grid(4, 6)[None]), image, atol=1e-6))
    True
    """
    batch, _, height, width = images.shape
    longest = max(height, width)
    # grid_sample wants each axis scaled to its own [-1, 1], and y pointing down.
    scale = coordinates.new_tensor([longest / width, -longest / height])
    where = (coordinates * scale).view(batch, height, width, 2)
    return F.grid_sample(images, where, mode="bilinear", padding_mode="border", align_corners=False)
