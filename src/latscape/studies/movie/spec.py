"""What may be chosen of a study of a movie."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import sample_option
from latscape.studies.shared.patch_options import PatchOptions

movie_option = partial(option, group="Generated movie")


class MovieSpec(PatchOptions):
    """Of a movie (t, h, w)."""

    frames: int = movie_option(40, "Number of frames of the generated movie.", ge=4)
    frame_side: int = movie_option(128, "Side length of the frames of the generated movie.", unit="pixel", ge=16)
    noise: float = movie_option(0.1, "Standard deviation of the noise that is added, where domains are -1 and 1.", ge=0)
    window: int = default(PatchOptions, "window", 20)
    frame_delay: int = sample_option(
        2, "Number of frames before and after its own that a patch holds.", unit="frame", ge=1
    )
    frames_ahead: int = sample_option(1, "Number of frames ahead, and back, that are predicted.", unit="frame", ge=1)
    point_spacing: int = sample_option(6, "Distance from one patch to the next along a wall.", unit="pixel", ge=1)
    max_patches: int = sample_option(3000, "Largest number of patches, a random subset of all.", ge=60)
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
