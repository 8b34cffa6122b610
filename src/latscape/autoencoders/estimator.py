"""The estimator: scikit-learn's habits around one composed model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn.base import BaseEstimator, TransformerMixin
from torch import Tensor

from latscape.autoencoders import samples, store
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.autoencoders.model import CLASS, CONTENT, Autoencoder, DecoderPart, EncoderPart, negative_elbo
from latscape.autoencoders.terms import Term, kl_continuous, kl_discrete, reconstruction
from latscape.autoencoders.train import OnCycle, Optimization, Weighted, train
from latscape.curves import Schedule, as_array
from latscape.errors import InputError
from latscape.geometry.pose import Transform
from latscape.latent.blocks import CategoricalPosterior, NormalPosterior
from latscape.latent.space import mean_sample
from latscape.nets.decoders import WarpDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.random import torch_generator

FloatArray = NDArray[np.floating]

#: Samples scored at a time: the activations of more cost more in page faults than in arithmetic.
CHUNK = 500


class VAE(TransformerMixin, BaseEstimator):
    """Variational autoencoder with optional pose and classes; every preset is one of these.

    Parameters
    ----------
    latent : int
        Content numbers per sample.
    pose : sequence of transforms
        Factors to absorb, such as `(Rotation(),)`; default none.
    classes : int
        Classes to discover; 0 for none.
    encoder, decoder, likelihood : parts
    beta_c, beta_d : number, curve or array, shape (cycles,)
        Weights of the continuous and the discrete divergence in every cycle.
    terms : mapping of name to (term, schedule), optional
        Further loss terms; see `latscape.autoencoders.terms`.
    cycles, batch : int
        Passes over the data, samples per step.
    learning_rate : number, curve or array
        Of Adam.
    seed : int
        First weights, order and noise all follow from it.
    device : str

    Attributes
    ----------
    model_ : Autoencoder
    history_ : dict of list
        Mean loss and terms per cycle.
    shape_ : tuple
        Shape of one sample, without channels.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(20, 8, 8))
    >>> model = ls.jrvae(classes=3, cycles=2).fit(images)
    >>> model.transform(images).shape, model.predict_proba(images).shape
    ((20, 2), (20, 3))
    """

    def __init__(
        self,
        *,
        latent: int = 2,
        pose: Sequence[Transform] = (),
        classes: int = 0,
        encoder: EncoderPart = DenseEncoder(),  # noqa: B008  frozen options, safe to share
        decoder: DecoderPart = WarpDecoder(),  # noqa: B008
        likelihood: Likelihood = Bernoulli(),  # noqa: B008
        beta_c: Schedule = 1.0,
        beta_d: Schedule = 1.0,
        terms: Mapping[str, tuple[Term, Schedule]] | None = None,
        cycles: int = 100,
        batch: int = 100,
        learning_rate: Schedule = 1e-3,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self.latent = latent
        self.pose = pose
        self.classes = classes
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.beta_c = beta_c
        self.beta_d = beta_d
        self.terms = terms
        self.cycles = cycles
        self.batch = batch
        self.learning_rate = learning_rate
        self.seed = seed
        self.device = device

    def fit(self, X: ArrayLike, y: None = None, *, on_cycle: OnCycle | None = None) -> Self:
        """Train on X; `on_cycle(cycle, means)` is called after every cycle.

        Parameters
        ----------
        X : array, shape (n, height, width), (n, height, width, channels) or (n, length)

        Raises
        ------
        InputError
            For samples or options out of range.
        TrainingError
            For a loss that is not finite; the message names the term and the cycle.
        """
        self._check_options()
        data = samples.check(X, unit_interval=self.likelihood.unit_interval)
        self.shape_, self.channels_ = samples.layout(data)
        self.model_ = self._build()
        options = Optimization(self.cycles, self.batch, as_array(self.learning_rate, self.cycles))
        x = samples.flatten(data, self.device)
        generator = torch_generator(self.seed, "train")
        self.history_ = train(self.model_, x, self._weighted_terms(), options, generator, on_cycle)
        return self

    def encode(self, X: ArrayLike) -> dict[str, NormalPosterior | CategoricalPosterior]:
        """Posteriors by block name ("content", "rotation", "class", ...): tensors `.mean` and `.std`, or `.probs`."""
        with torch.inference_mode():
            return {name: _to_cpu(q) for name, q in self._model.encode(self._flat(X)).items()}

    def transform(self, X: ArrayLike) -> FloatArray:
        """Posterior means of the content, (n, latent)."""
        q = self.encode(X)[CONTENT]
        assert isinstance(q, NormalPosterior)
        return q.mean.numpy()

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Class probabilities, (n, classes)."""
        if not self.classes:
            raise InputError("a model with classes", "classes=0", "latscape.jrvae(classes=4)")
        q = self.encode(X)[CLASS]
        assert isinstance(q, CategoricalPosterior)
        return q.probs.numpy()

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Most probable class, (n,)."""
        return self.predict_proba(X).argmax(axis=1)

    def reconstruct(self, X: ArrayLike) -> FloatArray:
        """Decode the posterior means, in their pose and most probable class; the shape of X."""
        flat = self._flat(X)
        with torch.inference_mode():
            posterior = self._model.encode(flat)
            means = self._model.likelihood.mean(self._model.decode(mean_sample(posterior)))
            label = posterior.get(CLASS)
            rows = torch.arange(len(flat), device=flat.device)
            chosen = means[rows, label.log_probs.argmax(1) if isinstance(label, CategoricalPosterior) else 0]
        return samples.unflatten(chosen, self.shape_, self.channels_)

    def decode(self, content: ArrayLike, pose: Mapping[str, ArrayLike] | None = None) -> FloatArray:
        """Means of every class, (n, classes, *sample shape), at content (n, latent), in canonical or given pose."""
        values = {CONTENT: self._tensor(content)}
        for block in self._model.pose if pose else ():
            given = self._tensor(pose[block.name]) if pose and block.name in pose else None
            zero = values[CONTENT].new_zeros(len(values[CONTENT]), block.width)
            values[block.name] = zero if given is None else given.reshape(-1, block.width)
        with torch.inference_mode():
            means = self._model.likelihood.mean(self._model.decode(values))
        n, classes = means.shape[:2]
        flat = samples.unflatten(means.reshape(n * classes, -1), self.shape_, self.channels_)
        return flat.reshape(n, classes, *flat.shape[1:])

    def manifold(self, size: int = 5, span: float = 0.95) -> FloatArray:
        """Canonical samples over a grid of content, (classes, size^2, *sample shape).

        The first two content numbers run over the central `span` of their prior at equal probability, the first
        downwards and the second to the right; any others are zero.
        """
        quantile = norm.ppf(np.linspace(0.5 - span / 2, 0.5 + span / 2, size)) if size > 1 else np.zeros(1)
        first, second = np.meshgrid(quantile, quantile, indexing="ij")
        content = np.zeros((size * size, self.latent))
        content[:, 0] = first.ravel()
        if self.latent > 1:
            content[:, 1] = second.ravel()
        return np.moveaxis(self.decode(content), 1, 0)

    def score_samples(self, X: ArrayLike, draws: int = 4) -> FloatArray:
        """ELBO of each sample [nat], (n,), all weights one, averaged over `draws` of the noise."""
        flat = self._flat(X)
        generator = torch_generator(self.seed, "score")
        total = torch.zeros(len(flat), dtype=torch.float64)
        with torch.inference_mode():
            for _ in range(draws):
                for part in torch.arange(len(flat)).split(CHUNK):
                    noise = torch.randn(len(part), self._model.latent.noise_width, generator=generator).to(flat.device)
                    total[part] -= negative_elbo(self._model(flat[part], noise)).double().cpu()
        return (total / draws).numpy()

    def score(self, X: ArrayLike, y: None = None) -> float:
        """Mean ELBO [nat per sample]; larger is better."""
        return float(self.score_samples(X).mean())

    def save(self, path: str | Path) -> Path:
        """Write weights and options to one safetensors file."""
        return store.save(self, path)

    @property
    def _model(self) -> Autoencoder:
        if not hasattr(self, "model_"):
            raise InputError("a fitted model", "one that was never fitted", "model.fit(images) first")
        return self.model_

    def _build(self) -> Autoencoder:
        return Autoencoder(
            shape=self.shape_,
            channels=self.channels_,
            content=self.latent,
            classes=self.classes,
            pose=self.pose,
            encoder=self.encoder,
            decoder=self.decoder,
            likelihood=self.likelihood,
            generator=torch_generator(self.seed, "weights"),
        ).to(self.device)

    def _weighted_terms(self) -> Weighted:
        terms: dict[str, tuple[Term, Schedule]] = {
            "reconstruction": (reconstruction, 1.0),
            "kl_continuous": (kl_continuous, self.beta_c),
        }
        if self.classes:
            terms["kl_discrete"] = (kl_discrete, self.beta_d)
        terms.update(self.terms or {})
        return {name: (term, as_array(schedule, self.cycles)) for name, (term, schedule) in terms.items()}

    def _check_options(self) -> None:
        for name, least in (("latent", 1), ("classes", 0), ("cycles", 1), ("batch", 1)):
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or value < least:
                raise InputError(
                    f"{name} to be a whole number of at least {least}", repr(value), f"{name}={max(least, 2)}"
                )

    def _flat(self, X: ArrayLike) -> Tensor:
        model = self._model
        data = samples.check(X, unit_interval=self.likelihood.unit_interval, least=1)
        if samples.layout(data) != (self.shape_, self.channels_):
            raise InputError(
                f"samples of shape {self.shape_} with {self.channels_} channel(s)", data.shape, "the shape used in fit"
            )
        return samples.flatten(data, next(model.parameters()).device)

    def _tensor(self, values: ArrayLike) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.float32, device=next(self._model.parameters()).device)


def load(path: str | Path, device: str = "cpu") -> VAE:
    """Read a model that `VAE.save` wrote; it predicts as it did then."""
    options, fitted, weights = store.read(path)
    estimator = VAE(**options, device=device)
    estimator.shape_, estimator.channels_ = tuple(fitted["shape"]), int(fitted["channels"])
    estimator.history_ = fitted["history"]
    estimator.model_ = estimator._build()
    store.load_weights(estimator.model_, weights, path)
    estimator.model_.eval()
    return estimator


def _to_cpu(q: Any) -> Any:
    return type(q)(*(part.cpu() for part in vars(q).values()))
