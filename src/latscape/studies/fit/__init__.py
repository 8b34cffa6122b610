"""One model fitted to a file of samples: classes, pose and content of each of them, and scores on those kept apart."""

from latscape.runs import RunKind

KIND = RunKind(
    "fit",
    "fit a model to images or curves: classes, pose and content of every sample",
    __name__,
    command=True,
    examples=(
        "latscape fit patches.npy --model jrvae --classes 4",
        "latscape fit loops.npy --model shift_vae --normalize",
    ),
)
