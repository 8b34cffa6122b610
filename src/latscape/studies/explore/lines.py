"""What is said of an experiment while it runs: one line for each measurement."""

from latscape.campaign.events import Ended, EvaluationEnded, Event
from latscape.runs import Progress


def measurement_line(event: EvaluationEnded) -> str:
    """What was measured where, and the best so far; of a failure, why.

    Examples
    --------
    >>> import numpy as np
    >>> from latscape.campaign.evaluation import Evaluation
    >>> row = Evaluation(0, "start", np.array([3.0, 7.0]), np.zeros(1), 0, error="tip crashed")
    >>> measurement_line(EvaluationEnded(row, 1, 5, None))
    'failed at (3, 7): tip crashed'
    """
    one = event.evaluation
    where = f"({', '.join(f'{x:g}' for x in one.point)})"
    if one.value is None:
        return f"failed at {where}: {one.error}"
    best = one.value if event.best is None or event.best.value is None else event.best.value
    return f"{one.value:.4g} at {where}, best {best:.4g}"


def report(progress: Progress, event: Event) -> None:
    """Say how a measurement went; a failure and the end are messages, which are never left out."""
    if isinstance(event, EvaluationEnded) and event.evaluation.error is not None:
        progress(0, 0, f"{event.finished} of {event.budget}: {measurement_line(event)}")
    elif isinstance(event, EvaluationEnded):
        progress(event.finished, event.budget, measurement_line(event))
    elif isinstance(event, Ended):
        progress(0, 0, event.reason)
