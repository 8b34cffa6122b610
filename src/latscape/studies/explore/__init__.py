"""Measure where it is worth it: a cheap image everywhere, a costly measurement at a few places."""

from latscape.runs import RunKind

KIND = RunKind(
    "explore",
    "measure where it is worth it: a cheap image everywhere, a costly measurement at a few places",
    __name__,
    command=True,
    examples=(
        "latscape explore switching --budget 100",
        "latscape explore --image image.npy --spectra loops.npy --scalarizer loop-area --budget 5%",
        "latscape explore --image image.npy --scalarizer integral:1.6,1.9 --serve 8765",
    ),
)
