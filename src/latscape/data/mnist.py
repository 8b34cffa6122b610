"""MNIST: 10,000 test digits inside the package, and the 60,000 training digits found or fetched."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latscape.data.dataset import Dataset
from latscape.data.idx import read_idx
from latscape.data.registry import Remote, locate
from latscape.errors import InputError
from latscape.random import numpy_generator

Split = Literal["embedded", "train"]

SOURCE = "LeCun, Cortes, Burges (1998), The MNIST database of handwritten digits"
LICENCE = "CC BY-SA 3.0"
MIRROR = "https://storage.googleapis.com/cvdf-datasets/mnist/"

# SHA-256 of the decompressed content: the same for every mirror, however it packed the file.
CONTENT = {
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
}
# SHA-256 of the files as the mirror packed them.
DOWNLOADS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
}
_PREFIX = {"embedded": "t10k", "train": "train"}
_EMBEDDED = Path(__file__).with_name("files")


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
    seed
        Seed of the subset.

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
    images = _read(split, f"{_PREFIX[split]}-images-idx3-ubyte.gz")
    labels = _read(split, f"{_PREFIX[split]}-labels-idx1-ubyte.gz")
    if n is not None:
        chosen = _subset(len(images), n, split, seed)
        images, labels = images[chosen], labels[chosen]
    return Dataset(
        images=np.divide(images, 255.0, dtype=np.float32),
        labels=labels.astype(np.int64),
        name=f"mnist ({split})",
        source=SOURCE,
        licence=LICENCE,
    )


def _read(split: Split, file: str) -> NDArray[np.uint8]:
    path = _EMBEDDED / file if split == "embedded" else locate(_remote(file))
    return read_idx(path, sha256=CONTENT[file])


def _remote(file: str) -> Remote:
    instead = 'the 10,000 embedded digits: mnist("embedded")'
    return Remote(path=f"mnist/{file}", url=MIRROR + file, sha256=DOWNLOADS[file], instead=instead)


def _subset(total: int, n: int, split: Split, seed: int) -> NDArray[np.int64]:
    if not 1 <= n <= total:
        raise InputError(f"between 1 and {total} images of split {split!r}", f"n={n}", f"n={min(max(n, 1), total)}")
    return numpy_generator(seed, "mnist", split).permutation(total)[:n]
