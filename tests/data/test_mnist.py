import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import latscape.data
from latscape.data import registry
from latscape.data.digits import mnist
from latscape.errors import DataUnavailable, InputError

FILES = Path(latscape.data.__file__).with_name("files")
REMOTE = {file.path.removeprefix("mnist/"): file for file in registry.published()["mnist"].files}
TRAIN = registry.data_folder() is not None and (registry.data_folder() / "mnist/train-images-idx3-ubyte.gz").is_file()


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No data folder, an empty cache, and a mirror at a local port where nothing listens."""
    for name in ("LATSCAPE_DATA", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = tuple(replace(file, url=f"https://127.0.0.1:9/{file.path}") for file in REMOTE.values())
    monkeypatch.setitem(registry.published(), "mnist", replace(registry.published()["mnist"], files=files))
    return tmp_path


def test_shipped_files_are_the_test_split():
    for file in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        content = gzip.decompress((FILES / file).read_bytes())
        assert hashlib.sha256(content).hexdigest() == REMOTE[file].content
        assert REMOTE[file].content in (FILES / "README.md").read_text()


def test_embedded_digits():
    digits = mnist()
    assert digits.images.shape == (10_000, 28, 28)
    assert digits.images.dtype == np.float32
    assert digits.images.min() == 0.0
    assert digits.images.max() == 1.0
    # The published first labels, and how often each digit occurs in the test split.
    assert digits.labels.dtype == np.int64
    assert digits.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(digits.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert digits.licence
    assert digits.source


def test_subsets_are_seeded_nested_and_without_repeats():
    everything, some, more = mnist(), mnist(n=300, seed=3), mnist(n=500, seed=3)
    np.testing.assert_array_equal(some.images, more.images[:300])
    np.testing.assert_array_equal(some.labels, more.labels[:300])
    assert (mnist(n=300, seed=4).labels != some.labels).any()
    # Whole-set "subset": the same digits once each, images still beside their labels.
    shuffled = mnist(n=10_000, seed=3)
    assert np.bincount(shuffled.labels).tolist() == np.bincount(everything.labels).tolist()
    pairs = {(image.tobytes(), label) for image, label in zip(everything.images, everything.labels, strict=True)}
    assert {(i.tobytes(), y) for i, y in zip(shuffled.images, shuffled.labels, strict=True)} == pairs


@pytest.mark.parametrize("n", [0, -1, 10_001])
def test_impossible_sizes(n):
    with pytest.raises(InputError, match=f"between 1 and 10000 .* Got n={n}"):
        mnist(n=n)


def test_unknown_split():
    with pytest.raises(InputError, match="Got 'test'"):
        mnist("test")


@pytest.mark.skipif(not TRAIN, reason="needs mnist/train-*.gz below $LATSCAPE_DATA")
def test_training_digits_from_the_data_folder():
    digits = mnist("train", n=1000)
    assert digits.images.shape == (1000, 28, 28)
    assert mnist("train").labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_another_file_in_the_data_folder_is_refused(offline, monkeypatch):
    (offline / "mnist").mkdir()
    (offline / "mnist/train-images-idx3-ubyte.gz").write_bytes((FILES / "t10k-images-idx3-ubyte.gz").read_bytes())
    monkeypatch.setenv("LATSCAPE_DATA", str(offline))
    with pytest.raises(InputError, match="SHA-256"):
        mnist("train")


def test_without_network_one_line_names_the_ways_out(offline):
    with pytest.raises(DataUnavailable) as caught:
        mnist("train")
    message = str(caught.value)
    assert "\n" not in message
    for part in ("train-images", "127.0.0.1", "ConnectionError", "LATSCAPE_DATA", "network", 'mnist("embedded")'):
        assert part in message


def test_the_embedded_digits_need_neither_network_nor_cache(offline):
    assert len(mnist(n=5)) == 5
    assert not (offline / "cache").exists()


def test_a_cached_download_needs_no_network_and_a_damaged_one_is_not_trusted(offline):
    content = b"any content"
    remote = replace(REMOTE["train-labels-idx1-ubyte.gz"], sha256=hashlib.sha256(content).hexdigest())
    cached = offline / "cache/latscape/mnist/train-labels-idx1-ubyte.gz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(content)
    assert registry.locate(remote) == cached
    cached.write_bytes(b"damaged")
    with pytest.raises(DataUnavailable):
        registry.locate(replace(remote, url=f"https://127.0.0.1:9/{remote.path}"))


def test_downloads_are_encrypted_and_pinned():
    for name, file in REMOTE.items():
        assert file.shipped or file.url.startswith("https://")
        assert file.url.endswith("" if file.shipped else name)
        assert len(bytes.fromhex(file.sha256)) == 32
        assert len(bytes.fromhex(file.content)) == 32
