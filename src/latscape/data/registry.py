"""Public data sets: what each is for, under which terms, and where its files are found.

A file is looked for in the package, below `$LATSCAPE_DATA`, in the cache of downloads, and then on the network.
"""

import difflib
import hashlib
import itertools
import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from latscape.errors import DataUnavailable, InputError

# Seconds to wait for a connection, and for each answer after that: a machine without network must learn it soon.
TIMEOUT = 10.0
_SHIPPED = Path(__file__).with_name("files")


@dataclass(frozen=True)
class Remote:
    """One file of a data set."""

    path: str  # below `$LATSCAPE_DATA` and below the cache, e.g. "mnist/train-labels-idx1-ubyte.gz"
    url: str  # where a public mirror has it (HTTPS), "" where none is known
    sha256: str  # of the file that `url` serves
    instead: str  # what a user without this file can do, as the end of "Try ..."
    size: int = 0  # bytes, 0 where unknown
    content: str = ""  # SHA-256 of what is packed in it, for files that were packed anew; "" for others
    shipped: str = ""  # its name in the package, "" for none

    @property
    def given(self) -> Path | None:
        """Where it lies in the package or below `$LATSCAPE_DATA`, if it does."""
        folder = data_folder()
        places = ([_SHIPPED / self.shipped] if self.shipped else []) + ([folder / self.path] if folder else [])
        return next((place for place in places if place.is_file()), None)

    @property
    def here(self) -> Path | None:
        """Where it lies on this machine, downloads among it, if it does."""
        return self.given or (cached(self) if cached(self).is_file() else None)


@dataclass(frozen=True)
class Published:
    """A public data set; its source is the repository and commit, or the package, that holds it."""

    name: str
    title: str
    purpose: str
    licence: str
    citation: str
    source: str
    files: tuple[Remote, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@cache
def published() -> dict[str, Published]:
    """All data sets by name.

    Examples
    --------
    >>> published()["mos2"].licence, len(published()["mos2"].files)
    ('MIT', 4)
    """
    return {name: _published(name, said) for name, said in tables().items() if "files" in said}


@cache
def tables() -> dict[str, Any]:
    """The registry as it is written: data sets by name, and "scenes"."""
    return tomllib.loads((_SHIPPED / "registry.toml").read_text(encoding="utf-8"))


def data_set(name: str) -> Published:
    """One data set.

    Raises
    ------
    InputError
        For a name that is not in the registry; the message names those that are close.
    """
    sets = published()
    if name not in sets:
        close = difflib.get_close_matches(name, sets, n=3, cutoff=0.4) or list(sets)
        raise InputError("a data set of the registry", repr(name), f"{', '.join(close)}; `latscape data list` has all")
    return sets[name]


def fetch(name: str) -> list[Path]:
    """The files of a data set on this machine, downloaded if they are not here yet.

    Raises
    ------
    InputError
        For an unknown name, or a file below `$LATSCAPE_DATA` that is not the published one.
    DataUnavailable
        A file is neither here nor can be downloaded.

    Examples
    --------
    >>> [path.name for path in fetch("mnist")][:1]  # doctest: +SKIP
    ['t10k-images-idx3-ubyte.gz']
    """
    found = []
    for remote in data_set(name).files:
        path = locate(remote)
        if not _genuine(path, remote):
            got = f"{path} with another content"
            raise InputError(f"{remote.path} as it was published (SHA-256 {remote.sha256[:12]}...)", got, "removing it")
        found.append(path)
    return found


def locate(remote: Remote) -> Path:
    """Path of a file on this machine; it is downloaded, and its checksum verified, if it is not here yet.

    A file below `$LATSCAPE_DATA` is taken as it is: whoever parses it verifies its content.

    Raises
    ------
    DataUnavailable
        It is not on this machine and cannot be downloaded.
    """
    if remote.given is not None:
        return remote.given
    folder = data_folder()
    place = "$LATSCAPE_DATA (not set)" if folder is None else f"$LATSCAPE_DATA ({folder})"
    try:
        return _download(remote)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; pooch says "wrong checksum" by ValueError
        raise DataUnavailable(
            f"{remote.path} below {place}, in the cache" + (f", or from {remote.url}" if remote.url else ""),
            f"no such file, and {_reason(error)}" if remote.url else "no such file",
            f"LATSCAPE_DATA=<a folder that holds {remote.path}>, a network connection, or {remote.instead}",
        ) from error


def data_folder() -> Path | None:
    """The folder that `$LATSCAPE_DATA` names, or None when it is not set."""
    folder = os.environ.get("LATSCAPE_DATA")
    return Path(folder).expanduser() if folder else None


def cached(remote: Remote) -> Path:
    """Where a download goes."""
    import pooch  # here, because it brings requests, and most runs download nothing

    return Path(pooch.os_cache("latscape")) / remote.path


def _published(name: str, said: dict[str, Any]) -> Published:
    repository, commit, package = (said.get(key, "") for key in ("repository", "commit", "package"))
    source = f"github.com/{repository} at {commit[:10]}" if repository else f"PyPI {package}" if package else "mirrors"
    files = []
    for file in said["files"]:
        url = file.get("url", "")
        if repository and not url:
            url = f"https://github.com/{repository}/raw/{commit}/{quote(file['at'])}"
        instead = f"the files of PyPI's {package}" if package else "another data set: `latscape data list`"
        packed, shipped = file.get("content", ""), file.get("shipped", "")
        files.append(Remote(file["path"], url, file["sha256"], instead, file["size"], packed, shipped))
    told = {key: said[key] for key in ("title", "purpose", "licence", "citation")}
    return Published(name, source=source, files=tuple(files), **told)


def _genuine(path: Path, remote: Remote) -> bool:
    if remote.content:  # packed anew by its mirrors; `read_idx` compares what is in it
        return True
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == remote.sha256


def _download(remote: Remote) -> Path:
    import pooch

    if not remote.url:
        raise FileNotFoundError(remote.path)
    place = cached(remote)
    downloader: Any = pooch.HTTPDownloader(timeout=TIMEOUT)  # its annotations do not fit pooch's own protocol
    known = f"sha256:{remote.sha256}"
    there = next(folder for folder in place.parents if folder.exists())
    logger = pooch.get_logger()
    before = logger.level
    logger.setLevel("WARNING")  # that it downloads is no news to whoever asked for it
    try:
        return Path(pooch.retrieve(remote.url, known, place.name, place.parent, downloader=downloader))
    finally:
        logger.setLevel(before)
        for folder in itertools.takewhile(lambda folder: folder != there, place.parents):
            with suppress(OSError):  # one that holds something stays
                folder.rmdir()


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "the download has another SHA-256 than the registry"
    return f"the download failed ({type(error).__name__})"
