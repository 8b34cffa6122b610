"""A study in its folder: settings, and named stages, each done once; whatever was found is read from there afterwards.

A study is a `Definition`: a frozen dataclass of settings (each field with a default and `about(...)`), presets, and
stages, functions of the `NamedStudy` that return `Found`. All else is the same for all of them: the folder, going on
after a stop, the report, the command. `studies.catalogue` lists them, `report.study` knows their pages.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.storage import versions
from latscape.errors import InputError, RecordError
from latscape.studies.arrays import read_arrays, write_arrays
from latscape.studies.run import RESULT, read_result, write_result

#: (stage, done, total, note)
Tell = Callable[[str, int, int, str], None]


class Found(NamedTuple):
    """What a stage found: numbers that JSON can hold, and arrays by name."""

    numbers: Mapping[str, Any] = {}
    arrays: Mapping[str, NDArray[Any]] = {}


@dataclass(frozen=True)
class Definition:
    """What a study is.

    Attributes
    ----------
    settings
        A frozen dataclass; `seed: int` must be among its fields, and `input: str | None` where users may bring a file.
    presets
        By name, at least "quick": the settings that differ from the defaults.
    stages
        By name, in order; each is called as `stage(study, tell)` with `tell(done, total, note)`.
    """

    settings: type[Any]
    presets: Mapping[str, Mapping[str, Any]]
    stages: Mapping[str, "Callable[[NamedStudy, Callable[[int, int, str], None]], Found]"]

    def choose(self, preset: str, changes: Mapping[str, Any]) -> Any:
        """Settings of a preset with some of them changed."""
        if preset not in self.presets:
            raise InputError(f"a preset among {', '.join(self.presets)}", repr(preset), "--preset quick")
        known = {one.name for one in fields(self.settings)}
        wrong = sorted(set(changes) - known)
        if wrong:
            raise InputError(f"settings among {', '.join(sorted(known))}", ", ".join(wrong), "latscape study")
        return replace(self.settings(), **{**self.presets[preset], **changes})


@dataclass
class NamedStudy:
    """One run of a study.

    Attributes
    ----------
    name : str
    definition : Definition
    folder : Path
    result : dict
        What `result.json` holds: kind, study, created (UTC), command, versions, preset, settings, stages:
        {name: {seconds, numbers}}.
    """

    name: str
    definition: Definition
    folder: Path
    result: dict[str, Any]

    @classmethod
    def create(
        cls, name: str, definition: Definition, settings: Any, folder: Path, *, preset: str = "quick", command: str = ""
    ) -> "NamedStudy":
        """Begin in an empty folder."""
        result = {
            "kind": "study",
            "study": name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": command,
            "versions": versions(),
            "preset": preset,
            "settings": asdict(settings),
            "stages": {},
        }
        write_result(folder, result)
        return cls(name, definition, folder, result)

    @classmethod
    def open(cls, folder: Path) -> "NamedStudy":
        """One that was begun."""
        from latscape.studies.catalogue import definition_of

        result = read_result(folder)
        if result["kind"] != "study":
            raise RecordError("a study", f"{folder / RESULT} of another kind", "`latscape runs`")
        return cls(result["study"], definition_of(result["study"]), folder, result)

    @property
    def settings(self) -> Any:
        """What it was told."""
        kept = self.result["settings"]
        return self.definition.settings(
            **{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
        )

    def run(self, tell: Tell = lambda stage, done, total, note: None) -> None:
        """One stage after the other; each is kept as soon as it is done."""
        for name, stage in self.definition.stages.items():
            if name in self.result["stages"]:
                continue
            begun = time.perf_counter()
            found = stage(self, lambda done, total, note, name=name: tell(name, done, total, note))
            write_arrays(self.folder / f"{name}.npz", {key: np.asarray(value) for key, value in found.arrays.items()})
            kept = {"seconds": time.perf_counter() - begun, "numbers": dict(found.numbers)}
            self.result["stages"][name] = kept
            write_result(self.folder, self.result)

    def numbers(self, stage: str) -> dict[str, Any]:
        """What a stage found, in numbers; empty before it is done."""
        return self.result["stages"].get(stage, {}).get("numbers", {})

    def arrays(self, stage: str) -> dict[str, NDArray[Any]]:
        """What a stage found, in arrays; empty before it is done."""
        return read_arrays(self.folder / f"{stage}.npz") if stage in self.result["stages"] else {}

    @property
    def finished(self) -> bool:
        """Whether every stage is done."""
        return set(self.definition.stages) <= set(self.result["stages"])

    @property
    def seconds(self) -> float:
        """Time that the stages took [s]."""
        return sum(stage["seconds"] for stage in self.result["stages"].values())


def about(text: str, default: Any = MISSING) -> Any:
    """A field of settings with the words that help prints for it.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     seed: int = about("All randomness follows from it.", 0)
    >>> Settings().seed
    0
    """
    return field(default=default, metadata={"about": text})


def parse(settings: type[Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Values of settings from words as they are typed: whole numbers, numbers, texts, yes or no, lists with commas.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     seed: int = 0
    ...     sizes: tuple[int, ...] = (3,)
    ...     limit: float | None = None
    >>> parse(Settings, {"seed": "7", "sizes": "1,2", "limit": "none"})
    {'seed': 7, 'sizes': (1, 2), 'limit': None}
    """
    hints = get_type_hints(settings)
    wrong = sorted(set(words) - set(hints))
    if wrong:
        raise InputError(f"settings among {', '.join(hints)}", ", ".join(wrong), f"--set {next(iter(hints))}=...")
    return {name: _parsed(name, text, hints[name]) for name, text in words.items()}


def _parsed(name: str, text: str, hint: Any) -> Any:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if NoneType in options and text.lower() == "none":
        return None
    kind = next(option for option in options if option is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_parsed(name, part.strip(), get_args(kind)[0]) for part in text.split(",") if part.strip())
    if kind is bool:
        if text.lower() not in ("yes", "no", "true", "false"):
            raise InputError(f"{name} to be yes or no", repr(text), f"--set {name}=yes")
        return text.lower() in ("yes", "true")
    try:
        return kind(text)
    except ValueError:
        what = {int: "a whole number", float: "a number"}.get(kind, str(kind))
        raise InputError(f"{name} to be {what}", repr(text), f"--set {name}=3") from None
