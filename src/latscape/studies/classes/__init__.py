"""How many classes? Ensembles with 2, 3, ... classes on one file of samples, and what speaks for which number."""

from latscape.runs import RunKind

KIND = RunKind(
    "classes",
    "fit ensembles with 2, 3, ... classes, and say what speaks for which number",
    __name__,
    command=True,
    examples=("latscape classes patches.npy --up-to 8",),
)
