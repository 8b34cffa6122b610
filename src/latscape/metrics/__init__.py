"""Numbers that say how good a result is: of similar images, manifolds and clusterings, and what latents tell."""

from latscape.metrics.calibration import coverage
from latscape.metrics.clustering import (
    accuracy,
    agreement,
    class_information,
    extracted,
    matching,
    nmi,
    purity,
    used_classes,
)
from latscape.metrics.manifold import between_classes, draw_pairs, within_classes
from latscape.metrics.probes import circular_correlation, knn_probe, linear_probe
from latscape.metrics.similarity import ssim, ssim_loss

__all__ = [
    "accuracy",
    "agreement",
    "between_classes",
    "circular_correlation",
    "class_information",
    "coverage",
    "draw_pairs",
    "extracted",
    "knn_probe",
    "linear_probe",
    "matching",
    "nmi",
    "purity",
    "ssim",
    "ssim_loss",
    "used_classes",
    "within_classes",
]
