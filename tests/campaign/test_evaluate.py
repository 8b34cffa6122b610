import functools
import math
import pickle

import numpy as np
import pytest
import torch

from latscape.campaign import EvaluationResult, Trial
from latscape.campaign.evaluate import run_evaluator, takes_trial
from latscape.errors import EvaluationError, InputError


def run(evaluator):
    return run_evaluator(evaluator, np.array([1.0, 2.0]), Trial(3, seed=9))


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.array(2.0), torch.tensor(2.0), torch.tensor(2.0, requires_grad=True), True + 1]
)
def test_numbers_of_all_kinds(value):
    attempt = run(lambda x: value)
    assert (attempt.value, attempt.error) == (2.0, None)
    assert type(attempt.value) is float


@pytest.mark.parametrize("value", [None, "2", [2.0], np.array([2.0]), math.nan, math.inf, torch.tensor(math.nan)])
def test_what_is_no_finite_number_is_a_failure(value):
    attempt = run(lambda x: value)
    assert attempt.value is None
    assert "value is" in attempt.error


def test_an_exception_is_a_failure_with_its_text_and_place_and_the_curves_so_far():
    def diverges(x, trial):
        trial.report(0, loss=1.0)
        raise EvaluationError("the loss\nexploded")

    attempt = run(diverges)
    assert attempt.value is None
    assert attempt.error.startswith("EvaluationError: the loss exploded (test_evaluate.py:")
    assert attempt.curves == {"step": [0.0], "loss": [1.0]}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_interrupts_pass_through(stop):
    def interrupted(x):
        raise stop

    with pytest.raises(stop):
        run(interrupted)


def test_outcomes_carry_metrics_and_curves_of_any_array():
    attempt = run(
        lambda x: EvaluationResult(1.0, {"nmi": np.float32(0.5)}, {"kl": torch.tensor([1.0, 2.0]), "map": np.eye(2)})
    )
    assert attempt.metrics == {"nmi": 0.5}
    assert attempt.curves == {"kl": [1.0, 2.0], "map": [[1.0, 0.0], [0.0, 1.0]]}


def test_reports_become_curves_of_one_length():
    def trains(x, trial):
        for epoch in range(3):
            trial.report(epoch, loss=epoch + 0.5, **({"ssim": 0.1} if epoch == 2 else {}))
        return 0.0

    curves = run(trains).curves
    assert curves["loss"] == [0.5, 1.5, 2.5]
    np.testing.assert_array_equal(curves["ssim"], [math.nan, math.nan, 0.1])


def test_the_trial_tells_index_and_seed():
    assert run(lambda x, trial: trial.index + trial.seed).value == 12.0


def test_arity_is_read_from_the_signature():
    class Score:
        def __call__(self, x, trial=None):
            return 0.0

        def method(self, x):
            return 0.0

    assert takes_trial(Score())
    assert not takes_trial(Score().method)
    assert not takes_trial(functools.partial(lambda x, epochs: 0.0, epochs=3))
    assert not takes_trial(max)
    for wrong in (lambda: 0.0, lambda x, y, z: 0.0, lambda x, *, must: 0.0):
        with pytest.raises(InputError, match="evaluator"):
            takes_trial(wrong)


def test_attempts_cross_process_borders():
    attempt = run(lambda x: EvaluationResult(1.0, {"a": 2.0}, {"b": [3.0]}))
    assert pickle.loads(pickle.dumps(attempt)) == attempt  # noqa: S301
    assert isinstance(attempt, EvaluationResult)
