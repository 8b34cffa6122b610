"""The estimator of two kinds of samples in one latent space."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import Estimator, FitOptions, Terms
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.decoding import grid
from latscape.autoencoders.dual import DualAutoencoder, Reconstruction
from latscape.autoencoders.fitted import FloatArray
from latscape.autoencoders.likelihoods import Gaussian, Likelihood
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CONTENT, DecoderPart, EncoderPart, negative_elbo
from latscape.autoencoders.prediction import common_noise, moments, observation_std
from latscape.autoencoders.statistics import given, matched
from latscape.autoencoders.terms import Divergence
from latscape.autoencoders.train import OnEpoch
from latscape.autoencoders.validation import CHUNK
from latscape.curves import Schedule
from latscape.errors import InputError
from latscape.latent.blocks import NormalPosterior
from latscape.latent.estimates import Estimates, estimate
from latscape.latent.space import no_class
from latscape.name_hints import with_option_hints
from latscape.nets import DenseDecoder, DenseEncoder
from latscape.random import torch_generator

Kinds = tuple[Tensor | None, Tensor | None]


@with_option_hints
@dataclass(kw_only=True, eq=False, repr=False)
class DualVAE(Estimator[DualAutoencoder]):
    """Structure and property, or any two kinds of samples of the same things, in one latent space.

    Options that are pairs hold one part for X and one for Y. Whatever only one kind shows is explained less well than
    by a model of that kind alone (Daunhawer et al. 2021, arXiv:2110.04121).

    Parameters
    ----------
    latent : int
        Content numbers, shared.
    angle, n_orientations, turn, shift, scale, shear, pose
        The pose of X alone, which Y knows nothing of; as for `latscape.VAE`.
    encoders, decoders, likelihoods : pairs of parts
    weights : pair of number, curve or array
        Of "reconstruction_x" and "reconstruction_y"; raise that of the kind with fewer values if it is neglected.
    beta_c : number, curve or array
        Of the divergence.
    terms, epochs, batch, learning_rate, validation, patience, precision, seed, device
        As for `latscape.VAE`.

    Attributes
    ----------
    shapes_ : pair of tuple
        Shapes of one sample of each kind.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> spectra = np.sin(images.mean(axis=(1, 2))[:, None] * np.linspace(0, 9, 50))
    >>> model = ls.dual_vae(epochs=2).fit(images, spectra)
    >>> mean, std = model.predict(images, return_std=True)
    >>> mean.shape, model.predict_back(spectra).shape, model.transform(images, spectra).shape
    ((30, 50), (30, 8, 8), (30, 2))
    """

    learned = ("shapes_",)

    encoders: tuple[EncoderPart, EncoderPart] = (DenseEncoder(), DenseEncoder())
    decoders: tuple[DecoderPart, DecoderPart] = (DenseDecoder(), DenseDecoder())
    likelihoods: tuple[Likelihood, Likelihood] = (Gaussian(0.1), Gaussian(0.1))
    weights: tuple[Schedule, Schedule] = (1.0, 1.0)

    @with_option_hints
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        on_epoch: OnEpoch | None = None,
        checkpoint: str | Path | None = None,
        every: int = 10,
        progress: bool | None = None,
    ) -> Self:
        """Train on pairs: X and y are samples of any shapes, as many of one as of the other; see `VAE.fit`."""
        fit_options = FitOptions(on_epoch, checkpoint, every, progress)
        self._check_options()
        x, other = self._read(X, 0, least=2), self._read(y, 1, least=2)
        matched(other, len(x))
        shapes = x.shape[1:], other.shape[1:]
        model = self._build(shapes)
        data = Batch(samples.flatten(x, self.device), samples.flatten(other, self.device))
        history = self._optimize(model, data, self._terms(model), fit_options)
        self.shapes_, self.model_, self.history_, self.options_ = shapes, model, history, self.get_params(deep=False)
        return self

    def encode(self, X: ArrayLike | None = None, y: ArrayLike | None = None) -> Estimates:
        """Posterior of the content, and of the pose of X, from X, from y, or from both."""
        with torch.inference_mode():
            found = self._model.posterior(*self._given(X, y))
        return {name: estimate(q) for name, q in found.items()}

    def transform(self, X: ArrayLike | None = None, y: ArrayLike | None = None) -> FloatArray:
        """Posterior means of the content, (n, latent), from X, from y, or from both."""
        return self.encode(X, y)[CONTENT].mean  # type: ignore[union-attr]

    def predict(self, X: ArrayLike, *, return_std: bool = False, draws: int = 32) -> Any:
        """The y of X, (n, *shape of y), by `draws` of the content, and its standard deviation.

        The deviation is that of the decoded draws and, where the likelihood has a sigma, of it.
        """
        found = self._predict(self._given(X, None), 1, draws)
        return found if return_std else found[0]

    def predict_back(self, y: ArrayLike, *, return_std: bool = False, draws: int = 32) -> Any:
        """The X of y, (n, *shape of X), in canonical pose; see `predict`."""
        found = self._predict(self._given(None, y), 0, draws)
        return found if return_std else found[0]

    def decode(self, content: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Mean samples of both kinds at content (n, latent), X in canonical pose."""
        values = {CONTENT: samples.latent_rows("content", content, self._model.first.content, self._device)}
        with torch.inference_mode():
            means = [part.likelihood.mean(part.decode(values))[:, 0] for part in self._parts]
        return samples.unflatten(means[0], self.shapes_[0]), samples.unflatten(means[1], self.shapes_[1])

    def manifold(self, size: int = 5, span: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Both kinds over one grid of content, each (size^2, *sample shape); see `latscape.VAE.manifold`."""
        return self.decode(grid(size, span, self._model.first.content))

    def score_samples(self, X: ArrayLike, y: ArrayLike) -> FloatArray:
        """The bound on log p(x, y) [nat], (n,), all weights one, at one draw of the noise."""
        x, other = self._given(X, y)
        assert x is not None
        noise = torch.randn(len(x), self._model.noise_width, generator=torch_generator(self.seed, "score"))
        with torch.inference_mode():
            return -negative_elbo(self._model(Batch(x, other), noise.to(x.device))).cpu().numpy()

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Mean bound on log p(x, y) [nat per pair]; larger is better."""
        return float(self.score_samples(X, y).mean())

    def _predict(self, source: Kinds, kind: int, draws: int) -> tuple[FloatArray, FloatArray]:
        part, parts = self._parts[kind], []
        noise = common_noise(draws, part.content, self.seed).to(self._device)
        with torch.inference_mode():
            q = self._model.posterior(*source)[CONTENT]
            assert isinstance(q, NormalPosterior)
            for mean, std in zip(q.mean.split(CHUNK), q.std.split(CHUNK), strict=True):
                draw = partial(_draw, part, NormalPosterior(mean, std))
                parts.append(moments(draw, noise, no_class(len(mean), mean), observation_std(part.likelihood)))
        mean, std = (torch.cat(moment) for moment in zip(*parts, strict=True))
        return samples.unflatten(mean, self.shapes_[kind]), samples.unflatten(std, self.shapes_[kind])

    @property
    def _device(self) -> torch.device:
        return next(self._model.parameters()).device

    @property
    def _parts(self) -> tuple[Autoencoder, Autoencoder]:
        return self._model.first, self._model.second

    def _given(self, X: ArrayLike | None, y: ArrayLike | None) -> Kinds:
        device = self._device
        if X is None and y is None:
            raise InputError("X, y or both", "neither", "transform(images), or transform(y=spectra)")
        flat: list[Tensor | None] = []
        for kind, values in enumerate((X, y)):
            data = None if values is None else self._read(values, kind, least=1)
            if data is not None and data.shape[1:] != self.shapes_[kind]:
                raise InputError(f"samples of shape {self.shapes_[kind]}", data.shape[1:], "samples as in fit")
            flat.append(None if data is None else samples.flatten(data, device))
        if flat[0] is not None and flat[1] is not None and len(flat[0]) != len(flat[1]):
            matched(flat[1], len(flat[0]))
        return flat[0], flat[1]

    def _read(self, values: ArrayLike, kind: int, *, least: int) -> NDArray[np.float32]:
        values = given(values, "a sample of the other kind")
        return samples.check(values, support=self.likelihoods[kind].support, least=least)

    def _build(self, shapes: tuple[samples.Shape, samples.Shape]) -> DualAutoencoder:
        parts = []
        for kind, shape in enumerate(shapes):
            pixels, channels = samples.spatial(shape)
            parts.append(
                Autoencoder(
                    shape=pixels,
                    channels=channels,
                    content=self.latent,
                    classes=0,
                    pose=() if kind else self.transforms(len(pixels)),
                    encoder=self.encoders[kind],
                    decoder=self.decoders[kind],
                    likelihood=self.likelihoods[kind],
                    precision=self.precision,
                    generator=torch_generator(self.seed, "weights", kind),
                )
            )
        return DualAutoencoder(*parts).to(self.device)

    def _terms(self, model: DualAutoencoder) -> Terms:
        blocks = (*(factor.name for factor in model.first.pose), CONTENT)
        return {
            "reconstruction_x": (Reconstruction(0), self.weights[0]),
            "reconstruction_y": (Reconstruction(1), self.weights[1]),
            "kl_continuous": (Divergence(blocks, np.zeros(self.epochs)), self.beta_c),
        }

    def _rebuilt(self) -> DualAutoencoder:
        return self._build(self.shapes_)


def _draw(part: Autoencoder, q: NormalPosterior, noise: Tensor) -> Tensor:
    return part.likelihood.mean(part.decode({CONTENT: q.sample(noise.expand_as(q.mean))}))
