"""Numbers that say how good a result is: similarity of images, quality of manifolds and of clusterings."""

from latscape.metrics.clustering import accuracy, agreement, nmi, purity, used_classes
from latscape.metrics.manifold import between_classes, draw_pairs, within_classes
from latscape.metrics.ssim import ssim, ssim_loss

__all__ = [
    "accuracy",
    "agreement",
    "between_classes",
    "draw_pairs",
    "nmi",
    "purity",
    "ssim",
    "ssim_loss",
    "used_classes",
    "within_classes",
]
