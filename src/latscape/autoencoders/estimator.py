"""The estimator: scikit-learn's habits around one composed model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import TransformerMixin, clone
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import Estimator, FitOptions, Terms, Weights
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.decoding import decode, manifold, reconstruct
from latscape.autoencoders.encoding import encode, predict_proba, score, score_samples, transform
from latscape.autoencoders.fitted import FittedAutoencoder, FloatArray, method_of_fitted
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CLASS, CONTENT, FACTOR, DecoderPart, EncoderPart
from latscape.autoencoders.prediction import predict
from latscape.autoencoders.source import BatchSource, InputData
from latscape.autoencoders.statistics import DataStatistics, Scaling
from latscape.autoencoders.supervision import Supervision, Unused
from latscape.autoencoders.terms import SUPERVISED, Divergence, Supervised, reconstruction
from latscape.autoencoders.train import OnEpoch
from latscape.autoencoders.validation import CHUNK
from latscape.curves import Schedule, as_array
from latscape.errors import InputError
from latscape.geometry.pose import offsets_of
from latscape.name_hints import with_option_hints
from latscape.nets import DenseEncoder, WarpDecoder
from latscape.random import torch_generator


class PreparedFit(NamedTuple):
    """All that a fit needs before its first step."""

    shape: samples.Shape
    facts: DataStatistics
    model: Autoencoder
    data: BatchSource
    terms: Terms


@with_option_hints
@dataclass(kw_only=True, eq=False, repr=False)
class VAE(TransformerMixin, Estimator[Autoencoder]):
    """Variational autoencoder with optional pose and classes; every preset is one of these.

    Parameters
    ----------
    latent : int
        Content numbers per sample: the width of z.
    angle : float, optional
        Absorb rotation: standard deviation of the angle's prior [rad]. Default: no rotation, or with several
        orientations turn / (2 n_orientations).
    n_orientations : int
        Angles over the `turn` [rad] around which the prior stands, so that large angles are found; see
        `latscape.geometry.pose.Rotation`.
    shift : float, optional
        Absorb where the content sits: deviation of the prior [half sides; half lengths of curves].
    scale, shear : float, optional
        Absorb the magnification (deviation of its logarithm), the horizontal shear [rad].
    pose : sequence of transforms
        Further factors to absorb, of `latscape.geometry.pose` or of your own.
    classes : int
        Classes to discover; 0 for none.
    supervision : part
        What `y` in `fit(X, y)` tells: `Unused()` (default), `Condition(...)`, `Labels()`, `Factors(...)` or `Paired()`;
        see `latscape.autoencoders.supervision`.
    variational : bool
        False for a plain autoencoder: no noise and no prior.
    class_samples : int
        0: every class is decoded and summed over, the choice up to tens of classes. At least 2: so many are decoded per
        sample in training, the most probable and one of the others, which leaves the gradient without bias but noisier
        (`latscape.latent.sampled_enumeration`); everything else is exact.
    encoder, decoder, likelihood : parts
    beta_c, beta_d : number, curve or array, shape (epochs,)
        Weights of the continuous divergence, content and pose, and of the discrete one in every epoch.
    beta_pose : number, curve or array, shape (epochs,), optional
        A weight of its own for the divergence of the pose. Content that is costly at first leaves to the pose what the
        pose can explain.
    capacity_c, capacity_d : number, curve or array, shape (epochs,)
        Information [nat] the continuous latents (without the pose, if that has a weight of its own) and the discrete
        ones are to carry: beta weighs |KL - capacity| (Dupont 2018, arXiv:1804.00104, eq. 7). 0, the default: the KL.
    alpha : number, curve or array, shape (epochs,)
        Weight of the "classification" or "regression" term, the mean over samples whose y is known.
    terms : mapping of name to (term, schedule), optional
        Further loss terms; see `latscape.autoencoders.terms`.
    epochs, batch : int
        Passes over the data, samples per step.
    learning_rate : number, curve or array
        Of Adam.
    validation : float
        Share of the samples that nothing is trained on; `history_["validation"]` is their ELBO after every epoch.
    patience : int
        Epochs without a better held-out ELBO after which training ends, with the weights of the best epoch; 0: it goes
        on to the end, and keeps the last. Weights that change over the epochs make early epochs no rival of late ones:
        patience suits constant ones.
    precision : "float32" or "bfloat16"
        Of the layers of encoder and decoder in training; weights, poses, divergences and likelihoods stay in float32.
    seed : int
        First weights, order and noise all follow from it.
    device : str

    Attributes
    ----------
    model_ : Autoencoder
    history_ : dict of list
        Mean loss and terms per epoch.
    shape_ : tuple
        Shape of one sample.
    statistics_ : DataStatistics
        What was learned of the data beside the weights.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(20, 8, 8))
    >>> model = ls.jrvae(classes=3, epochs=2).fit(images)
    >>> model.transform(images).shape, model.predict_proba(images).shape
    ((20, 2), (20, 3))
    """

    learned = ("shape_", "statistics_")
    counts: ClassVar[Mapping[str, int | None]] = {**Estimator.counts, "classes": 0, "class_samples": 0}

    classes: int = 0
    supervision: Supervision = Unused()  # noqa: RUF009  frozen options, safe to share
    variational: bool = True
    class_samples: int = 0
    encoder: EncoderPart = DenseEncoder()  # noqa: RUF009
    decoder: DecoderPart = WarpDecoder()  # noqa: RUF009
    likelihood: Likelihood = Bernoulli()  # noqa: RUF009
    beta_d: Schedule = 1.0
    beta_pose: Schedule | None = None
    capacity_c: Schedule = 0.0
    capacity_d: Schedule = 0.0
    alpha: Schedule = 10.0

    shape_: samples.Shape = field(init=False)
    statistics_: DataStatistics = field(init=False)

    encode = method_of_fitted(encode)
    transform = method_of_fitted(transform)
    score_samples = method_of_fitted(score_samples)
    score = method_of_fitted(score)
    reconstruct = method_of_fitted(reconstruct)
    decode = method_of_fitted(decode)
    manifold = method_of_fitted(manifold)
    predict_proba = method_of_fitted(predict_proba)
    predict = method_of_fitted(predict)

    @property
    def _fitted(self) -> FittedAutoencoder:
        model = self._model  # what y told in the fit holds, whatever the option says now
        return FittedAutoencoder(model, self.shape_, self.statistics_, self.options_["supervision"], self.seed)

    @with_option_hints
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        on_epoch: OnEpoch | None = None,
        checkpoint: str | Path | None = None,
        every: int = 10,
        progress: bool | None = None,
        until: Callable[[int, Self], bool] | None = None,
        weights: Weights | None = None,
    ) -> Self:
        """Train on X.

        Parameters
        ----------
        X : array, shape (n, height, width), (n, height, width, channels) or (n, length)
            Signals of `latscape.data.load`, of HyperSpy, sidpy or xarray give the samples that their axes tell of.
            Memory maps, HDF5, zarr and dask arrays and PyTorch data sets, whose items are samples or tuples that begin
            with one, are read batch by batch.
        y : array, length n, optional
            What `supervision` says; ignored by default, as scikit-learn's unsupervised models do.
        on_epoch : callable, optional
            `on_epoch(epoch, means)` is called after every epoch with the mean of the loss and of every term.
        checkpoint : path, optional
            A file that is written every so many epochs. If it is there, training goes on from it, and ends with the
            weights it would have had if it had never been stopped.
        every : int
            Epochs between two writings of the checkpoint.
        progress : bool, optional
            Whether to show a bar on stderr; by default on a terminal, if there is no `on_epoch`.
        until : callable, optional
            `until(epoch, model)` is asked after every epoch, with the model as it is by then, and ends the training
            by returning True.
        weights : mapping, optional
            `model_.state_dict()` of a model of the same composition, at which to start.

        Raises
        ------
        InputError
            For samples, y or options out of range, and for a checkpoint of another training.
        TrainingError
            For a loss that is not finite; the message names the term and the epoch, and a checkpoint keeps the last
            epoch it was written in.
        """
        start = self._prepare(X, y)
        asked = until and partial(_ask, until, self._seen(start))
        fit_options = FitOptions(on_epoch, checkpoint, every, progress, asked)
        if weights is not None:
            start.model.load_state_dict(weights)
        return self._finish(start, self._optimize(start.model, start.data, start.terms, fit_options))

    def _prepare(self, X: ArrayLike, y: ArrayLike | None) -> PreparedFit:
        self._check_options()
        if self.class_samples == 1:
            raise InputError("0 (all classes) or at least 2 class_samples", 1, "class_samples=3")
        if not isinstance(self.supervision, Supervision):
            raise InputError("a part that says what y tells", repr(self.supervision), "supervision=Labels()")
        given = InputData.of(X, y, self.likelihood, self.supervision, least=2)
        n, shape = len(given.X), given.shape
        if self.classes > n:
            raise InputError("no more classes than samples", f"{self.classes} classes, {n} samples", f"classes={n}")
        facts = self.supervision.learn(given.y, shape, n, self.classes)
        data = given.source(facts, self.device)
        model = self._build(shape, facts.output)
        return PreparedFit(shape, facts, model, data, self._terms(model, self._observed_share(data)))

    def _observed_share(self, data: BatchSource) -> dict[str, float]:
        """Share of the samples of which y is known, by block."""
        if isinstance(data, Batch):
            return {block: _share(value) for block, value in data.observed.items()}
        if not self.supervision.partial:
            return {}
        parts = [data.take(index).observed for index in torch.arange(len(data)).split(CHUNK)]
        return {block: _share(torch.cat([part[block] for part in parts])) for block in parts[0]}

    def _finish(self, start: PreparedFit, history: dict[str, list[float]]) -> Self:
        """Only a training that ended well replaces what was fitted before."""
        self.shape_, self.model_, self.history_ = start.shape, start.model, history
        spread = None if self.variational else _spread(start.model, start.data)
        self.statistics_ = replace(start.facts, content=spread)
        self.options_ = self.get_params(deep=False)
        return self

    def _seen(self, start: PreparedFit) -> Self:
        """The estimator as it is while it is trained: its model is the one in training."""
        twin = clone(self)
        assert isinstance(twin, type(self))
        return twin._finish(start, {})

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
            inputs=samples.spatial(shape) if self.supervision.paired else None,
            content=self.latent,
            classes=self.classes,
            pose=self.transforms(len(pixels)),
            condition=self.supervision.condition,
            factors=self.supervision.inferred,
            variational=self.variational,
            class_samples=self.class_samples,
            precision=self.precision,
            encoder=self.encoder,
            decoder=self.decoder,
            likelihood=self.likelihood,
            generator=torch_generator(self.seed, "weights"),
        ).to(self.device)

    def _terms(self, model: Autoencoder, observed: Mapping[str, float]) -> Terms:
        terms: Terms = {"reconstruction": (reconstruction, 1.0)}
        pose = tuple(factor.name for factor in model.pose)
        content = (CONTENT, FACTOR) if self.supervision.inferred else (CONTENT,)
        if self.variational:
            together = (*pose, *content) if self.beta_pose is None else content
            terms["kl_continuous"] = (self._divergence(together, self.capacity_c), self.beta_c)
        if self.variational and self.beta_pose is not None and pose:
            terms["kl_pose"] = (self._divergence(pose, 0.0), self.beta_pose)
        if self.classes or len(offsets_of(model.pose)) > 1:
            terms["kl_discrete"] = (self._divergence((CLASS,), self.capacity_d), self.beta_d)
        for block, share in observed.items():
            terms[SUPERVISED[block]] = (Supervised(block, share), self.alpha)
        return terms

    def _divergence(self, blocks: tuple[str, ...], capacity: Schedule) -> Divergence:
        values = as_array(capacity, self.epochs)
        if (values < 0).any():
            raise InputError("capacities of at least zero", values.min(), "capacity_c=linear(0, 5)")
        return Divergence(blocks, values)

    def _rebuilt(self) -> Autoencoder:
        return self._build(self.shape_, self.statistics_.output)


def _ask(until: Callable[[int, Any], bool], model: VAE, epoch: int) -> bool:
    return until(epoch, model)


def _share(value: Tensor) -> float:
    observed = value >= 0 if value.dtype == torch.int64 else ~value.isnan()
    return float(observed.float().mean())


def _spread(model: Autoencoder, data: BatchSource) -> Scaling:
    means = []
    with torch.inference_mode():
        for index in torch.arange(len(data)).split(CHUNK):
            batch = data.take(index.to(data.device))
            content: Any = model.infer(batch.x, batch.condition)[CONTENT]
            means.append(content.mean.cpu())
    return Scaling.of(torch.cat(means).numpy())
