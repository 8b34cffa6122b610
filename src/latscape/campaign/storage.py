"""The file below a record: its schema, its making, and checks that leave a wrong file untouched."""

import contextlib
import json
import math
import os
import platform
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.encode import load_numbers
from latscape.errors import InputError, RecordError

APPLICATION_ID = 0x6C617473  # "lats": tells a record from any other SQLite file
SCHEMA = 2
MADE_BY = {1: "0.1.0"}  # earlier schemas
MAGIC = b"SQLite format 3\0"
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE evaluations (
    number INTEGER PRIMARY KEY, role TEXT NOT NULL, status TEXT NOT NULL, point TEXT NOT NULL, decoded TEXT NOT NULL,
    seed INTEGER NOT NULL, value REAL, acquisition REAL, seconds REAL, error TEXT);
CREATE TABLE metrics (number INTEGER NOT NULL REFERENCES evaluations, name TEXT NOT NULL, value REAL,
    PRIMARY KEY (number, name));
CREATE TABLE curves (number INTEGER NOT NULL REFERENCES evaluations, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (number, name));
CREATE TABLE results (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE arrays (number INTEGER NOT NULL, name TEXT NOT NULL, shape TEXT NOT NULL,
    value BLOB NOT NULL, PRIMARY KEY (number, name)); -- little-endian float32: maps as text would be megabytes
"""


def record_file(path: str | Path) -> Path:
    """The file of a record given as file or folder.

    Examples
    --------
    >>> record_file("/runs/mine").as_posix()
    '/runs/mine/record.sqlite'
    """
    path = Path(path).expanduser().absolute()
    return path if path.suffix == ".sqlite" or path.is_file() else path / "record.sqlite"


def connect(file: Path | str, readonly: bool = False) -> sqlite3.Connection:
    """A connection on which each change is durable when its transaction ends."""
    if file == ":memory:":
        return sqlite3.connect(":memory:", check_same_thread=False)
    uri = Path(file).as_uri() + ("?mode=ro" if readonly else "?mode=rw")
    if readonly and not os.access(Path(file).parent, os.W_OK) and not Path(f"{file}-wal").exists():
        uri += "&immutable=1"  # SQLite could not make its shared memory here, and nobody can be writing
    connection = sqlite3.connect(uri, uri=True, timeout=60.0, check_same_thread=False)
    if not readonly:
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def create_file(file: Path, meta: dict[str, Any]) -> None:
    """Make the file aside and move it in place, so that it is never seen half made."""
    if file.exists():
        raise RecordError("a place without a record", file, "another one, or resume that record")
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)  # left by a process that was killed here; we hold the lock
    try:
        with contextlib.closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # stays with the file
            build(connection, meta)
        os.replace(draft, file)
    except (OSError, sqlite3.OperationalError) as error:
        draft.unlink(missing_ok=True)
        raise InputError("a folder that can be written", f"{file.parent} ({error})", "another folder") from error


def build(connection: sqlite3.Connection, meta: dict[str, Any]) -> None:
    """Tables, identity and meta data of an empty record."""
    connection.executescript(TABLES)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    with connection:
        rows = [(key, json.dumps(value)) for key, value in meta.items()]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def first_meta(config: dict[str, Any]) -> dict[str, Any]:
    """What a record says of its making."""
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "config": config,
    }


def versions() -> dict[str, str | None]:
    """Of Python and the packages that results depend on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


_PACKAGES = ("latscape", "torch", "gpytorch", "botorch", "numpy", "scipy")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def identify_file(file: Path) -> None:
    """Refuse what is no record of this version, reading bytes before SQLite, which could change them, sees the file."""
    hint = "the path of another record"
    try:
        with open(file, "rb") as stream:
            header = stream.read(100)
    except OSError as error:
        raise RecordError("a record", f"{file} ({error.strerror})", hint) from error
    if len(header) < 100 or not header.startswith(MAGIC) or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise RecordError("a record of latscape", f"{file}, which is something else", hint)
    schema = int.from_bytes(header[60:64], "big")
    if schema != SCHEMA:
        maker = f"latscape {MADE_BY[schema]}, which reads it" if schema in MADE_BY else "the latscape that made it"
        raise RecordError(f"a record of schema {SCHEMA}", f"schema {schema} in {file}", maker)


def check_file(file: Path) -> None:
    """Refuse what is not a sound record of this version."""
    identify_file(file)
    # Without a log the file is complete in itself, and SQLite is told not to touch anything beside it.
    settled = not Path(f"{file}-wal").exists()
    try:
        uri = f"{file.as_uri()}?mode=ro" + ("&immutable=1" if settled else "")
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=60.0)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            connection.execute("SELECT key, value FROM meta").fetchone()
            connection.execute("SELECT number, role, status FROM evaluations").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok" and settled and Path(f"{file}-wal").exists():
        return check_file(file)  # a writer started while we were reading: look again, with its log
    if verdict != "ok":
        raise RecordError("a sound record", f"{file}, which is damaged ({' '.join(verdict.split())})", "a copy of it")


