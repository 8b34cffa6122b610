"""The file below a record: its schema, its making, checks that leave a wrong file untouched, its numbers as JSON."""

import contextlib
import json
import math
import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import InputError, RecordError

APPLICATION_ID = 0x6C617473  # "lats": tells a record from any other SQLite file
SCHEMA = 3  # axes of a measurement as JSON beside its values, since 3
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
    """What a record says of its making; versions are of Python and the packages that results depend on."""
    packages = ("latscape", "torch", "gpytorch", "botorch", "numpy", "scipy")
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {"schema": SCHEMA, "created": created, "versions": versions, "config": config}


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
        expected = f"{key} = {ours}, as in {file or 'the record'}"
        raise RecordError(expected, theirs, "the stored settings or a new record")


def _difference(key: str, stored: Any, given: Any) -> tuple[str, Any, Any] | None:
    if isinstance(stored, dict) and isinstance(given, dict):
        for name in sorted(stored.keys() | given.keys()):
            found = _difference(f"{key}.{name}", stored.get(name), given.get(name))
            if found is not None:
                return found
        return None
    return None if stored == given else (key, stored, given)


def grouped(connection: sqlite3.Connection, table: str) -> dict[int, dict[str, Any]]:
    """Rows (number, name, value) of "metrics" or "curves" as {number: {name: value}}."""
    found: dict[int, dict[str, Any]] = {}
    for number, name, value in connection.execute(f"SELECT number, name, value FROM {table} ORDER BY rowid"):
        if isinstance(value, str):
            value = load_numbers(value)
        found.setdefault(number, {})[name] = math.nan if value is None else value
    return found


def dump_numbers(numbers: Any) -> str:
    """Lists, of floats among them, as standard JSON; NaN is null and an infinity a number too large for float64.

    Examples
    --------
    >>> dump_numbers([0.1, math.nan, -math.inf])
    '[0.1, null, -9e999]'
    >>> load_numbers("[0.1, null, -9e999]")
    [0.1, nan, -inf]
    """
    try:
        return json.dumps(numbers, allow_nan=False)
    except ValueError:
        return json.dumps(numbers).replace("NaN", "null").replace("Infinity", "9e999")


def load_numbers(text: str) -> Any:
    """The lists that `dump_numbers` wrote."""
    numbers = json.loads(text)
    return _nan_for_null(numbers) if "null" in text else numbers


def _nan_for_null(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_nan_for_null(one) for one in numbers]
    return math.nan if numbers is None else numbers


def plain(obj: Any) -> Any:
    """The JSON form of numbers, texts, lists, mappings, paths and numpy arrays; what is not finite becomes None.

    Examples
    --------
    >>> plain({"a": np.arange(2), "b": (np.float32(0.5), float("nan"))})
    {'a': [0, 1], 'b': [0.5, None]}
    """
    if isinstance(obj, np.ndarray | np.generic):
        return plain(obj.tolist())
    if isinstance(obj, dict):
        return {str(key): plain(value) for key, value in obj.items()}
    if isinstance(obj, list | tuple):
        return [plain(value) for value in obj]
    if isinstance(obj, Path):
        return str(obj)
    if isinstance(obj, float) and not math.isfinite(obj):
        return None
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    raise InputError("something JSON can say", type(obj).__name__, "numbers, texts, lists, mappings or arrays")
