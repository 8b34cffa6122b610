"""MNIST: 10,000 test digits inside the package, and the 60,000 training digits found or fetched."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latscape.data.dataset import Dataset
from latscape.data.idx import read_idx
from latscape.data.registry import Remote, data_set, locate
from latscape.errors import InputError
from latscape.random import numpy_generator

Split = Literal["embedded", "train"]

_PREFIX = {"embedded": "t10k", "train": "train"}


def mnist(split: Split = "embedded", n: int | None = None, seed: int = 0) -> Dataset:
    """Handwritten digits with their labels.

    Parameters
    ----------
    split
        "embedded": the 10,000 test digits, which come with the package. "train": the 60,000 training digits, from
        `$LATSCAPE_DATA/mnist`, else from the cache, else downloaded (10 MB). Checksums are verified in every case.
    n
        How many: a random subset without replacement, in random order, and a prefix of every larger subset of the same
        seed. All of them, in the order of the file, by default.

    Returns
    -------
    Dataset
        images (n, 28, 28) float32 in [0, 1]; labels (n,) int64 in 0...9.

    Raises
    ------
    InputError
        An unknown split, an `n` outside 1...total, or a file below `$LATSCAPE_DATA` whose content is not MNIST.
    DataUnavailable
        The training digits are neither on this machine nor reachable.

    Examples
    --------
    >>> digits = mnist(n=100)
    >>> digits.images.shape, digits.labels.shape
    ((100, 28, 28), (100,))
    """
    if split not in _PREFIX:
        raise InputError("split 'embedded' or 'train'", repr(split), 'mnist("embedded")')
    known = data_set("mnist")
    images, labels = (_read(file) for file in known.files if file.path.startswith(f"mnist/{_PREFIX[split]}"))
    if n is not None:
        if not 1 <= n <= len(images):
            hint = f"n={min(max(n, 1), len(images))}"
            raise InputError(f"between 1 and {len(images)} images of split {split!r}", f"n={n}", hint)
        chosen = numpy_generator(seed, "mnist", split).permutation(len(images))[:n]
        images, labels = images[chosen], labels[chosen]
    scaled = np.divide(images, 255.0, dtype=np.float32)
    return Dataset(scaled, labels.astype(np.int64), f"mnist ({split})", known.citation, known.licence)


def _read(file: Remote) -> NDArray[np.uint8]:
    """An array of whole numbers; its content has one SHA-256, however a mirror packed it."""
    instead = 'the 10,000 embedded digits: mnist("embedded")'
    return read_idx(locate(replace(file, instead=instead)), sha256=file.content)
