"""The idx format of MNIST: a magic number, one size per axis, then the bytes; most often compressed with gzip."""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError

# Refuse to unpack more than this, whatever the header declares: the largest MNIST file unpacks to 47 MB.
MAX_BYTES = 2**28

_UNSIGNED_BYTE = 0x08
_MAX_AXES = 4


def read_idx(path: str | Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """Read an idx file of unsigned bytes, compressed with gzip or not.

    Parameters
    ----------
    sha256
        Checksum of the *decompressed* content. Mirrors of MNIST differ in how they packed it, not in what they packed.

    Returns
    -------
    NDArray[np.uint8]
        As many axes as the header declares, e.g. (n, h, w) for images and (n,) for labels.

    Raises
    ------
    InputError
        The file is missing, not idx, truncated, too long, larger than `MAX_BYTES`, or has another checksum.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "labels.gz")
    >>> _ = path.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 2]) + bytes([7, 9])))
    >>> read_idx(path)
    array([7, 9], dtype=uint8)
    """
    path = Path(path)
    try:
        with _opened(path) as stream:
            header, shape = _read_header(stream, path)
            body = stream.read(math.prod(shape) + 1)  # one byte more than declared shows a file that is too long
    except (OSError, EOFError, zlib.error) as error:
        raise InputError("a readable idx file", f"{path}: {error}", "a fresh copy of it") from error
    if len(body) != math.prod(shape):
        got = f"{path} with {'more' if len(body) > math.prod(shape) else f'only {len(body)}'}"
        raise InputError(f"{math.prod(shape)} bytes after the header, as it declares", got, "a fresh copy of it")
    if sha256 is not None:
        digest = hashlib.sha256(header)
        digest.update(body)
        if digest.hexdigest() != sha256:
            got = f"{path} with {digest.hexdigest()}"
            raise InputError(f"content with SHA-256 {sha256}", got, "a fresh copy of it: its content has changed")
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


def idx_shape(path: str | Path) -> tuple[int, ...]:
    """The shape that the header of an idx file declares."""
    path = Path(path)
    with _opened(path) as stream:
        return _read_header(stream, path)[1]


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    stream = path.open("rb")
    packed = stream.read(2) == b"\x1f\x8b"
    stream.close()
    return gzip.open(path, "rb") if packed else path.open("rb")


def _read_header(stream: BinaryIO | gzip.GzipFile, path: Path) -> tuple[bytes, tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:3] != bytes([0, 0, _UNSIGNED_BYTE]) or not 1 <= magic[3] <= _MAX_AXES:
        expected = f"an idx file of unsigned bytes (magic 0 0 8 and 1 to {_MAX_AXES} axes)"
        raise InputError(expected, f"{path} that starts with {list(magic)}", "the idx file of the data set")
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise InputError(f"{magic[3]} sizes in the idx header", f"{path} that ends before", "a fresh copy of it")
    shape = struct.unpack(f">{magic[3]}I", sizes)
    if math.prod(shape) > MAX_BYTES:
        raise InputError(f"at most {MAX_BYTES} bytes", f"{path} that declares {math.prod(shape)}", "a smaller file")
    return magic + sizes, shape
