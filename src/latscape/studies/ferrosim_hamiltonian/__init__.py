"""Loops of a ferroelectric over its two parameters: grid or BO."""

from latscape.runs import RunKind

KIND = RunKind(
    "ferrosim-hamiltonian",
    "loops of a ferroelectric over its two parameters: grid or BO",
    __name__,
    examples=("latscape study ferrosim-hamiltonian --true-coupling 2 --budget 30",),
)
