"""A small kind of run, registered for a test: it draws numbers, and then sums them up."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.options import Options, option
from latscape.parts import registry
from latscape.parts.registry import PartEntry
from latscape.runs import RunKind, Section, StageResult, Stages, Story, Table
from latscape.runs.run import PARTIAL


class SumSpec(Options):
    seed: int = option(0, "Seed.", ge=0)
    count: int = option(4, "Numbers that are drawn.", ge=1)
    angle: float = option(float("inf"), "Angle.", unit="rad")


@dataclass(frozen=True)
class SumKind(RunKind):
    """A kind whose parts are given and not imported.

    Attributes
    ----------
    calls : list
        What was done, and how often.
    """

    calls: tuple = ()
    stop: str = ""
    spec = SumSpec
    story = Story(
        headline=lambda run: [f"The sum is {run.numbers('sum').get('sum')}."],
        sections=lambda run: [Section("Numbers", table=Table(["count"], [[str(run.spec.count)]]))],
        line=lambda run: {"best_value": run.numbers("sum").get("sum")},
    )

    @property
    def stages(self):
        def prepare(spec):
            if spec.count == 13:
                raise InputError("a lucky count", 13, "--count 12")
            return "prepared"

        def draw(run, progress):
            kept = run.record.get(f"{PARTIAL}draw") or []
            for number in range(len(kept), run.spec.count):
                self.calls.append(f"draw {number}")
                kept = [*kept, float(np.random.default_rng((run.spec.seed, number)).normal())]
                run.record.put(f"{PARTIAL}draw", kept)
                run.partial("draw.txt").write_text(str(kept))
                progress(number + 1, run.spec.count)
            return StageResult({"mean": float(np.mean(kept))}, {"values": np.array(kept)})

        def total(run, progress):
            self.calls.append("sum")
            if self.stop:
                raise RuntimeError(self.stop)
            return StageResult({"sum": float(run.arrays("draw")["values"].sum())})

        return Stages({"draw": draw, "sum": total}, prepare, lambda run: self.why)

    @property
    def why(self):
        return "It was told not to" if self.stop == "for good" else ""


@pytest.fixture
def sums(monkeypatch):
    """The kind; `sums(stop="...")` is one whose second stage fails, until it is registered anew."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    calls = []

    def kind(**changes):
        made = replace(SumKind("sums", "add numbers up", __name__, calls=calls), **changes)
        registry._registered["run", "sums"] = PartEntry("run", "sums", "", "a test", made)
        return made

    kind.calls = calls
    return kind
