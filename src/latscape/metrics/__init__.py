"""Numbers that say how good a result is: of similar images, manifolds and clusterings, and what latents tell."""

from latscape.metrics.calibration import coverage
from latscape.metrics.clustering import (
    accuracy,
    class_information,
    ensemble_agreement,
    match_classes,
    nmi,
    purity,
    recovered_classes,
    used_classes,
)
from latscape.metrics.manifold import between_classes, draw_pairs, within_classes
from latscape.metrics.probes import circular_correlation, knn_probe, linear_probe
from latscape.metrics.similarity import ssim, ssim_loss
from latscape.name_hints import give_name_hints

__all__ = [
    "accuracy",
    "between_classes",
    "circular_correlation",
    "class_information",
    "coverage",
    "draw_pairs",
    "ensemble_agreement",
    "knn_probe",
    "linear_probe",
    "match_classes",
    "nmi",
    "purity",
    "recovered_classes",
    "ssim",
    "ssim_loss",
    "used_classes",
    "within_classes",
]

give_name_hints(__name__)
