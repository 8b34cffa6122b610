"""A file format: a stack of images as text, a blank line between two."""

from pathlib import Path

import numpy as np

from latscape.data.formats.table import Format
from latscape.signals.signal import Signal


def read_grid_text(path: Path) -> list[Signal]:
    """Images (n, h, w)."""
    blocks = [block for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]
    images = [[[float(value) for value in line.split()] for line in block.strip().splitlines()] for block in blocks]
    return [Signal(np.array(images, dtype=np.float32), name="images")]


GRID_TEXT = Format("grids of numbers as text", (".grid",), read_grid_text)
