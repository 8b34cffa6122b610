"""A campaign of somebody's own: a record that `latscape.campaign.Campaign` wrote, which is looked at like any run."""

from latscape.runs import RunKind

KIND = RunKind("campaign", "a campaign of your own, run from Python", __name__, hidden=True)
