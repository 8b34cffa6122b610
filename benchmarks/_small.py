"""A zBO problem small enough to repeat a thousand times: jrVAE trainings on a few hundred 14 x 14 MNIST digits.

A quarter of the pixels means a quarter of the reconstruction error, so all KL weights are a quarter of those for
28 x 28. The number of training steps (800) is what makes the objective repeatable: with 200 to 400 steps whole classes
collapse in some seeds, and the deviation between seeds is as large as the spread over schedules.
"""

import json
from dataclasses import dataclass
from functools import partial

import numpy as np

import latscape as ls
from latscape.data.digits import mnist
from latscape.metrics.manifold import draw_pairs
from latscape.random import numpy_generator
from latscape.studies.zbo.objective import TrainAndScore, build_objective
from latscape.trajectories.families import TrajectoryFamily


@dataclass(frozen=True)
class Size:
    """How large the contest is."""

    epochs: int = 80
    images: int = 500
    batch: int = 50
    learning_rate: float = 1e-3
    starts: int = 8
    evaluations: int = 20
    retrains: int = 10
    low: float = 0.025
    high: float = 10.0
    beta_d: float = 0.75
    acquire: str = "ei"


SMOKE = Size(epochs=3, images=60, starts=3, evaluations=4, retrains=2)


def build(size: Size, trajectory: np.ndarray, seed: int) -> ls.VAE:
    return ls.jrvae(
        10,
        beta_c=trajectory,
        beta_d=size.beta_d,
        epochs=size.epochs,
        batch=size.batch,
        learning_rate=size.learning_rate,
        seed=seed,
    )


def evaluator(size: Size, seed: int, objective: str = "l1") -> TrainAndScore:
    """The objective of one campaign seed: its own subset of digits, and held-out digits the subset never holds."""
    digits = mnist("embedded")
    order = numpy_generator(seed, "contest").permutation(len(digits))
    train, held = order[: size.images], order[-1000:]
    pairs = draw_pairs(25, 20, numpy_generator(seed, "pairs"))
    assert digits.labels is not None
    images = digits.images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    maximized = build_objective(objective)
    return TrainAndScore(partial(build, size), images[train], images[held], maximized, 5, pairs, digits.labels[held])


def families(size: Size) -> dict[str, TrajectoryFamily]:
    return {"cooldown": ls.cooldown_family(size.low, size.high), "segments": ls.segments_family(size.low, size.high)}


def as_json(found: object) -> str:
    """One line of JSON; null stands for what is not finite, such as the interval of one seed."""
    return json.dumps(json.loads(json.dumps(found), parse_constant=lambda name: None))
