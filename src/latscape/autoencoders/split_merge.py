"""Split and merge: out of partitions in which training is stuck, one class for two kinds and two classes for one.

Ueda, Nakano, Ghahramani and Hinton 2000, "SMEM algorithm for mixture models", doi:10.1162/089976600300015088.
"""

from copy import copy, deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from torch import Tensor, nn

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.supervision import Unused
from latscape.autoencoders.train import OnEpoch
from latscape.curves import Schedule, as_array
from latscape.errors import InputError
from latscape.latent.space import mean_sample
from latscape.metrics.clustering import class_information
from latscape.random import derive_seed, torch_generator

#: Deviation of what is added to a copied class, as a share of that of its weights: enough for the two to part.
_NOISE = 0.1
#: Share of the most that classes can tell, log(classes), from which on nothing is left to gain.
_ENOUGH = 0.99
_SCHEDULES = ("beta_c", "beta_d", "beta_pose", "capacity_c", "capacity_d")


def split_merge(
    model: VAE,
    X: ArrayLike,
    *,
    moves: int = 3,
    epochs: int | None = None,
    on_epoch: OnEpoch | None = None,
    checkpoint: Path | None = None,
) -> VAE:
    """Try to better the classes that a model found, where kinds are about equally frequent.

    Training may end with one class for two kinds while two classes share another, and no gradient leads out of that. A
    move takes the class whose samples the others explain at the least cost, leaves them to those, makes it a copy of
    the class that is the largest then, and trains on. It counts if the classes then tell more of the samples
    (`latscape.metrics.class_information`); otherwise the class that costs second least is tried, and so on. Copies part
    where something asks classes to decide, and where content costs too much to tell kinds apart: train with the
    term `latscape.autoencoders.terms.mutual_information` at about the weight of `beta_d`, and with a `beta_c` that ends
    at 5 or more.

    Parameters
    ----------
    model : VAE
        Fitted, with classes that it found itself. It stays as it is.
    X : array
        What it was fitted to.
    moves : int
        At most so many, those that do not count included.
    epochs : int, optional
        Of the training after a move; default half of the model's. Weights follow the last so many epochs of their
        schedules, the learning rate all of its own.
    on_epoch : callable, optional
        As in `VAE.fit`.
    checkpoint : Path, optional
        As in `VAE.fit`: how the names of the files begin, one for each move.

    Returns
    -------
    VAE
        The best of them, whose history goes on after that of the model, or the model itself.

    Raises
    ------
    InputError
        For a model without classes or with labels, and for encoders and decoders of one's own whose classes cannot be
        told apart.

    Examples
    --------
    >>> import latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(40, 8, 8))
    >>> model = ls.jrvae(3, epochs=4).fit(images)
    >>> better = ls.split_merge(model, images, moves=1)
    >>> class_information(better.predict_proba(images)) >= class_information(model.predict_proba(images))
    True
    """
    epochs = max(model.epochs // 2, 1) if epochs is None else epochs
    if moves < 0 or not 1 <= epochs <= model.epochs:
        got = f"moves={moves}, epochs={epochs}"
        raise InputError(f"moves of at least 0 and 1 to {model.epochs} epochs", got, "the defaults")
    if model.classes < 2 or not isinstance(model.supervision, Unused):
        raise InputError("a model that finds classes by itself", repr(model), "split_merge(ls.jrvae(4).fit(X), X)")
    best, told, left = model, class_information(model.predict_proba(X)), exchanges(model, X)
    for move in range(moves):
        if not left or told >= _ENOUGH * np.log(model.classes):
            break
        seed = derive_seed(model.seed, "move", move)
        path = checkpoint and checkpoint.with_name(f"{checkpoint.name}-{move}")
        other = _moved(best, X, *left.pop(0), epochs, seed, on_epoch=on_epoch, checkpoint=path)
        information = class_information(other.predict_proba(X))
        if information > told:
            best, told, left = other, information, exchanges(other, X)
    return best


def exchanges(model: VAE, X: ArrayLike) -> list[tuple[int, int]]:
    """Which class could take the place of which other: first that of the class that costs least to do without.

    The one to take it is the largest without that class: its samples are held by those that explain them next best.
    """
    cost, held = _cost(model, X), model.predict(X)
    own = np.take_along_axis(cost, held[:, None], axis=1)[:, 0]
    others = cost.copy()
    np.put_along_axis(others, held[:, None], np.inf, axis=1)
    lost, found = np.bincount(held, others.min(axis=1) - own, minlength=model.classes), []
    for least in lost.argsort(kind="stable").tolist():
        without = np.where(held == least, others.argmin(axis=1), held)
        found.append((int(np.bincount(without, minlength=model.classes).argmax()), least))
    return found


def _cost(model: VAE, X: ArrayLike) -> NDArray[np.floating]:
    """-log p(x | class) at the means of the latents and the best start of the angle, (n, classes) [nat]."""
    net, parts = model.model_, []
    with torch.inference_mode():
        for x, _ in model._fitted.chunks(X):
            nll = net.nll(net.orientations.turned(mean_sample(net.encode(x))), x)
            parts.append(nll.unflatten(1, (net.classes, -1)).amin(dim=2).cpu().numpy())
    return np.concatenate(parts)


def _moved(model: VAE, X: ArrayLike, source: int, target: int, epochs: int, seed: int, **watch: Any) -> VAE:
    """The model after one move."""
    net = deepcopy(model.model_)
    copy_class(net, source, target, torch_generator(seed, "noise"))
    later, every = _later(model, epochs, seed), max(1, epochs // 50)
    trained = later.fit(X, weights=net.state_dict(), progress=False, every=every, **watch)
    moved = copy(model)
    moved.model_ = trained.model_
    moved.history_ = {name: [*values, *trained.history_[name]] for name, values in model.history_.items()}
    return moved


def copy_class(net: Autoencoder, source: int, target: int, generator: torch.Generator) -> None:
    """Make one class nearly another, in encoder and decoder; a little noise lets them part in training."""
    with torch.no_grad():
        for values in _per_class(net):
            row = values[source]
            spread = float(row.std()) if row.numel() > 1 else 0.0
            values[target] = row + _NOISE * spread * torch.randn(row.shape, generator=generator).to(row.device)


def _per_class(net: Autoencoder) -> list[Tensor]:
    """Parameters of encoder and decoder that belong to one class each, as views (classes, ...)."""
    heads = [layer for layer in net.encoder.modules() if isinstance(layer, nn.Linear)]
    if not heads or heads[-1].out_features != net.latent.raw_width:
        raise InputError("an encoder that ends with a linear layer", type(net.encoder).__name__, "DenseEncoder()")
    decoder: Any = net.decoder
    if not hasattr(decoder, "per_class"):
        raise InputError("a decoder with `per_class`", type(decoder).__name__, "decoder=WarpDecoder()")
    # The class is the last block of the latent space, with one logit a class.
    return [*(values[-net.classes :] for values in heads[-1].parameters()), *decoder.per_class()]


def _later(model: VAE, epochs: int, seed: int) -> VAE:
    """The unfitted model with the last epochs of its weights, and all of its learning rate in so many."""

    def last(weight: Schedule) -> NDArray[np.float64]:
        return as_array(weight, model.epochs)[-epochs:]

    given = {name: getattr(model, name) for name in _SCHEDULES}
    now, then = (np.linspace(0, 1, n) for n in (epochs, model.epochs))
    rate = np.interp(now, then, as_array(model.learning_rate, model.epochs))
    later = clone(model)
    assert isinstance(later, VAE)
    return later.set_params(
        epochs=epochs,
        seed=seed,
        learning_rate=rate,
        terms={name: (term, last(weight)) for name, (term, weight) in (model.terms or {}).items()},
        **{name: last(value) for name, value in given.items() if value is not None},
    )
