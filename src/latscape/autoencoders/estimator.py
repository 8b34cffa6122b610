"""The estimator: scikit-learn's habits around one composed model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple, Self

import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import TransformerMixin
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import Estimator, Terms, Weights
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.encoding import FloatArray, batch_of, checked
from latscape.autoencoders.facts import Facts, Scaling
from latscape.autoencoders.known import Known, Unused
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.autoencoders.model import CONTENT, Autoencoder, DecoderPart, EncoderPart
from latscape.autoencoders.prediction import Prediction
from latscape.autoencoders.terms import SUPERVISED, Supervised, Term, kl_continuous, kl_discrete, reconstruction
from latscape.autoencoders.train import OnCycle
from latscape.curves import Schedule
from latscape.errors import InputError
from latscape.geometry.pose import Transform, starts_of
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder
from latscape.random import torch_generator


class Start(NamedTuple):
    """All that a fit needs before its first step."""

    shape: samples.Shape
    facts: Facts
    model: Autoencoder
    data: Batch
    terms: Terms


class VAE(TransformerMixin, Prediction):
    """Variational autoencoder with optional pose and classes; every preset is one of these.

    Parameters
    ----------
    latent : int
        Content numbers per sample.
    pose : sequence of transforms
        Factors to absorb, such as `(Rotation(),)`; default none.
    classes : int
        Classes to discover; 0 for none.
    known : part
        What `y` in `fit(X, y)` tells: `Unused()` (default), `Condition(...)`, `Labels()`, `Factors(...)` or `Paired()`;
        see `latscape.autoencoders.known`.
    variational : bool
        False for a plain autoencoder: no noise and no prior.
    class_samples : int
        0: every class is decoded and summed over, the choice up to tens of classes. At least 2: so many are decoded per
        sample in training, the most probable and one of the others, which leaves the gradient without bias but noisier
        (`latscape.latent.few`); everything else is exact.
    encoder, decoder, likelihood : parts
    beta_c, beta_d : number, curve or array, shape (cycles,)
        Weights of the continuous and the discrete divergence in every cycle.
    alpha : number, curve or array, shape (cycles,)
        Weight of the "classification" or "regression" term, the mean over samples whose y is known.
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
    facts_ : Facts
        What was learned of the data beside the weights.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(20, 8, 8))
    >>> model = ls.jrvae(classes=3, cycles=2).fit(images)
    >>> model.transform(images).shape, model.predict_proba(images).shape
    ((20, 2), (20, 3))
    """

    learned = ("shape_", "facts_")
    counts: ClassVar[Mapping[str, int | None]] = {**Estimator.counts, "classes": 0, "class_samples": 0}

    def __init__(
        self,
        *,
        latent: int = 2,
        pose: Sequence[Transform] = (),
        classes: int = 0,
        known: Known = Unused(),  # noqa: B008  frozen options, safe to share
        variational: bool = True,
        class_samples: int = 0,
        encoder: EncoderPart = DenseEncoder(),  # noqa: B008
        decoder: DecoderPart = WarpDecoder(),  # noqa: B008
        likelihood: Likelihood = Bernoulli(),  # noqa: B008
        beta_c: Schedule = 1.0,
        beta_d: Schedule = 1.0,
        alpha: Schedule = 10.0,
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
        self.known = known
        self.variational = variational
        self.class_samples = class_samples
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.beta_c = beta_c
        self.beta_d = beta_d
        self.alpha = alpha
        self.terms = terms
        self.cycles = cycles
        self.batch = batch
        self.learning_rate = learning_rate
        self.seed = seed
        self.device = device

    def fit(self, X: ArrayLike, y: ArrayLike | None = None, *, on_cycle: OnCycle | None = None) -> Self:
        """Train on X; `on_cycle(cycle, means)` is called after every cycle.

        Parameters
        ----------
        X : array, shape (n, height, width), (n, height, width, channels) or (n, length)
        y : array, length n, optional
            What `known` says; ignored by default, as scikit-learn's unsupervised models do.

        Raises
        ------
        InputError
            For samples, y or options out of range.
        TrainingError
            For a loss that is not finite; the message names the term and the cycle.
        """
        return self.fit_from(None, X, y, on_cycle=on_cycle)

    def fit_from(
        self, weights: Weights | None, X: ArrayLike, y: ArrayLike | None = None, *, on_cycle: OnCycle | None = None
    ) -> Self:
        """`fit` that starts at the given weights, `model_.state_dict()` of the same composition."""
        start = self._prepare(X, y)
        if weights is not None:
            start.model.load_state_dict(weights)
        return self._finish(start, self._optimize(start.model, start.data, start.terms, on_cycle))

    def _prepare(self, X: ArrayLike, y: ArrayLike | None) -> Start:
        self._check_options()
        if self.class_samples == 1:
            raise InputError("0 (all classes) or at least 2 class_samples", 1, "class_samples=3")
        if not isinstance(self.known, Known):
            raise InputError("a part that says what y tells", repr(self.known), "known=Labels()")
        array = checked(X, self.likelihood, self.known, least=2)
        n, shape = len(array), array.shape[1:]
        if self.classes > n:
            raise InputError("no more classes than samples", f"{self.classes} classes, {n} samples", f"classes={n}")
        facts = self.known.learn(y, shape, n, self.classes)
        data = batch_of(samples.flatten(array, self.device), y, self.likelihood, self.known, facts)
        return Start(shape, facts, self._build(shape, facts.output), data, self._terms(data))

    def _finish(self, start: Start, history: dict[str, list[float]]) -> Self:
        """Only a training that ended well replaces what was fitted before."""
        self.shape_, self.model_, self.history_ = start.shape, start.model, history
        spread = None if self.variational else _spread(start.model, start.data)
        self.facts_ = replace(start.facts, content=spread)
        self.options_ = self.get_params(deep=False)
        return self

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **fit_params: Any) -> FloatArray:
        """Fit, then the content of every sample, (n, latent)."""
        return self.fit(X, y, **fit_params).transform(X, y)

    def fit_predict(self, X: ArrayLike, y: ArrayLike | None = None) -> NDArray[Any]:
        """Fit, then predict: see `predict`."""
        return self.fit(X, y).predict(X, y)

    def _build(self, shape: samples.Shape, output: samples.Shape) -> Autoencoder:
        pixels, channels = samples.spatial(output)
        return Autoencoder(
            shape=pixels,
            channels=channels,
            inputs=samples.spatial(shape) if self.known.paired else None,
            content=self.latent,
            classes=self.classes,
            pose=self.pose,
            condition=self.known.condition,
            factors=self.known.inferred,
            variational=self.variational,
            class_samples=self.class_samples,
            encoder=self.encoder,
            decoder=self.decoder,
            likelihood=self.likelihood,
            generator=torch_generator(self.seed, "weights"),
        ).to(self.device)

    def _terms(self, batch: Batch) -> Terms:
        terms: Terms = {"reconstruction": (reconstruction, 1.0)}
        if self.variational:
            terms["kl_continuous"] = (kl_continuous, self.beta_c)
        if self.classes or starts_of(self.pose) > 1:
            terms["kl_discrete"] = (kl_discrete, self.beta_d)
        for block, value in batch.known.items():
            terms[SUPERVISED[block]] = (Supervised(block, _share(value)), self.alpha)
        return terms

    def _rebuilt(self) -> Autoencoder:
        return self._build(self.shape_, self.facts_.output)


def _share(value: Tensor) -> float:
    known = value >= 0 if value.dtype == torch.int64 else ~value.isnan()
    return float(known.double().mean())


def _spread(model: Autoencoder, batch: Batch) -> Scaling:
    with torch.inference_mode():
        content: Any = model.encode(batch.x, batch.condition)[CONTENT]
    return Scaling.of(content.mean.cpu().numpy())
