"""Moving domain walls: time-delay rVAE, the next frame and the one before."""

from latscape.runs import RunKind

KIND = RunKind(
    "movie",
    "moving domain walls: time-delay rVAE, the next frame and the one before",
    __name__,
    examples=("latscape study movie", "latscape study movie --input walls.tif --frame-delay 1"),
)
