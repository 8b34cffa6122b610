"""Presets: each variant is the one estimator with parts put in or left out."""

from collections.abc import Mapping
from typing import TypedDict, Unpack

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Likelihood
from latscape.autoencoders.model import DecoderPart, EncoderPart
from latscape.autoencoders.terms import Term
from latscape.curves import Schedule
from latscape.errors import InputError
from latscape.geometry.pose import Rotation, Scale, Shear, Transform, Translation
from latscape.nets.dense import DenseDecoder


class Options(TypedDict, total=False):
    """What every preset passes on to `VAE`, which rejects any other name; see there for meanings and defaults."""

    latent: int
    encoder: EncoderPart
    decoder: DecoderPart
    likelihood: Likelihood
    beta_c: Schedule
    beta_d: Schedule
    terms: Mapping[str, tuple[Term, Schedule]] | None
    cycles: int
    batch: int
    learning_rate: Schedule
    seed: int
    device: str


def vae(**options: Unpack[Options]) -> VAE:
    """Variational autoencoder without pose or classes, with a dense decoder (Kingma and Welling 2014, arXiv:1312.6114).

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.random.default_rng(0).uniform(size=(30, 16))
    >>> vae(latent=2, cycles=2).fit(curves).transform(curves).shape
    (30, 2)
    """
    return VAE(**{"decoder": DenseDecoder(), **options})


def rvae(
    *,
    angle: float = 1.0,
    shift: float | None = None,
    scale: float | None = None,
    shear: float | None = None,
    **options: Unpack[Options],
) -> VAE:
    """Autoencoder that absorbs rotation, prior N(0, angle^2) [rad], and other factors whose prior width is given.

    `shift` [half sides], `scale` (logarithm of the magnification) and `shear` [rad] are those of
    `latscape.geometry.pose`; with all of them it is an affine autoencoder.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> q = rvae(shift=0.1, cycles=2).fit(images).encode(images)
    >>> q["rotation"].mean.shape, q["translation"].std.shape
    ((30, 1), (30, 2))
    """
    return VAE(pose=_pose(angle, shift, scale, shear), **options)


def jvae(classes: int, **options: Unpack[Options]) -> VAE:
    """Joint autoencoder: content and a class nobody labelled, enumerated exactly (Dupont 2018, arXiv:1804.00104)."""
    return VAE(classes=_classes(classes), **options)


def jrvae(
    classes: int,
    *,
    angle: float = 1.0,
    shift: float | None = None,
    scale: float | None = None,
    shear: float | None = None,
    **options: Unpack[Options],
) -> VAE:
    """Joint rotationally invariant autoencoder (Biswas et al. 2023, arXiv:2207.00128, eq. 1 and fig. 1).

    The pose is as in `rvae`.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> model = jrvae(4, beta_c=ls.cooldown(40, 3, start=0.1, end=0.4), beta_d=3.0, cycles=2).fit(images)
    >>> model.manifold(size=3).shape  # (classes, grid cells, height, width)
    (4, 9, 8, 8)
    """
    return VAE(classes=_classes(classes), pose=_pose(angle, shift, scale, shear), **options)


def _pose(angle: float, shift: float | None, scale: float | None, shear: float | None) -> tuple[Transform, ...]:
    optional = ((Translation, shift), (Scale, scale), (Shear, shear))
    return (Rotation(angle), *(factor(prior) for factor, prior in optional if prior is not None))


def _classes(classes: int) -> int:
    if not isinstance(classes, int) or classes < 2:
        raise InputError("at least two classes", repr(classes), "classes=4, or a preset without classes")
    return classes
