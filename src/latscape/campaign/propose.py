"""One step of a campaign: what would be asked next, and whether that is worth it."""

from collections.abc import Sequence

import numpy as np

from latscape.campaign.evaluation import Evaluation
from latscape.campaign.learner import Learner, Proposal, Starts, center_and_scale, count
from latscape.campaign.record import Record
from latscape.campaign.space import Points
from latscape.campaign.stop import Progress, Rule, first_reason


def propose(
    learner: Learner,
    record: Record,
    rows: Sequence[Evaluation],
    ends: Sequence[Rule],
    starts: Starts,
    n: int,
    maps: bool,
) -> tuple[Proposal, str | None]:
    """What would be asked next after `rows`, and the reason not to, if there is one; maps are kept in the record."""
    measured = count(rows) / len(learner.candidates)
    reason = first_reason(ends, Progress(count(rows), measured=measured))
    if reason is not None:  # spares the fit
        return Proposal([]), reason
    proposal = learner.next(rows, starts, n, maps)
    if not proposal.rows:
        return proposal, f"all {len(learner.candidates)} places are measured or closed"
    if proposal.maps:
        record.keep(len(rows), proposal.maps | _change(record, rows, proposal.maps["mean"]))
    changes = [float(change) for change in record.series("change").values()]
    progress = Progress(count(rows), proposal.rows[0].acquisition, measured, changes)
    return proposal, first_reason(ends, progress)


def _change(record: Record, rows: Sequence[Evaluation], mean: Points) -> dict[str, float]:
    """Root mean square of the change of the prediction since the step before, if there was one."""
    before = record.newest("mean", before=len(rows))
    if before is None:
        return {}
    return {"change": float(np.sqrt(np.mean((mean - before[1]) ** 2))) / center_and_scale(rows)[1]}
