"""The field history that leaves a ferroelectric with the most curl."""

from latscape.runs import RunKind

KIND = RunKind(
    "ferrosim-history",
    "the field history that leaves a ferroelectric with the most curl",
    __name__,
    examples=("latscape study ferrosim-history --initial-state remanent --budget 100",),
)
