"""The jrVAE that is timed against pyroVED and whose quality is measured: rotation, shift, scale and shear absorbed."""

from typing import Any

import latscape as ls

CLASSES = 10

#: Of `ls.jrvae(CLASSES, ...)`; all else is the preset's own.
TIMED: dict[str, Any] = {
    "angle": 0.2,
    "shift": 0.1,
    "scale": 0.15,
    "shear": 0.3,
    "encoder": ls.DenseEncoder(activation="gelu"),
    "beta_pose": 1.0,
}
#: How it is trained where quality counts.
SCHEDULE: dict[str, Any] = {
    "beta_c": ls.cooldown(10, 1, start=1 / 12, end=5 / 12),
    "beta_d": 3.0,
    "learning_rate": ls.cooldown(2e-3, 1e-4, start=0.6, end=1.0),
}
