import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latscape.data import idx
from latscape.data.idx import idx_shape, read_idx
from latscape.errors import InputError


def as_bytes(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@given(array=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, max_side=6), elements=st.integers(0, 255)))
def test_what_was_written_is_read(tmp_path_factory, array):
    for content in (gzip.compress(as_bytes(array)), as_bytes(array)):
        path = tmp_path_factory.mktemp("idx") / "a.gz"
        path.write_bytes(content)
        read = read_idx(path)
        assert read.dtype == np.uint8
        assert idx_shape(path) == array.shape
        np.testing.assert_array_equal(read, array)


GOOD = as_bytes(np.arange(8, dtype=np.uint8).reshape(2, 2, 2))

HOSTILE = {
    "empty": gzip.compress(b""),
    "cut short, not gzip": GOOD[:-2],
    "nothing at all": b"",
    "gzip cut short": gzip.compress(GOOD)[:-12],
    "gzip with a flipped byte": gzip.compress(GOOD)[:14] + b"\xff\xff\xff" + gzip.compress(GOOD)[17:],
    "another magic": gzip.compress(b"\x01" + GOOD[1:]),
    "floats": gzip.compress(bytes([0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0])),
    "no axes": gzip.compress(bytes([0, 0, 8, 0])),
    "too many axes": gzip.compress(bytes([0, 0, 8, 200]) + bytes(800)),
    "sizes cut short": gzip.compress(GOOD[:9]),
    "data cut short": gzip.compress(GOOD[:-1]),
    "too much data": gzip.compress(GOOD + b"\0"),
    "huge declared size": gzip.compress(bytes([0, 0, 8, 3]) + b"\xff" * 12),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_give_one_line(tmp_path, content):
    path = tmp_path / "bad.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^Expected .+\. Got .+\. Try .+\.$") as caught:
        read_idx(path)
    assert "\n" not in str(caught.value)
    assert "bad.gz" in str(caught.value)


def test_a_missing_file_and_a_folder_are_input_errors(tmp_path):
    for path in (tmp_path / "absent.gz", tmp_path):
        with pytest.raises(InputError, match="readable idx file"):
            read_idx(path)


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """A small file that unpacks to much more than it declares is read one byte too far, and no further."""
    monkeypatch.setattr(idx, "MAX_BYTES", 1000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 10]) + bytes(10_000_000)))
    asked = []
    real = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or real(self, size))
    with pytest.raises(InputError, match="with more"):
        read_idx(path)
    assert max(asked) == 11
    assert min(asked) >= 0


def test_the_checksum_is_of_the_content_not_of_the_packing(tmp_path):
    import hashlib

    sha256 = hashlib.sha256(GOOD).hexdigest()
    for level in (1, 9):
        path = tmp_path / f"level{level}.gz"
        path.write_bytes(gzip.compress(GOOD, compresslevel=level))
        assert read_idx(path, sha256).shape == (2, 2, 2)
    path.write_bytes(gzip.compress(GOOD[:-1] + b"\x63"))
    with pytest.raises(InputError, match="SHA-256"):
        read_idx(path, sha256)
