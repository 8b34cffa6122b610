"""A kind of run of its own: throw a die, and count."""

from latscape.runs import RunKind

KIND = RunKind("tally", "throw a die and count", __name__, examples=("latscape study tally --throws 600",))
