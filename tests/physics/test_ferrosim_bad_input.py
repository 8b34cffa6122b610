"""One line for every mistake, and a divergence that is a failed evaluation."""

import numpy as np
import pytest
import torch

from latscape.campaign import Box, Campaign
from latscape.errors import EvaluationError, InputError
from latscape.physics.ferrosim import FerroSIM, Landau, random_field
from latscape.physics.ferrosim.differentiable import follow

GOOD = np.sin(np.linspace(0, 6, 50))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"size": 1}, "at least 2 x 2"),
        ({"local": "cubic"}, "tetragonal"),
        ({"coupling": np.nan}, "finite coupling"),
        ({"depolarization": np.inf}, "finite depolarization"),
        ({"form": "sum"}, "form among"),
        ({"edges": "closed"}, "edges among"),
        ({"integrator": "leapfrog"}, "integrator among"),
        ({"precision": "half"}, "precision among"),
        ({"substeps": 0}, "substeps to be a whole number of at least 1"),
        ({"dt": -1.0}, "positive dt"),
        ({"mobility": 0.0}, "positive mobility"),
        ({"start": "poled"}, "zero, remanent, random"),
        ({"start": np.zeros((2, 3, 3))}, "finite start"),
        ({"field": np.full((2, 20, 20), np.nan)}, "finite field"),
        ({"local": [Landau(-1, 1), Landau(-1, 1, axes="y")]}, "same axes"),
    ],
)
def test_options(options, expected):
    with pytest.raises(InputError, match=expected):
        FerroSIM(**options)


@pytest.mark.parametrize("numbers", [(np.nan, 1.0, 0.0), (-1.0, -1.0, 0.0), (-1.0, 1.0, -3.0)])
def test_polynomials_without_a_lower_bound(numbers):
    with pytest.raises(InputError, match="alpha2 > 0 and alpha3 > -2 alpha2"):
        Landau(*numbers)


@pytest.mark.parametrize("sigma", [-1.0, np.nan])
def test_disorder(sigma):
    with pytest.raises(InputError, match="finite sigma"):
        random_field(4, sigma)


@pytest.mark.parametrize(
    ("options", "E", "expected"),
    [
        ({}, [1.0], "at least 3 steps"),
        ({}, np.zeros((950, 2)), r"Try E\[None\]"),
        ({}, np.append(GOOD, np.nan), "finite fields"),
        ({"coupling": [1.0, 2.0]}, np.zeros((3, 50)), "3 histories, 2 coupling"),
        ({}, 1e5 * GOOD, "Try substeps="),
        ({"dt": 1.0}, GOOD, "time step below"),
    ],
)
def test_histories(options, E, expected):
    with pytest.raises(InputError, match=expected):
        FerroSIM(**options).run(E)
    if np.ndim(E) > 1:
        with pytest.raises(InputError):
            follow(FerroSIM(**options), torch.tensor(E)[..., None])


@pytest.mark.parametrize("keep", [[5, 3], [50], [-1]])
def test_steps_to_keep(keep):
    with pytest.raises(InputError, match="rising steps from 0 to 49"):
        FerroSIM().run(GOOD, keep=keep)


def test_the_suggested_substeps_are_enough():
    with pytest.raises(InputError) as caught:
        FerroSIM(4).run(3000 * GOOD)
    substeps = int(caught.value.hint.split("=")[1].split(",")[0])
    run = FerroSIM(4, substeps=substeps).run(3000 * GOOD)
    assert np.isfinite(run.mean).all()


def test_a_divergence_is_a_failed_evaluation_with_its_reason_in_the_record(monkeypatch):
    """The check of the step is what stands before it; without that the step at which it happened is told."""
    monkeypatch.setattr("latscape.physics.ferrosim.simulator.check_step", lambda *_: None)
    simulator = FerroSIM(4, precision="double")

    def evaluate(x):
        return float(simulator.run(x[0] * GOOD).expect_finite().mean[0, -1, 1])

    run = simulator.run(np.stack([GOOD, 1e6 * GOOD]))
    assert run.diverged[0] == -1
    assert run.diverged[1] > 0
    assert np.isnan(run.final[1]).all()
    assert np.isnan(run.mean[1, run.diverged[1] :]).all()
    campaign = Campaign(Box([(1.0, 1e6)], grid=16), seed=0)
    with pytest.raises(EvaluationError, match="diverges at step"):
        campaign.run(evaluate, n_initial=2, budget=2)
    assert all("simulation that diverges at step" in str(one.error) for one in campaign.record.evaluations())
