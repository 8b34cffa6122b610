"""What may be chosen of the study of structure and property."""

from collections.abc import Mapping
from typing import Any, ClassVar

from latscape.options import default
from latscape.studies.shared.options import NetworkOptions, Seeded, TrainingOptions, Validation, sample_option


class StructurePropertySpec(Seeded, Validation):
    """Spectra from images and back; the defaults are those of the preset `quick`."""

    max_particles: int = sample_option(7, "Largest number of particles in a cluster.", ge=1, le=7)
    particle_clusters: int = sample_option(2000, "Number of clusters of particles to learn from.", ge=20)
    validation: float = default(Validation, "validation", 500)
    ellipses: int = sample_option(1500, "Number of lone ellipses to learn outlines from.", ge=20)
    latent: int = default(NetworkOptions, "latent", 8)
    epochs: int = default(TrainingOptions, "epochs", 30)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "paper": {"particle_clusters": 10_000, "validation": 2000, "ellipses": 5000, "epochs": 120},
    }
    renamed: ClassVar[Mapping[str, str]] = {
        "cycles": "--epochs",
        "counts": "--max-particles",
        "clusters": "--particle-clusters",
        "held_out": "--validation",
        "particles": "--ellipses",
    }


SPEC = StructurePropertySpec
