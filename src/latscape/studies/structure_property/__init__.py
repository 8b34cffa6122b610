"""Spectra from images and back: clusters of gold with true spectra, halves of measured maps, real outlines."""

from latscape.runs import RunKind

KIND = RunKind(
    "structure-property",
    "spectra from images and back: clusters of gold with true spectra, halves of measured maps, real outlines",
    __name__,
    examples=("latscape study structure-property --particle-clusters 500 --max-particles 3",),
)
