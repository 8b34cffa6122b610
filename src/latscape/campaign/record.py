"""The record of a campaign: one SQLite file that survives a kill at any instant and that any SQLite tool can read.

Every change is one transaction in write-ahead-log mode with full synchronization, so a row is either wholly there or
not at all. Numbers are SQLite reals and JSON texts, which both keep float64 exactly. Nothing is pickled.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign import storage
from latscape.campaign.evaluate import EvaluationResult
from latscape.campaign.evaluation import REALLY, Evaluation, from_row, to_row
from latscape.campaign.lock import Lock
from latscape.campaign.storage import dump_numbers, plain
from latscape.errors import InputError, RecordError


class CampaignRecord:
    """The record of a campaign; make one with `CampaignRecord.create`, `.open` or `.attach`.

    Examples
    --------
    >>> record = CampaignRecord.create(":memory:", {"study": {"preset": "quick"}})
    >>> record.put("summary", {"accuracy": 0.5})
    >>> record.get("summary")
    {'accuracy': 0.5}
    >>> record.config
    {'study': {'preset': 'quick'}}
    """

    def __init__(self, path: Path | None, connection: sqlite3.Connection, lock: Lock | None) -> None:
        self.path, self._connection, self._lock = path, connection, lock

    @classmethod
    def create(cls, path: str | Path, config: dict[str, Any] | None = None) -> Self:
        """Make a record and open it for writing.

        Parameters
        ----------
        path
            A file ending in `.sqlite`, a folder (the file is `record.sqlite` in it), or ":memory:".
        config
            Settings in named sections, stored as JSON beside versions and the time.

        Raises
        ------
        RecordError
            If there is a file already, or another process is writing there.
        InputError
            If the folder cannot be written.
        """
        meta = storage.first_meta(config or {})
        if str(path) == ":memory:":
            connection = storage.connect(":memory:")
            storage.build(connection, meta)
            return cls(None, connection, None)
        file = storage.record_file(path)
        lock = Lock(file)
        try:
            storage.create_file(file, meta)
            return cls(file, storage.connect(file), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: str | Path, config: dict[str, Any] | None = None, readonly: bool = False) -> Self:
        """Open a record; a file that is not a sound record is refused and left as it is.

        Parameters
        ----------
        config
            Settings the stored ones must agree with, as far as given.
        readonly
            Read only, also while another process is writing.

        Raises
        ------
        RecordError
            For a missing, foreign, corrupt or newer file, one that another process is writing, or other settings.
        """
        file = storage.record_file(path)
        storage.check_file(file)
        if not (readonly or os.access(file, os.W_OK)):
            raise InputError("a record that can be written", f"{file}, which is read-only", "readonly=True")
        lock = None if readonly else Lock(file)
        record = None
        try:
            record = cls(file, storage.connect(file, readonly), lock)
            for section, settings in (config or {}).items():
                storage.agree(file, section, record.config.get(section), settings)
        except BaseException:
            if record is not None:
                record.close()
            elif lock is not None:
                lock.release()
            raise
        return record

    @classmethod
    def attach(cls, path: str | Path, config: dict[str, Any] | None = None) -> Self:
        """Open the record at `path` for writing, or make one if there is none."""
        if str(path) != ":memory:" and storage.record_file(path).exists():
            return cls.open(path, config)
        return cls.create(path, config)

    def claim(self, section: str, settings: dict[str, Any]) -> None:
        """Store a section of settings, or check that the stored one is the same.

        Raises
        ------
        RecordError
            If the stored section differs; the message names the first differing key.
        """
        config = self.config
        if section in config:
            storage.agree(self.path, section, config[section], settings)
            return
        self._configure(config | {section: settings})

    def _configure(self, config: Mapping[str, Any]) -> None:
        with self._connection:
            self._connection.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(config), "config"))

    def meta(self, key: str) -> Any:
        """One of "config", "created" (UTC, ISO 8601), "versions", "schema"."""
        (text,) = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(text)

    @property
    def config(self) -> dict[str, Any]:
        """All sections of settings."""
        return self.meta("config")

    def evaluations(self, curves: bool = True) -> list[Evaluation]:
        """All evaluations by index; `curves=False` leaves the curves unread."""
        metrics = storage.grouped(self._connection, "metrics")
        lists = storage.grouped(self._connection, "curves") if curves else {}
        rows = self._connection.execute("SELECT * FROM evaluations ORDER BY number").fetchall()
        return [from_row(row, metrics.get(row[0], {}), lists.get(row[0], {})) for row in rows]

    def waiting(self) -> list[Evaluation]:
        """Those that were asked for and not told, by index; the others are not read."""
        rows = self._connection.execute("SELECT * FROM evaluations WHERE status = 'asked' ORDER BY number").fetchall()
        return [from_row(row, {}, {}) for row in rows]

    def __len__(self) -> int:
        """How many evaluations there are."""
        return self._connection.execute("SELECT COUNT(*) FROM evaluations").fetchone()[0]

    def ask(self, evaluations: Iterable[Evaluation]) -> None:
        """Add rows that are to be evaluated, all or none."""
        with self._connection:
            self._connection.executemany(
                "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [to_row(one) for one in evaluations]
            )

    def finish(self, index: int, attempt: EvaluationResult, decoded: NDArray[np.float64] | None = None) -> None:
        """Write how an evaluation went, with its metrics, curves and image, in one transaction.

        `decoded` is what was really evaluated, if not what was asked for.

        Raises
        ------
        RecordError
            If no evaluation of that number is waiting.
        """
        with self._connection as connection:
            updated = connection.execute(
                "UPDATE evaluations SET status = ?, value = ?, seconds = ?, error = ?"
                " WHERE number = ? AND status = 'asked'",
                (attempt.status, attempt.value, attempt.seconds, attempt.error, index),
            )
            if updated.rowcount != 1:
                raise RecordError("an evaluation that was asked and not told", f"number {index}", "ask() first")
            if decoded is not None:
                text = dump_numbers(np.asarray(decoded).tolist())
                connection.execute("UPDATE evaluations SET decoded = ? WHERE number = ?", (text, index))
            at = () if attempt.point is None else attempt.point
            place = {f"{REALLY}{axis}": float(x) for axis, x in enumerate(at)}
            metrics = [(index, name, value) for name, value in (attempt.metrics | place).items()]
            connection.executemany("INSERT INTO metrics VALUES (?, ?, ?)", metrics)
            curves = [(index, name, dump_numbers(values)) for name, values in attempt.curves.items()]
            connection.executemany("INSERT INTO curves VALUES (?, ?, ?)", curves)
            if attempt.image is not None:
                self._write(index, {"image": attempt.image})

    def rescore(self, attempts: Mapping[int, EvaluationResult]) -> None:
        """Give finished evaluations other values, all in one transaction; points, curves and all else stay.

        Raises
        ------
        RecordError
            If one of them is not finished.
        """
        with self._connection as connection:
            for index, attempt in attempts.items():
                updated = connection.execute(
                    "UPDATE evaluations SET status = ?, value = ?, error = ? WHERE number = ? AND status != 'asked'",
                    (attempt.status, attempt.value, attempt.error, index),
                )
                if updated.rowcount != 1:
                    raise RecordError("an evaluation that is finished", f"number {index}", "tell it first")
                metrics = [(index, name, value) for name, value in attempt.metrics.items()]
                connection.executemany("INSERT OR REPLACE INTO metrics VALUES (?, ?, ?)", metrics)

    def keep(self, number: int, arrays: Mapping[str, ArrayLike]) -> None:
        """Keep arrays by name beside a number, in single precision; what was kept there by that name is replaced.

        Examples
        --------
        >>> record = CampaignRecord.create(":memory:")
        >>> record.keep(4, {"mean": [[0.5, 1.0]]})
        >>> record.arrays(4)["mean"]
        array([[0.5, 1. ]], dtype=float32)
        """
        with self._connection:
            self._write(number, arrays)

    def _write(self, number: int, arrays: Mapping[str, ArrayLike]) -> None:
        """The same, in the transaction that is open."""
        for name, values in arrays.items():
            array = np.asarray(values, dtype="<f4")
            row = (number, name, json.dumps(array.shape), array.tobytes())
            self._connection.execute("INSERT OR REPLACE INTO arrays VALUES (?, ?, ?, ?)", row)

    def arrays(self, number: int) -> dict[str, NDArray[np.float32]]:
        """All that was kept beside a number, by name."""
        return self._read("SELECT name, shape, value FROM arrays WHERE number = ?", number)

    def series(self, name: str) -> dict[int, NDArray[np.float32]]:
        """All arrays of a name by their numbers, in order."""
        return self._read("SELECT number, shape, value FROM arrays WHERE name = ? ORDER BY number", name)

    def _read(self, query: str, argument: str | int) -> dict[Any, NDArray[np.float32]]:
        rows = self._connection.execute(query, (argument,))
        return {key: np.frombuffer(blob, "<f4").reshape(json.loads(shape)) for key, shape, blob in rows}

    def numbers(self, name: str) -> list[int]:
        """The numbers beside which an array of that name was kept, in order."""
        rows = self._connection.execute("SELECT number FROM arrays WHERE name = ? ORDER BY number", (name,))
        return [number for (number,) in rows]

    def newest(self, name: str, before: int | None = None) -> tuple[int, NDArray[np.float32]] | None:
        """The last array of that name and its number, if there is one; the last below the number `before`."""
        numbers = [number for number in self.numbers(name) if before is None or number < before]
        return (numbers[-1], self.arrays(numbers[-1])[name]) if numbers else None

    def drop_arrays(self, names: Iterable[str]) -> None:
        """Forget all arrays of these names."""
        with self._connection as connection:
            connection.executemany("DELETE FROM arrays WHERE name = ?", [(name,) for name in names])

    def copy(self, path: str | Path, config: Mapping[str, Any] | None = None) -> "CampaignRecord":
        """The same record in another place, open for writing; with other settings, if any are given.

        Raises
        ------
        RecordError
            If there is a record already.
        """
        other = CampaignRecord.create(path)
        self._connection.backup(other._connection)
        if config is not None:
            other._configure(config)
        return other

    def put(self, name: str, obj: Any) -> None:
        """Keep anything JSON can say, and numpy arrays, under a name; NaN and infinities become null."""
        with self._connection:
            row = (name, json.dumps(plain(obj)))
            self._connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", row)

    def get(self, name: str, default: Any = None) -> Any:
        """What was put under a name."""
        row = self._connection.execute("SELECT value FROM results WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def names(self) -> list[str]:
        """Names something was put under."""
        return [name for (name,) in self._connection.execute("SELECT name FROM results ORDER BY name")]

    def close(self) -> None:
        """Close the file and let others write."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # also when the interpreter is shutting down
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
