"""Images that a study is about: its own by name, or the user's, with the width of a pixel where it is known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.data.catalogue import Scene, find_scene
from latscape.data.reading import load
from latscape.errors import DataUnavailable
from latscape.patches.image import check_image

#: Word of an image that is made, not read.
GENERATED = "generated"
_NANOMETRES = {"m": 1e9, "mm": 1e6, "um": 1e3, "µm": 1e3, "μm": 1e3, "nm": 1.0, "A": 0.1, "Å": 0.1, "pm": 1e-3}


@dataclass(frozen=True, eq=False)
class ImageData:
    """An image that a study looks at."""

    image: NDArray[np.float32]  # (h, w)
    pixel: float | None  # its width [nm], where it is known
    source: str
    about: str


def read_scene(kind: str, name: str, file: str | None, field: float | None = None) -> ImageData:
    """The user's file if there is one, else the scene of this name.

    Parameters
    ----------
    kind, name
        Of the scene in the catalogue, where "generated" is not among them.
    file
        Anything `latscape.data.load` reads.
    field
        Height of the view [nm]; default: what file or scene say.
    """
    scene = None if file else find_scene(kind, name)
    path = file if scene is None else _locate(scene)
    signal = load(str(path), None if scene is None else scene.pick)
    image = check_image(signal)
    height, rows = field if field is not None else scene.field if scene else None, signal.axes[0]
    known = rows.scale * _NANOMETRES[rows.units] if rows.units in _NANOMETRES else None
    pixel = height / len(image) if height is not None else known
    return ImageData(image, pixel, signal.source or str(path), scene.about if scene else Path(str(path)).name)


def _locate(scene: Scene) -> Path:
    try:
        return scene.paths()[0]
    except DataUnavailable as error:
        raise DataUnavailable(error.expected, error.got, f"{error.hint}; or --scene generated") from error
