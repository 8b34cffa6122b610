"""One writing process per record."""

import os
from pathlib import Path

from latscape.errors import InputError, RecordError

try:
    import fcntl
except ImportError:  # Windows has no such locks; there, two writers are kept apart by SQLite's transactions only
    fcntl = None


class Lock:
    """The right to write a record, held by one process at a time; the system frees it however the process ends.

    POSIX locks are not inherited by forked workers, but they go when *any* handle of the process is closed; hence the
    handle is shared, and counted, by all records this process has open on one file.
    """

    _held: dict[Path, tuple[int, int]] = {}  # noqa: RUF012  file -> (handle, count)

    def __init__(self, file: Path) -> None:
        self.file = Path(f"{file}.lock")
        if self.file in self._held:
            handle, count = self._held[self.file]
        else:
            handle, count = self._acquire(), 0
        self._held[self.file] = (handle, count + 1)

    def _acquire(self) -> int:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            got = f"{self.file.parent} ({error.strerror})"
            raise InputError("a folder that can be written", got, "another") from error
        try:
            if fcntl is not None:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            got = f"{self.file.with_suffix('')}, in use by another process"
            raise RecordError("a record nobody is writing", got, "a new one") from error
        return handle

    def release(self) -> None:
        """Give one share back; the last one frees the lock."""
        handle, count = self._held.pop(self.file)
        if count > 1:
            self._held[self.file] = (handle, count - 1)
        else:
            os.close(handle)
