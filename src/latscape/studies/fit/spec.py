"""What may be chosen of a fit."""

from latscape.studies.shared.options import SampleModelOptions

SPEC = SampleModelOptions
