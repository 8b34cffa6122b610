"""What is done: throw, then count."""

import numpy as np

from latscape.random import numpy_generator
from latscape.runs import Progress, Run, StageResult, Stages
from latscape_example.tally.spec import SPEC


def throw(run: Run[SPEC], progress: Progress) -> StageResult:
    """All throws."""
    thrown = numpy_generator(run.spec.seed, "throws").integers(1, run.spec.sides + 1, size=run.spec.throws)
    progress(1, 1, f"{len(thrown)} throws")
    return StageResult({"throws": len(thrown)}, {"thrown": thrown})


def count(run: Run[SPEC], progress: Progress) -> StageResult:
    """How often each side came."""
    counts = np.bincount(run.arrays("throw")["thrown"], minlength=run.spec.sides + 1)[1:]
    progress(1, 1, "counted")
    return StageResult({"counts": counts.tolist()})


STAGES = Stages({"throw": throw, "count": count})
