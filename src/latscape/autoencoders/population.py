"""Many models trained at once: same architecture, each with its own weights, data order, noise and schedules.

Small batches leave a processor waiting for the next operation to be prepared. Stacking the weights of several models
prepares every operation once for all of them (`torch.func`, "model ensembling").
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from latscape.autoencoders.adam import Adam
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.terms import Step, Term, views
from latscape.autoencoders.train import Optimization, Weighted, not_finite
from latscape.errors import InputError, TrainingError
from latscape.random import torch_generator

#: What training one of many gives: means per epoch of the loss and of every term, or why it ended early.
History = dict[str, list[float]] | TrainingError
OnEpoch = Callable[[int], None]
#: What may differ between estimators that are fitted together.
FREE = {"seed", "beta_c", "beta_d", "beta_pose", "alpha", "learning_rate", "terms"}


def fit_together(
    estimators: Sequence[VAE], X: ArrayLike | Sequence[ArrayLike], *, on_epoch: OnEpoch | None = None
) -> list[TrainingError | None]:
    """Fit estimators that differ in seed and schedules only; each ends as its own `fit` would leave it.

    X is an array as for `VAE.fit`, or a list of such arrays of one shape, one for each estimator; `on_epoch` is called
    with the number of every finished epoch. What comes back is None for every estimator that was fitted, and for the
    others the error their training ended with. Of the schedules, only capacities must be the same: they are part of a
    term, not its weight.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(20, 8, 8))
    >>> models = [ls.jrvae(3, beta_c=weight, epochs=2) for weight in (1.0, 4.0)]
    >>> fit_together(models, images)
    [None, None]
    >>> models[1].transform(images).shape
    (20, 2)
    """
    _check_alike(estimators)
    first = estimators[0]
    given: Sequence[Any] = X if isinstance(X, list | tuple) else [X]
    if len(given) not in (1, len(estimators)):
        raise InputError(f"one array, or a list of {len(estimators)}", f"a list of {len(given)}", "one for each")
    each = given if len(given) > 1 else list(given) * len(estimators)
    starts = [estimator._prepare(x, None) for estimator, x in zip(estimators, each, strict=True)]
    together = [start.data for start in starts if isinstance(start.data, Batch)]
    if len(together) < len(starts) or first.validation:
        got = "validation" if first.validation else "samples that are read batch by batch"
        raise InputError("arrays in memory and no held-out samples", got, "fit, one estimator after the other")
    if len({data.x.shape for data in together}) > 1 or len({start.shape for start in starts}) > 1:
        got = [(len(data), *start.shape) for data, start in zip(together, starts, strict=True)]
        raise InputError("arrays of one shape", got, "as many samples for every estimator")
    flat = torch.stack([data.x for data in together[: len(given)]]).expand(len(estimators), -1, -1)
    histories = train_together(
        [start.model for start in starts],
        flat,
        [estimator._weighted(start.terms) for estimator, start in zip(estimators, starts, strict=True)],
        Optimization(first.epochs, first.batch, np.stack([estimator._rates() for estimator in estimators])),
        [torch_generator(estimator.seed, "train") for estimator in estimators],
        on_epoch,
    )
    for estimator, start, history in zip(estimators, starts, histories, strict=True):
        if not isinstance(history, TrainingError):
            estimator._finish(start, history)
    return [history if isinstance(history, TrainingError) else None for history in histories]


def train_together(
    models: Sequence[Autoencoder],
    x: Tensor,  # (models, n, values)
    terms: Sequence[Weighted],  # one for each model, of the same names and functions
    options: Optimization,  # whose learning rates may be (epochs,) or (models, epochs)
    generators: Sequence[torch.Generator],  # one for each model
    on_epoch: OnEpoch | None = None,
) -> list[History]:
    """Train models in place, as `train` trains one."""
    count, n, width = len(models), x.shape[1], models[0].noise_width
    view_width = models[0].view_width if views(term for term, _ in terms[0].values()) else 0
    scored = [_Scored(model, [term for term, _ in terms[0].values()]) for model in models]
    parameters, buffers = torch.func.stack_module_state(scored)  # type: ignore[arg-type]

    def score(*state_and_inputs: Any) -> Tensor:
        parameters, buffers, *inputs = state_and_inputs
        return torch.func.functional_call(scored[0], (parameters, buffers), tuple(inputs))

    score_all = torch.vmap(score, in_dims=(0, 0, 0, 0, 0, 0, None))
    weights = torch.tensor(np.array([[weight for _, weight in each.values()] for each in terms]), dtype=x.dtype)
    optimizer = Adam(parameters.values())
    rates = torch.tensor(np.broadcast_to(options.learning_rate, (count, options.epochs)), dtype=x.dtype)
    one_rate = bool((rates == rates[:1]).all())
    history = torch.zeros(count, options.epochs, len(terms[0]) + 1, dtype=torch.float64)
    ended: dict[int, TrainingError] = {}
    member = torch.arange(count)[:, None]
    for epoch in range(options.epochs):
        now = weights[:, :, epoch].to(x.device)  # (models, terms)
        step = Step(epoch, options.epochs)
        # Each model draws what it would draw alone.
        drawn = [
            (torch.randperm(n, generator=g), *(torch.randn(n, w, generator=g) for w in (width, view_width)))
            for g in generators
        ]
        order, noise, view_noise = (torch.stack(parts).to(x.device) for parts in zip(*drawn, strict=True))
        for start in range(0, n, options.batch):
            index = order[:, start : start + options.batch]
            batch = x[member, index]
            drawn_here = (part[:, start : start + options.batch] for part in (noise, view_noise))
            found = score_all(parameters, buffers, batch, *drawn_here, index, step)  # (models, terms)
            losses = (found * now).sum(dim=1)
            for k in (~torch.isfinite(losses)).nonzero()[:, 0].tolist():
                ended.setdefault(k, not_finite(list(terms[k]), found[k], losses[k], epoch))
            alive = torch.tensor([k not in ended for k in range(count)], device=x.device)
            optimizer.zero_grad()
            torch.where(alive, losses, 0.0).sum().backward()
            if one_rate:
                optimizer.step(float(rates[0, epoch]))
            else:
                _step_at(optimizer, rates[:, epoch].to(x.device))
            history[:, epoch] += torch.cat([losses[:, None], found], dim=1).detach().cpu().double() * batch.shape[1] / n
        if on_epoch is not None:
            on_epoch(epoch)
    for k, model in enumerate(models):
        model.load_state_dict({name.removeprefix("model."): value[k] for name, value in parameters.items()})
        model.eval()
    names = ("loss", *terms[0])
    return [ended.get(k) or dict(zip(names, history[k].T.tolist(), strict=True)) for k in range(count)]


def _step_at(optimizer: Adam, rates: Tensor) -> None:
    """A step whose length is each model's own: Adam's step of length one, (models, ...), times the rates (models,)."""
    before = [value.detach().clone() for value in optimizer.parameters]
    optimizer.step(1.0)
    with torch.no_grad():
        for value, old in zip(optimizer.parameters, before, strict=True):
            rate = rates.reshape(-1, *[1] * (value.ndim - 1))
            value.copy_(old + rate * (value - old))


class _Scored(nn.Module):
    """A model with its terms, as the function (batch, noise, view_noise, index, step) -> mean of every term."""

    def __init__(self, model: Autoencoder, terms: Sequence[Term]) -> None:
        super().__init__()
        self.model, self.terms = model, terms

    def forward(self, batch: Tensor, noise: Tensor, view_noise: Tensor, index: Tensor, step: Step) -> Tensor:
        data = Batch(batch, view_noise=view_noise, index=index)
        output = self.model(data, noise)
        return torch.stack([term(output, data, step).mean() for term in self.terms])


def _check_alike(estimators: Sequence[VAE]) -> None:
    if not estimators:
        hint = "fit_together([latscape.jrvae(4), latscape.jrvae(4, seed=1)], X)"
        raise InputError("at least one estimator", "none", hint)
    first = estimators[0].get_params(deep=False)
    for estimator in estimators:
        estimator._check_options()
        for name, value in estimator.get_params(deep=False).items():
            if name not in FREE and not np.array_equal(value, first[name]):
                expected = f"estimators that differ in {', '.join(sorted(FREE))} only"
                got = f"{name}={value!r} beside {name}={first[name]!r}"
                raise InputError(expected, got, "a group of its own for every other option")
    terms = [{name: term for name, (term, _) in (estimator.terms or {}).items()} for estimator in estimators]
    posed = {estimator.beta_pose is None for estimator in estimators}  # with a weight the pose is a term of its own
    if any(each != terms[0] for each in terms) or len(posed) > 1:
        hint = "other schedules, or groups of their own"
        raise InputError("the same terms in every estimator", "different ones", hint)
