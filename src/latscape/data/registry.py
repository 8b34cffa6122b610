"""Finding the files of a public data set: in `$LATSCAPE_DATA`, in the cache of downloads, or on the network."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from latscape.errors import DataUnavailable

# Seconds to wait for a connection, and for each answer after that: a machine without network must learn it soon.
TIMEOUT = 10.0


@dataclass(frozen=True)
class Remote:
    """One file of a data set.

    Parameters
    ----------
    path
        Where it lies below `$LATSCAPE_DATA` and below the cache, e.g. "mnist/train-labels-idx1-ubyte.gz".
    url
        Where a public mirror has it (HTTPS).
    sha256
        Checksum of the file that `url` serves.
    instead
        What a user without this file can do, as the end of "Try ...".
    """

    path: str
    url: str
    sha256: str
    instead: str


def locate(remote: Remote) -> Path:
    """Path of a file on this machine; it is downloaded, and its checksum verified, if it is not here yet.

    A file below `$LATSCAPE_DATA` is taken as it is: whoever parses it verifies its content.

    Raises
    ------
    DataUnavailable
        It is not on this machine and cannot be downloaded.
    """
    folder = data_folder()
    if folder is not None and (folder / remote.path).is_file():
        return folder / remote.path
    try:
        return _download(remote)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; pooch says "wrong checksum" by ValueError
        place = "$LATSCAPE_DATA (not set)" if folder is None else f"$LATSCAPE_DATA ({folder})"
        raise DataUnavailable(
            f"{remote.path} below {place}, in the cache, or from {remote.url}",
            f"no such file, and {_reason(error)}",
            f"LATSCAPE_DATA=<a folder that holds {remote.path}>, a network connection, or {remote.instead}",
        ) from error


def data_folder() -> Path | None:
    """The folder that `$LATSCAPE_DATA` names, or None when it is not set."""
    folder = os.environ.get("LATSCAPE_DATA")
    return Path(folder).expanduser() if folder else None


def _download(remote: Remote) -> Path:
    import pooch  # here, because it brings requests, and most runs download nothing

    relative = Path(remote.path)
    downloader: Any = pooch.HTTPDownloader(timeout=TIMEOUT)  # its annotations do not fit pooch's own protocol
    return Path(
        pooch.retrieve(
            remote.url,
            known_hash=f"sha256:{remote.sha256}",
            fname=relative.name,
            path=pooch.os_cache("latscape") / relative.parent,
            downloader=downloader,
        )
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "the download has another SHA-256 than the registry"
    return f"the download failed ({type(error).__name__})"
