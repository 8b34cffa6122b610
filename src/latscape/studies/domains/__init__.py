"""Ferroelectric domains and walls by a sliding window."""

from latscape.runs import RunKind

KIND = RunKind(
    "domains",
    "ferroelectric domains and walls by a sliding window",
    __name__,
    examples=("latscape study domains --scene pto-phase", "latscape study domains --input phase.ibw --window 32"),
)
