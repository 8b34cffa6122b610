"""Presets: each variant is the one estimator with parts put in or left out."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, TypeVar, Unpack

from latscape.autoencoders.ensembles import Ensemble
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Gaussian, Likelihood
from latscape.autoencoders.output import DecoderPart, EncoderPart
from latscape.autoencoders.pair import DualVAE
from latscape.autoencoders.supervision import Condition, Factors, Labels, Paired
from latscape.autoencoders.terms import Term
from latscape.checks import check_whole
from latscape.curves import Schedule
from latscape.geometry.pose import Transform
from latscape.name_hints import short_signature, with_option_hints
from latscape.nets.decoder_frame import Precision
from latscape.nets.dense import DenseDecoder

Build = TypeVar("Build", bound=Callable[..., VAE])


class Options(TypedDict, total=False):
    """What every preset passes on to `VAE`, which rejects any other name; see there for meanings and defaults."""

    latent: int
    angle: float | None
    n_orientations: int
    turn: float
    shift: float | None
    scale: float | None
    shear: float | None
    pose: Sequence[Transform]
    class_samples: int
    encoder: EncoderPart
    decoder: DecoderPart
    likelihood: Likelihood
    beta_c: Schedule
    beta_d: Schedule
    beta_pose: Schedule | None
    capacity_c: Schedule
    capacity_d: Schedule
    alpha: Schedule
    terms: Mapping[str, tuple[Term, Schedule]] | None
    epochs: int
    batch: int
    learning_rate: Schedule
    validation: float
    patience: int
    precision: Precision
    seed: int
    device: str


def _rotating(options: Options) -> Options:
    """With rotation, whose prior is one radian unless the options say another."""
    widths = options.get("angle") is not None or options.get("n_orientations", 1) != 1
    return options if widths else {**options, "angle": 1.0}


def _decoding(options: Options) -> Options:
    """With a dense decoder where nothing is posed, which is all that it can decode."""
    return {"decoder": DenseDecoder(), **options} if not VAE(**options).posed else options


def _preset(build: Build) -> Build:
    """A preset whose signature shows every option with its default, and which answers an unknown one with a hint."""
    answering, signature = with_option_hints(build), inspect.signature(build)
    own = {name: one for name, one in signature.parameters.items() if one.kind is not one.VAR_KEYWORD}
    usual = build(**({"classes": 2} if "classes" in own else {})).get_params(deep=False)
    kind = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter(name, kind, default=usual[name], annotation=of)
        for name, of in Options.__annotations__.items()
    ]
    whole = signature.replace(parameters=[*own.values(), *shared], return_annotation=signature.empty)
    answering.__signature__ = short_signature(whole)  # type: ignore[attr-defined]
    return answering


@_preset
def vae(**options: Unpack[Options]) -> VAE:
    """Variational autoencoder without pose or classes, with a dense decoder (Kingma and Welling 2014, arXiv:1312.6114).

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.random.default_rng(0).uniform(size=(30, 16))
    >>> vae(latent=2, epochs=2).fit(curves).transform(curves).shape
    (30, 2)
    """
    return VAE(**_decoding(options))


@_preset
def ae(**options: Unpack[Options]) -> VAE:
    """Plain autoencoder, without noise or prior, with a dense decoder.

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.random.default_rng(0).uniform(size=(30, 16))
    >>> model = ae(epochs=2).fit(curves)
    >>> float(model.encode(curves)["content"].std.max()), list(model.history_)
    (0.0, ['loss', 'reconstruction'])
    """
    return VAE(**{"variational": False, **_decoding(options)})


@_preset
def rvae(**options: Unpack[Options]) -> VAE:
    """Autoencoder that absorbs rotation, prior N(0, angle^2) [rad], and other factors whose prior width is given.

    `angle` is 1 by default, or turn / (2 n_orientations) with several orientations, from which angles far from zero
    are found. With `shift` [half sides], `scale` (logarithm of the magnification) and `shear` [rad] as well it is an
    affine autoencoder.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> q = rvae(shift=0.1, epochs=2).fit(images).encode(images)
    >>> q["rotation"].mean.shape, q["translation"].std.shape
    ((30, 1), (30, 2))
    """
    return VAE(**_rotating(options))


@_preset
def shift_vae(**options: Unpack[Options]) -> VAE:
    """Autoencoder that absorbs where a curve or an image sits, prior N(0, shift^2) [half sides]; `shift` is 0.1.

    `encode(X)["shift"]` of curves is positive to the right; `encode(X)["translation"]` of images is (x, y), y upwards.

    Examples
    --------
    >>> import latscape as ls
    >>> from latscape.data import shifted_spectra
    >>> spectra = shifted_spectra(30, length=32).spectra
    >>> model = shift_vae(shift=0.2, likelihood=ls.Gaussian(0.1), epochs=2).fit(spectra)
    >>> model.encode(spectra)["shift"].mean.shape, model.transform(spectra).shape
    ((30, 1), (30, 2))
    """
    return VAE(**{"shift": 0.1, **options})


@_preset
def jvae(classes: int, **options: Unpack[Options]) -> VAE:
    """Joint autoencoder: content and a class nobody labelled, enumerated exactly (Dupont 2018, arXiv:1804.00104)."""
    check_whole("classes", classes, 2)
    return VAE(classes=classes, **options)


@_preset
def jrvae(classes: int, **options: Unpack[Options]) -> VAE:
    """Joint rotationally invariant autoencoder (Biswas et al. 2023, arXiv:2207.00128, eq. 1 and fig. 1).

    The pose is as in `rvae`.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> model = jrvae(4, beta_c=ls.cooldown(40, 3, start=0.1, end=0.4), beta_d=3.0, epochs=2).fit(images)
    >>> model.manifold(size=3).shape  # (classes, grid cells, height, width)
    (4, 9, 8, 8)
    """
    return jvae(classes, **_rotating(options))


@_preset
def cvae(*, classes: int = 0, factors: int = 0, **options: Unpack[Options]) -> VAE:
    """Autoencoder told a class or continuous factors of every sample (Sohn et al. 2015), so that content is the rest.

    `fit(X, y)`, `encode(X, y)`, `decode(content, y=...)`; `manifold()` has a row for each known class.

    Examples
    --------
    >>> import numpy as np
    >>> images, y = np.random.default_rng(0).uniform(size=(30, 8, 8)), np.arange(30) % 4
    >>> model = cvae(classes=4, angle=1.0, epochs=2).fit(images, y)
    >>> model.transform(images, y).shape, model.manifold(size=3).shape
    ((30, 2), (4, 9, 8, 8))
    """
    return VAE(**{"supervision": Condition(classes, factors), **_decoding(options)})


@_preset
def ssvae(classes: int = 0, *, factors: int = 0, **options: Unpack[Options]) -> VAE:
    """Semi-supervised autoencoder: some classes (-1 = unknown) or some factors (NaN = unknown) are given.

    Model M2 of Kingma et al. 2014 (arXiv:1406.5298) with q(z, y | x) = q(z | x) q(y | x): unknown classes are
    enumerated exactly, unknown factors sampled, and `alpha` weighs the term that fits the known ones.

    Examples
    --------
    >>> import numpy as np
    >>> images, y = np.random.default_rng(0).uniform(size=(30, 8, 8)), np.arange(30) % 4
    >>> y[5:] = -1
    >>> ssvae(4, epochs=2).fit(images, y).predict_proba(images).shape
    (30, 4)
    >>> angle = np.where(np.arange(30) < 5, np.linspace(0, 1, 30), np.nan)
    >>> mean, std = ssvae(factors=1, epochs=2).fit(images, angle).predict(images, return_std=True)
    >>> mean.shape, std.shape
    ((30,), (30,))
    """
    if factors:
        return VAE(**{"supervision": Factors(factors), **_decoding(options)})
    check_whole("classes", classes, 2)
    return VAE(**{"classes": classes, "supervision": Labels(), **options})


@_preset
def ssrvae(classes: int, **options: Unpack[Options]) -> VAE:
    """Rotationally invariant `ssvae`; the pose is as in `rvae`."""
    return ssvae(classes, **_rotating(options))


@_preset
def ved(**options: Unpack[Options]) -> VAE:
    """Variational encoder-decoder from samples of one kind to those of any other: `fit(X, Y)`, `predict(X)`.

    Image to spectrum and back, frame t to frame t + 1, noisy to clean, grey to colour. Off the distribution it was
    trained on it is wrong, and `return_std` need not say so.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> spectra = np.sin(images.mean(axis=(1, 2))[:, None] * np.linspace(0, 9, 50))
    >>> mean, std = ved(epochs=2).fit(images, spectra).predict(images, return_std=True)
    >>> mean.shape, std.shape
    ((30, 50), (30, 50))
    """
    return VAE(**{"supervision": Paired(), "likelihood": Gaussian(0.1), **_decoding(options)})


#: Two kinds of samples of the same things in one latent space, each predicted from the other.
dual_vae = DualVAE


@with_option_hints
def ensemble(model: VAE, n: int = 8, *, baseline: int = 0) -> Ensemble:
    """`n` members like the model with different seeds, their classes in one order; see `Ensemble`."""
    return Ensemble(model, n, baseline)
