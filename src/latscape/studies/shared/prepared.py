"""A model and its samples, made of options before there is a run, so that whatever is wrong with them shows first."""

from typing import NamedTuple

from latscape.autoencoders.estimator import VAE
from latscape.data.samples import sample_file
from latscape.errors import InputError
from latscape.studies.shared.models import build, check, preset
from latscape.studies.shared.options import NAMED, SampleModelOptions
from latscape.studies.shared.samples import Samples, load


class Prepared(NamedTuple):
    """The unfitted model, its samples, and the options with the classes that labels tell."""

    model: VAE
    samples: Samples
    options: SampleModelOptions


def prepare(options: SampleModelOptions) -> Prepared:
    """Read the samples and compose the model: bad input shows here."""
    if options.data not in NAMED:
        sample_file(options.data)  # a missing file is said before anything that is missing for it
    check(options)
    samples = load(options)
    if preset(options.model).y == "labels" and options.classes is None and samples.labels is not None:
        options = options.changed(classes=int(samples.labels.max()) + 1)
    model = build(options, samples.x.shape[1:], float(samples.decoded.max()))
    spread, sigma = float(samples.decoded.max() - samples.decoded.min()), getattr(model.likelihood, "sigma", 0.0)
    if sigma >= spread:
        got = f"sigma {sigma:g}, and values over a range of {spread:g}"
        hint = f"--likelihood gaussian:{spread / 10:.2g}, or --normalize"
        raise InputError("a sigma below the range of the values", got, hint)
    return Prepared(model, samples, options)
