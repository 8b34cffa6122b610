"""The stages of a run, what a stage brings, and how it tells of its progress."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from numpy.typing import NDArray


def silent(stage: str, done: int, total: int, note: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Progress:
    """How far a stage has come, told to whoever watches.

    Parameters
    ----------
    observer
        Called with (stage, done, total, note).
    stage
        Which one.

    Examples
    --------
    >>> progress = Progress(lambda *words: print(*words), "training")
    >>> progress(3, 10, "loss 0.5")
    training 3 10 loss 0.5
    """

    observer: Callable[[str, int, int, str], None] = silent
    stage: str = ""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total` steps are done."""
        self.observer(self.stage, done, total, note)

    def of(self, stage: str) -> "Progress":
        """The same observer, for another stage."""
        return replace(self, stage=stage)

    def on_epoch(self, epochs: int) -> Callable[[int, Mapping[str, Any]], None]:
        """What `fit(on_epoch=...)` of a model calls, of a training that lasts so many epochs."""
        return lambda epoch, means: self(epoch + 1, epochs, f"loss {means['loss']:.5g}")


class StageResult(NamedTuple):
    """What a stage brings: numbers that JSON can hold, and arrays by name."""

    numbers: Mapping[str, Any] = {}
    arrays: Mapping[str, NDArray[Any]] = {}


Stage = Callable[[Any, Progress], StageResult | None]


@dataclass(frozen=True)
class Stages:
    """The stages of a kind of run, and what is read before they begin.

    Attributes
    ----------
    order : mapping of str to callable
        `(run, progress) -> StageResult`, or None where all is kept already. A stage that takes longer than two minutes
        keeps what it has by `run.record`, `run.partial` or evaluations, and goes on from there.
    prepare : callable
        `(spec) -> anything`: whatever bad input shows in, read before there is a folder; `run.prepared` is what it
        returns. It may raise an InputError.
    resumable : callable
        `(run) -> str`: why a run cannot go on, "" if it can.
    """

    order: Mapping[str, Stage]
    prepare: Callable[[Any], Any] = field(default=lambda spec: None)
    resumable: Callable[[Any], str] = field(default=lambda run: "")