def agree(file: Path | None, section: str, stored: Any, given: Any) -> None:
    """Raise a RecordError that names the first key in which stored and given settings differ."""
    difference = _difference(section, stored, json.loads(json.dumps(given)))
    if difference is not None:
        key, ours, theirs = difference
        raise RecordError(
            f"{key} = {ours}, as in {file or 'the record'}", theirs, "the stored settings or a new record"
        )


def _difference(key: str, stored: Any, given: Any) -> tuple[str, Any, Any] | None:
    if isinstance(stored, dict) and isinstance(given, dict):
        for name in sorted(stored.keys() | given.keys()):
            found = _difference(f"{key}.{name}", stored.get(name), given.get(name))
            if found is not None:
                return found
        return None
    return None if stored == given else (key, stored, given)


def write_arrays(connection: sqlite3.Connection, number: int, arrays: Mapping[str, ArrayLike]) -> None:
    """Arrays by name beside a number, in the transaction that is open."""
    for name, values in arrays.items():
        array = np.asarray(values, dtype="<f4")
        row = (number, name, json.dumps(array.shape), array.tobytes())
        connection.execute("INSERT OR REPLACE INTO arrays VALUES (?, ?, ?, ?)", row)


def read_arrays(connection: sqlite3.Connection, number: int) -> dict[str, NDArray[np.float32]]:
    """All arrays beside a number, by name."""
    rows = connection.execute("SELECT name, shape, value FROM arrays WHERE number = ?", (number,))
    return {name: np.frombuffer(blob, "<f4").reshape(json.loads(shape)) for name, shape, blob in rows}


def drop_arrays(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Delete the arrays of these names."""
    connection.executemany("DELETE FROM arrays WHERE name = ?", [(name,) for name in names])


def read_series(connection: sqlite3.Connection, name: str) -> dict[int, NDArray[np.float32]]:
    """All arrays of a name by their numbers, in order."""
    rows = connection.execute("SELECT number, shape, value FROM arrays WHERE name = ? ORDER BY number", (name,))
    return {number: np.frombuffer(blob, "<f4").reshape(json.loads(shape)) for number, shape, blob in rows}


def array_numbers(connection: sqlite3.Connection, name: str) -> list[int]:
    """The numbers beside which there is an array of a name, in order."""
    rows = connection.execute("SELECT number FROM arrays WHERE name = ? ORDER BY number", (name,))
    return [number for (number,) in rows]


def grouped(connection: sqlite3.Connection, table: str) -> dict[int, dict[str, Any]]:
    """Rows (number, name, value) of "metrics" or "curves" as {number: {name: value}}."""
    found: dict[int, dict[str, Any]] = {}
    for number, name, value in connection.execute(f"SELECT number, name, value FROM {table} ORDER BY rowid"):
        if isinstance(value, str):
            value = load_numbers(value)
        found.setdefault(number, {})[name] = math.nan if value is None else value
    return found
