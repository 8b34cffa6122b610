"""What the record of somebody's own campaign says, and its page."""

from collections.abc import Sequence
from typing import Any

from latscape import plot
from latscape.campaign.evaluation import Evaluation
from latscape.runs import Run, Section, Story, Table, axes_panel
from latscape.runs.run import computed_once
from latscape.studies.campaign.spec import CampaignSpec
from latscape.studies.shared.tables import failures

#: Evaluations in the table of the best.
BEST = 5


@computed_once
def evaluations(run: Run[CampaignSpec]) -> list[Evaluation]:
    """All evaluations, by index."""
    return run.record.evaluations(curves=False)


def best(run: Run[CampaignSpec]) -> list[Evaluation]:
    """The evaluations with the largest values, the best first."""
    done = [one for one in evaluations(run) if one.value is not None]
    return sorted(done, key=lambda one: -(one.value or 0.0))[:BEST]


def headline(run: Run[CampaignSpec]) -> list[str]:
    """A few sentences, the most important first."""
    found = numbers(run)
    failed = f", {found['failed']} more failed" if found["failed"] else ""
    counted = f"{found['evaluations']} evaluations have a value{failed}; the record does not say why it stopped."
    if found["best_value"] is None:
        return ["No evaluation has a value yet.", counted]
    return [f"Best value {found['best_value']:.5g} at {_point(found['best_point'])}.", counted]


def facts(run: Run[CampaignSpec]) -> Sequence[tuple[str, str]]:
    """The few numbers on top."""
    found = numbers(run)
    top = [] if found["best_value"] is None else [(f"{found['best_value']:.5g}", "best value")]
    return [*top, (str(found["evaluations"]), "evaluations"), (str(found["failed"]), "failed")]


def sections(run: Run[CampaignSpec]) -> list[Section]:
    """The page."""
    found, failed = [], failures(evaluations(run))
    if best(run):
        caption, look = (
            "Values in the order of evaluation, and the best so far.",
            {"evaluations": evaluations(run), "label": "value"},
        )
        panel = axes_panel("convergence", caption, plot.convergence, size=(11.0, 3.7), wide=True, **look)
        found.append(Section("Convergence", panels=[panel], table=best_table(run)))
    return [*found, *([Section("What failed", table=failed)] if failed.rows else [])]


def best_table(run: Run[CampaignSpec]) -> Table:
    """The best evaluations, with point and value."""
    rows = [[str(one.index + 1), one.role, f"{one.value:.5g}", _point(one.point)] for one in best(run)]
    return Table(["evaluation", "role", "value", "point"], rows)


def tables(run: Run[CampaignSpec]) -> list[tuple[str, Table]]:
    """The best evaluations, and those that failed."""
    both = (("Best evaluations", best_table(run)), ("What failed", failures(evaluations(run))))
    return [(title, table) for title, table in both if table.rows]


def numbers(run: Run[CampaignSpec]) -> dict[str, Any]:
    """For JSON: evaluations (that succeeded), failed, best_value, best_point."""
    rows, top = evaluations(run), best(run)
    return {
        "evaluations": sum(one.status == "done" for one in rows),
        "failed": sum(one.status == "failed" for one in rows),
        "best_value": top[0].value if top else None,
        "best_point": list(map(float, top[0].point)) if top else None,
    }


def _point(point: Any) -> str:
    return f"({', '.join(f'{x:.4g}' for x in point)})"


STORY = Story(headline, sections, facts, numbers, tables=tables)
