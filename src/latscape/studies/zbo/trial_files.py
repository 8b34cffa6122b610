"""What an evaluation that is stopped leaves for the next sitting: states of its trainings, and what it reported."""

import json
from dataclasses import dataclass
from pathlib import Path

from latscape.runs.files import write_whole


@dataclass(frozen=True)
class TrialFiles:
    """Files of one evaluation, whose names begin alike; none without a place for them.

    Examples
    --------
    >>> TrialFiles(Path("parts/evaluation"), 7).checkpoint(0)
    PosixPath('parts/evaluation-7-0.checkpoint')
    >>> TrialFiles(None, 7).checkpoint(0) is None
    True
    """

    start: Path | None
    index: int

    def checkpoint(self, member: int) -> Path | None:
        """The state of the training of one model."""
        return self._file(f"{member}.checkpoint")

    def reports(self) -> list[dict[str, float]]:
        """What earlier sittings reported; see `Trial.report`."""
        file = self._file("reports.json")
        return json.loads(file.read_bytes()) if file and file.exists() else []

    def keep(self, reports: list[dict[str, float]]) -> None:
        """Write them for the next sitting."""
        if file := self._file("reports.json"):
            write_whole(file, json.dumps(reports).encode())

    def remove(self) -> None:
        """Take all of them away, once the evaluation is done."""
        if self.start:
            for path in self.start.parent.glob(f"{self.start.name}-{self.index}-*"):
                path.unlink()

    def _file(self, name: str) -> Path | None:
        return self.start and self.start.with_name(f"{self.start.name}-{self.index}-{name}")
