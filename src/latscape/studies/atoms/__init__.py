"""The atoms of an image, each by its neighbourhood: graphene and MoS2."""

from latscape.runs import RunKind

GRAPHENE = RunKind(
    "graphene",
    "atoms of graphene, learned by their surroundings, on the image",
    __name__,
    examples=("latscape study graphene", "latscape study graphene --input atoms.dm4 --field-of-view 6"),
)
MOS2 = RunKind(
    "mos2", "the same for MoS2", __name__, variant="MOS2_", examples=("latscape study mos2 --scene pristine",)
)
