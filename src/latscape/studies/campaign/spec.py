"""Nothing can be chosen here: a campaign of somebody's own is set up in Python."""

from latscape.options import Options


class CampaignSpec(Options):
    """No options."""


SPEC = CampaignSpec
