"""The estimator: scikit-learn's habits around one composed model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

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
from latscape.errors import InputError, NotFitted
from latscape.geometry.pose import Transform
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.estimates import ClassEstimate, NormalEstimate, estimate
from latscape.latent.space import Posterior, mean_sample
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder
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
        Shape of one sample.

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
        data = samples.check(X, support=self.likelihood.support)
        model = self._build(data.shape[1:])
        options = Optimization(self.cycles, self.batch, self._rates())
        generator = torch_generator(self.seed, "train")
        x = samples.flatten(data, self.device)
        history = train(model, x, self._weighted_terms(), options, generator, on_cycle)
        # Only a training that ended well replaces what was fitted before.
        self.shape_, self.model_, self.history_ = data.shape[1:], model, history
        self.options_ = self.get_params(deep=False)
        return self

    def encode(self, X: ArrayLike) -> dict[str, NormalEstimate | ClassEstimate]:
        """Posteriors by block name ("content", "rotation", "class", ...): arrays `.mean` and `.std`, or `.probs`."""
        return {name: estimate(q) for name, q in self._posterior(X).items()}

    def transform(self, X: ArrayLike) -> FloatArray:
        """Posterior means of the content, (n, latent)."""
        q = self.encode(X)[CONTENT]
        assert isinstance(q, NormalEstimate)
        return q.mean

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Class probabilities, (n, classes)."""
        if not self._model.classes:
            raise InputError("a model with classes", "classes=0", "latscape.jrvae(classes=4)")
        q = self.encode(X)[CLASS]
        assert isinstance(q, ClassEstimate)
        return q.probs

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Most probable class, (n,)."""
        return self.predict_proba(X).argmax(axis=1)

    def fit_predict(self, X: ArrayLike, y: None = None) -> NDArray[np.int64]:
        """Fit, then the most probable class of every sample, (n,)."""
        return self.fit(X).predict(X)

    def reconstruct(self, X: ArrayLike) -> FloatArray:
        """Decode the posterior means, in their pose and most probable class; the shape of X."""
        flat, parts = self._flat(X), []
        with torch.inference_mode():
            for part in flat.split(CHUNK):
                posterior = self._model.encode(part)
                means = self._model.likelihood.mean(self._model.decode(mean_sample(posterior)))
                label = posterior.get(CLASS)
                best = label.log_probs.argmax(1) if isinstance(label, CategoricalPosterior) else 0
                parts.append(means[torch.arange(len(part), device=part.device), best])
        return samples.unflatten(torch.cat(parts), self.shape_)

    def decode(self, content: ArrayLike, pose: Mapping[str, ArrayLike] | None = None) -> FloatArray:
        """Mean samples of every class, in canonical or given pose.

        Parameters
        ----------
        content : array, shape (n, latent)
        pose : mapping of name to array, shape (n, width), optional
            Factors that are left out are zero.

        Returns
        -------
        ndarray, shape (n, classes, *sample shape)
        """
        model = self._model
        values = {CONTENT: self._rows("content", content, model.content)}
        n = len(values[CONTENT])
        known = {factor.name: factor.width for factor in model.pose}
        for name in pose or {}:
            if name not in known:
                raise InputError(
                    f"pose factors among {', '.join(known) or 'none'}", repr(name), "the names in encode(X)"
                )
        for name, width in known.items() if pose else ():
            given = pose[name] if pose and name in pose else np.zeros((n, width))
            values[name] = self._rows(name, given, width, n)
        with torch.inference_mode():
            means = model.likelihood.mean(model.decode(values))
        stacked = samples.unflatten(means.flatten(0, 1), self.shape_)
        return stacked.reshape(n, -1, *self.shape_)

    def manifold(self, size: int = 5, span: float = 0.95) -> FloatArray:
        """Canonical samples over a grid of content, (classes, size^2, *sample shape).

        The first two content numbers run over the central `span` of their prior at equal probability, the first
        downwards and the second to the right; any others are zero.
        """
        if size < 1 or not 0 < span < 1:
            raise InputError("size >= 1 and 0 < span < 1", f"size={size}, span={span}", "manifold(size=5, span=0.95)")
        quantile = norm.ppf(np.linspace(0.5 - span / 2, 0.5 + span / 2, size)) if size > 1 else np.zeros(1)
        first, second = np.meshgrid(quantile, quantile, indexing="ij")
        content = np.zeros((size * size, self._model.content))
        content[:, 0] = first.ravel()
        if content.shape[1] > 1:
            content[:, 1] = second.ravel()
        return np.moveaxis(self.decode(content), 1, 0)

    def score_samples(self, X: ArrayLike, draws: int = 4) -> FloatArray:
        """ELBO of each sample [nat], (n,), all weights one, averaged over `draws` of the noise."""
        if draws < 1:
            raise InputError("at least one draw", draws, "draws=4")
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
        return store.save(self._model, store.Fitted(self.options_, self.shape_, self.history_), path)

    @property
    def _model(self) -> Autoencoder:
        if not hasattr(self, "model_"):
            raise NotFitted("a fitted model", "one that was never fitted", "model.fit(images) first")
        return self.model_

    def _build(self, shape: tuple[int, ...]) -> Autoencoder:
        pixels, channels = samples.spatial(shape)
        return Autoencoder(
            shape=pixels,
            channels=channels,
            content=self.latent,
            classes=self.classes,
            pose=self.pose,
            encoder=self.encoder,
            decoder=self.decoder,
            likelihood=self.likelihood,
            generator=torch_generator(self.seed, "weights"),
        ).to(self.device)

    def _rates(self) -> NDArray[np.float64]:
        rates = as_array(self.learning_rate, self.cycles)
        if (rates < 0).any():
            raise InputError("learning rates of at least zero", rates.min(), "learning_rate=1e-3")
        return rates

    def _weighted_terms(self) -> Weighted:
        terms: dict[str, tuple[Term, Schedule]] = {"reconstruction": (reconstruction, 1.0)}
        terms["kl_continuous"] = (kl_continuous, self.beta_c)
        if self.classes:
            terms["kl_discrete"] = (kl_discrete, self.beta_d)
        for name, pair in (self.terms or {}).items():
            if name in ("loss", *terms):
                raise InputError("a name of its own for a further term", repr(name), "terms={'smooth': (term, 1.0)}")
            if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[0])):
                raise InputError(f"(term, schedule) for {name!r}", repr(pair), "terms={'smooth': (term, 1.0)}")
            terms[name] = pair
        return {name: (term, as_array(schedule, self.cycles)) for name, (term, schedule) in terms.items()}

    def _check_options(self) -> None:
        for name, least in (("latent", 1), ("classes", 0), ("cycles", 1), ("batch", 1), ("seed", None)):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not whole or (least is not None and value < least):
                bound = "" if least is None else f" of at least {least}"
                raise InputError(f"{name} to be a whole number{bound}", repr(value), f"{name}={2 if least else 0}")

        _check_device(self.device)

    def _posterior(self, X: ArrayLike) -> dict[str, Posterior]:
        with torch.inference_mode():
            return self._model.encode(self._flat(X))

    def _flat(self, X: ArrayLike) -> Tensor:
        model = self._model
        data = samples.check(X, support=model.likelihood.support, least=1)
        if data.shape[1:] != self.shape_:
            raise InputError(f"samples of shape {self.shape_}", data.shape[1:], "samples as they were in fit")
        return samples.flatten(data, next(model.parameters()).device)

    def _rows(self, name: str, values: ArrayLike, width: int, n: int | None = None) -> Tensor:
        rows = np.ascontiguousarray(values, dtype=np.float32)
        rows = rows[:, None] if rows.ndim == 1 and width == 1 else rows
        if rows.ndim != 2 or rows.shape[1] != width or n not in (None, len(rows)) or not np.isfinite(rows).all():
            count = "n" if n is None else n
            raise InputError(f"finite {name} of shape ({count}, {width})", f"shape {rows.shape}", "one row per sample")
        return torch.from_numpy(rows).to(next(self._model.parameters()).device)


def load(path: str | Path, device: str = "cpu") -> VAE:
    """Read a model that `VAE.save` wrote; it predicts as it did then."""
    _check_device(device)
    with store.reading(path):
        fitted, weights = store.read(path)
        estimator = VAE(**fitted.options)
        estimator.set_params(device=device)
        estimator.shape_, estimator.history_, estimator.options_ = fitted.shape, fitted.history, fitted.options
        estimator.model_ = estimator._build(fitted.shape)
        estimator.model_.load_state_dict(weights)
    estimator.model_.eval()
    return estimator


def _check_device(device: str) -> None:
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("a device torch can use here", repr(device), "device='cpu'") from error
