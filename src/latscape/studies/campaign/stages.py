"""A campaign of somebody's own goes on from Python alone, where its space and its evaluator are."""

from latscape.errors import InputError
from latscape.runs import Run, Stages
from latscape.studies.campaign.spec import CampaignSpec


def refuse(spec: CampaignSpec) -> None:
    """None is begun from here."""
    hint = "Campaign(space, record=folder).run(evaluate) in Python"
    raise InputError("a kind of run that is begun by a command", "campaign", hint)


def resumable(run: Run[CampaignSpec]) -> str:
    """Why it cannot go on from here."""
    return f"It is your own campaign, and goes on from Python by Campaign.resume({str(run.folder)!r}, space)"


STAGES = Stages({}, refuse, resumable)
