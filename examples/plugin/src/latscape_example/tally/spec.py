"""What may be chosen."""

from latscape.options import option
from latscape.studies.shared.options import Seeded


class SPEC(Seeded):
    """A die."""

    throws: int = option(100, "Throws in all.", ge=1)
    sides: int = option(6, "Sides of the die.", ge=2)
