"""What may be chosen of a study of a movie."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import SAMPLES
from latscape.studies.shared.patch_options import PatchOptions

GENERATED = "Generated movie"


class MovieSpec(PatchOptions):
    """Of a movie (t, h, w)."""

    frames: int = option(40, "Frames of the generated movie.", group=GENERATED, ge=4)
    frame_side: int = option(128, "Side of its frames.", unit="pixel", group=GENERATED, ge=16)
    noise: float = option(
        0.1, "Deviation of the noise that is added, where domains are -1 and 1.", group=GENERATED, ge=0
    )
    window: int = default(PatchOptions, "window", 20)
    frame_delay: int = option(
        2, "Frames before and after its own that a patch holds.", unit="frame", group=SAMPLES, ge=1
    )
    frames_ahead: int = option(1, "Frames ahead, and back, that are predicted.", unit="frame", group=SAMPLES, ge=1)
    point_spacing: int = option(6, "Step from one patch to the next along a wall.", unit="pixel", group=SAMPLES, ge=1)
    max_patches: int = option(3000, "Patches at most, a random subset of all.", group=SAMPLES, ge=60)
    latent: int = default(PatchOptions, "latent", 3)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "paper": {"frames": 80, "frame_side": 192, "max_patches": 10000, "epochs": 100},
    }
    renamed: ClassVar[Mapping[str, str]] = {
        "side": "--frame-side",
        "delay": "--frame-delay",
        "ahead": "--frames-ahead",
        "spacing": "--point-spacing",
        "patches": "--max-patches",
    }

    @property
    def least_frames(self) -> int:
        """That a movie must have."""
        return 2 * self.frame_delay + 2

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.input is None and self.frames < self.least_frames:
            expected = f"--frames of at least {self.least_frames} for a delay of {self.frame_delay}"
            raise InputError(expected, self.frames, f"--frames {max(40, self.least_frames)}")
        if self.input is None and self.window > self.frame_side:
            got = f"{self.window} in frames of {self.frame_side}"
            raise InputError("a --window that fits into the frames", got, f"--frame-side {4 * self.window}")
        return self


SPEC = MovieSpec
