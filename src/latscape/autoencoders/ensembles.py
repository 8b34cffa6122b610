"""Several models that differ in their seed alone, and how far they agree."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from torch import Tensor

from latscape.autoencoders import store
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.fitted import FloatArray
from latscape.autoencoders.supervision import Labels
from latscape.checks import check_whole
from latscape.errors import InputError, NotFitted
from latscape.metrics.clustering import class_information, match_classes
from latscape.name_hints import with_option_hints
from latscape.random import derive_seed


@with_option_hints
class Ensemble(BaseEstimator):
    """Members of one composition with different seeds, their classes in one order.

    Classes found without labels have no names: each member's are matched to those of the member that the others agree
    with most, by the largest overlap of probabilities over the samples of the fit. Given labels keep their names. How
    much the members differ shows which samples, and which classes, are unstable.

    Parameters
    ----------
    model : VAE
        A model with classes, fitted or not; its seed is where the members' seeds come from.
    n : int
        Members.
    baseline : int
        Epochs that all members share before they part, each then training for the model's own epochs; 0: from scratch.
        A shared start makes members agree more than their independent trainings would.

    Attributes
    ----------
    members_ : list of VAE
    orders_ : ndarray, shape (n, classes)
        Class of each member that is the ensemble's class k.
    typical_ : int
        The member that the others agree with most, whose classes all others are matched to.
    information_ : ndarray, shape (n,)
        How much each member's classes tell of the samples [nat], see `latscape.metrics.class_information`: where kinds
        are about equally frequent, the member with the most has the best classes.

    Examples
    --------
    >>> import latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> members = ls.ensemble(ls.jrvae(3, epochs=2), n=3).fit(images)
    >>> members.predict_proba(images).shape, members.dispersion(images).shape
    ((30, 3), (30,))
    """

    def __init__(self, model: VAE, n: int = 8, baseline: int = 0) -> None:
        self.model = model
        self.n = n
        self.baseline = baseline

    @with_option_hints
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        on_member: Callable[[int, VAE], None] | None = None,
        checkpoints: str | Path | None = None,
        every: int = 10,
    ) -> Self:
        """Fit every member. See `VAE.fit` for X, y and errors.

        Parameters
        ----------
        on_member : callable, optional
            `on_member(index, member)` is called after each.
        checkpoints : path, optional
            A folder in which each training keeps its checkpoint, which is written every so many epochs. What is there
            already is gone on with, and members that are done are not trained again.
        every : int
            Epochs between two writings of a checkpoint.
        """
        self._check_options()

        def checkpoint(name: str) -> Path | None:
            return None if checkpoints is None else Path(checkpoints) / f"{name}.checkpoint"

        start = None
        if self.baseline:
            twin = self._twin(epochs=self.baseline)
            start = twin.fit(X, y, checkpoint=checkpoint("baseline"), every=every).model_.state_dict()
        members = []
        for index in range(self.n):
            member = self._twin(seed=derive_seed(self.model.seed, "member", index))
            members.append(member.fit(X, y, weights=start, checkpoint=checkpoint(f"member-{index}"), every=every))
            if on_member is not None:
                on_member(index, member)
        told = y if self.model.supervision.condition else None
        probs = [member.predict_proba(X, told) for member in members]
        orders, self.typical_ = align(probs)
        named = isinstance(self.model.supervision, Labels)
        self.orders_ = np.tile(np.arange(self.model.classes), (self.n, 1)) if named else orders
        self.information_ = np.array([class_information(one) for one in probs])
        self.members_ = members
        return self

    def member_proba(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Class probabilities of every member, in one order of the classes, (members, n, classes)."""
        pairs = zip(self._members, self.orders_, strict=True)
        return np.stack([member.predict_proba(X, y)[:, order] for member, order in pairs])

    def predict_proba(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Class probabilities, the mean over members, (n, classes)."""
        return self.member_proba(X, y).mean(axis=0)

    def predict(self, X: ArrayLike, y: ArrayLike | None = None) -> NDArray[np.int64]:
        """Most probable class, (n,)."""
        return self.predict_proba(X, y).argmax(axis=1)

    def dispersion(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """How far members differ on each sample, (n,): the root of the variance of their probabilities over classes.

        0 where all say the same; sqrt(1 - 1 / n) at most, where each of n members is sure of another class.
        """
        return dispersion(self.member_proba(X, y))

    def class_dispersion(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Mean dispersion of the samples of each predicted class, (classes,); NaN for a class without samples."""
        members = self.member_proba(X, y)
        found, spread = members.mean(axis=0).argmax(axis=1), dispersion(members)
        counts = np.bincount(found, minlength=members.shape[2])
        sums = np.bincount(found, weights=spread, minlength=members.shape[2])
        return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Mean ELBO over members [nat per sample]; larger is better."""
        return float(np.mean([member.score(X, y) for member in self._members]))

    def save(self, path: str | Path) -> Path:
        """Write all members to one safetensors file."""
        members = self._members
        states = [member.model_.state_dict() for member in members]
        weights = {f"{index}.{name}": value for index, state in enumerate(states) for name, value in state.items()}
        learned = {"members": [member._stored().portable() for member in members], "orders": self.orders_}
        learned |= {"typical": self.typical_, "information": self.information_}
        options = {"model": store.portable(self.model.get_params(deep=False)), "n": self.n, "baseline": self.baseline}
        return store.save(weights, store.Fitted("Ensemble", options, {}, learned), path)

    @classmethod
    def _restored(cls, fitted: store.Fitted, weights: dict[str, Tensor], device: str) -> Self:
        model = VAE(**fitted.options.pop("model")).set_params(device=device)
        ensemble = cls(model, **fitted.options)
        ensemble.members_ = []
        for index, member in enumerate(fitted.learned["members"]):
            own = {name.split(".", 1)[1]: value for name, value in weights.items() if name.startswith(f"{index}.")}
            ensemble.members_.append(VAE._restored(store.Fitted(**member), own, device))
        ensemble.orders_ = np.array(fitted.learned["orders"])
        ensemble.typical_ = fitted.learned["typical"]
        ensemble.information_ = np.array(fitted.learned["information"])
        return ensemble

    @property
    def _members(self) -> list[VAE]:
        if not hasattr(self, "members_"):
            raise NotFitted("a fitted ensemble", "one that was never fitted", "ensemble.fit(images) first")
        return self.members_

    def _twin(self, **options: int) -> VAE:
        twin = clone(self.model)
        assert isinstance(twin, VAE)
        return twin.set_params(**options)

    def _check_options(self) -> None:
        if not isinstance(self.model, VAE) or not self.model.classes:
            raise InputError("a model with classes", repr(self.model), "ensemble(latscape.jrvae(classes=4))")
        for name, least in (("n", 2), ("baseline", 0)):
            check_whole(name, getattr(self, name), least)


def align(probs: list[FloatArray]) -> tuple[NDArray[np.int64], int]:
    """Order of each member's classes, (members, classes), such that `probs[m][:, orders[m]]` mean the same classes.

    All are matched to the member with the largest total overlap with the others, which comes second.
    """
    orders = [[match_classes(one, other) for other in probs] for one in probs]
    overlap = [
        sum((one * other[:, order]).sum() for other, order in zip(probs, row, strict=True))
        for one, row in zip(probs, orders, strict=True)
    ]
    typical = int(np.argmax(overlap))
    return np.stack(orders[typical]), typical


def dispersion(members: FloatArray) -> FloatArray:
    """Root of the summed variance over members of probabilities (members, n, classes), (n,)."""
    return np.sqrt(members.var(axis=0).sum(axis=1))
