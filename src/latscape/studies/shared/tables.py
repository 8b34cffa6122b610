"""Tables that the pages of several campaigns share."""

from collections.abc import Sequence

from latscape.campaign.evaluation import Evaluation
from latscape.runs import Table


def failures(evaluations: Sequence[Evaluation]) -> Table:
    """Every evaluation that failed, with what it said."""
    return Table(
        ["evaluation", "role", "error"],
        [[str(e.index + 1), e.role, e.error or ""] for e in evaluations if e.status == "failed"],
    )
