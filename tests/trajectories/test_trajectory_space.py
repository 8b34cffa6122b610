"""The latent plane of trajectories: what it offers is feasible, and it keeps what it embeds."""

import warnings
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import r2_score

import latscape as ls
from campaign.contracts import SpaceContract
from latscape.autoencoders.likelihoods import Gaussian
from latscape.trajectories.space import TrajectorySpace

LENGTH = 20
QUICK = {"length": LENGTH, "draws": 60, "epochs": 60, "batch": 30, "learning_rate": 1e-2, "grid": 24}


def lines(n: int, length: int, generator: np.random.Generator) -> np.ndarray:
    """A family of the user's own, of two numbers: straight lines."""
    first, last = generator.uniform(1, 9, size=(2, n, 1))
    return first + (last - first) * np.linspace(0, 1, length)


def hiss(n: int, length: int, generator: np.random.Generator) -> np.ndarray:
    """White noise, which no plane can hold."""
    return generator.normal(size=(n, length))


def mostly_low(trajectories: np.ndarray) -> np.ndarray:
    """A constraint that cuts the plane: no value above 7."""
    return trajectories < 7


@cache
def trained() -> TrajectorySpace:
    return TrajectorySpace({"cooldown": ls.cooldown_family(1, 9), "lines": lines}, feasible=mostly_low, **QUICK).fit(
        seed=3
    )


@pytest.fixture
def space() -> TrajectorySpace:
    """Tests must not change it."""
    return trained()


class TestTrajectorySpace(SpaceContract):
    def space(self) -> TrajectorySpace:
        return trained()


@pytest.fixture(scope="module")
def easy() -> TrajectorySpace:
    return TrajectorySpace([lines], **{**QUICK, "draws": 200, "epochs": 150, "sigma": 0.05}).fit()


def test_the_constraint_cuts_a_part_of_the_plane_away_and_leaves_a_part(space):
    assert 0.1 < space.feasible_share < 0.9
    assert len(space.candidates()) == round(space.feasible_share * QUICK["grid"] ** 2)


def test_every_candidate_and_every_sampled_point_is_feasible(space):
    for points in (space.candidates(), space.sample(500, np.random.default_rng(0))):
        assert mostly_low(space.decode(points)).all()
        assert space.contains(points).all()


def test_the_number_of_sampled_points_is_the_number_asked_for(space):
    for n in (0, 1, 7, 300):
        assert space.sample(n, np.random.default_rng(0)).shape == (n, 2)


def test_sampling_follows_from_the_generator_and_covers_the_feasible_part_evenly(space):
    first, second = (space.sample(4000, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    low, high = space.bounds_.T
    half = space.candidates()[:, 0] < (low[0] + high[0]) / 2
    assert np.mean(first[:, 0] < (low[0] + high[0]) / 2) == pytest.approx(half.mean(), abs=0.05)


@given(share=st.tuples(st.floats(-0.3, 1.3), st.floats(-0.3, 1.3)))
def test_contains_is_inside_the_plane_and_allowed_by_the_constraint(share):
    space = trained()
    low, high = space.bounds_.T
    point = (low + np.array(share) * (high - low))[None]
    inside = bool(((point >= low) & (point <= high)).all())
    assert bool(space.contains(point)[0]) == (inside and bool(mostly_low(space.decode(point)).all()))


def test_a_constraint_by_trajectory_is_one_by_value(space):
    whole = TrajectorySpace(space.families, feasible=lambda x: (x < 7).all(axis=1), **QUICK).fit(
        seed=3, model=space.model_
    )
    np.testing.assert_array_equal(whole.candidates(), space.candidates())


def test_points_that_are_not_finite_are_not_contained(space):
    assert not space.contains([[np.nan, 0.0], [np.inf, 0.0]]).any()


def test_the_candidates_lie_on_a_lattice_that_reaches_beyond_the_embedding_by_the_margin(space):
    low, high = space.embedding_.min(axis=0), space.embedding_.max(axis=0)
    np.testing.assert_allclose(space.bounds_.T, [low - 0.1 * (high - low), high + 0.1 * (high - low)])
    for axis in range(2):
        on = np.linspace(*space.bounds_[axis], QUICK["grid"])
        assert np.isin(space.candidates()[:, axis], on).all()


def test_what_is_embedded_and_how_well_is_what_the_attributes_say(space):
    assert space.trajectories_.shape == (120, LENGTH)
    np.testing.assert_array_equal(space.family_, [0] * 60 + [1] * 60)
    np.testing.assert_allclose(space.encode(space.trajectories_), space.embedding_, atol=1e-6)
    decoded = space.decode(space.embedding_)
    for index, name in enumerate(("cooldown", "lines")):
        of = space.family_ == index
        assert space.r2_[name] == pytest.approx(
            r2_score(space.trajectories_[of], decoded[of], multioutput="variance_weighted")
        )


def test_decoding_what_was_encoded_gives_an_easy_family_back(easy):
    fresh = lines(50, LENGTH, np.random.default_rng(7))
    back = easy.decode(easy.encode(fresh))
    assert easy.r2_["family 1"] > 0.95
    assert r2_score(fresh.ravel(), back.ravel()) > 0.95
    assert np.abs(back - fresh).mean() < 0.5


def test_decoding_is_in_the_families_own_unit():
    def large(n, length, generator):
        return 1e4 * lines(n, length, generator)

    space = TrajectorySpace([large], **QUICK).fit()
    assert space.decode(space.embedding_).mean() == pytest.approx(space.trajectories_.mean(), rel=0.1)


def test_one_seed_gives_one_space_and_another_gives_another(space):
    again = TrajectorySpace(space.families, feasible=mostly_low, **QUICK).fit(seed=3)
    other = TrajectorySpace(space.families, feasible=mostly_low, **{**QUICK, "epochs": 1}).fit(
        seed=4, model=space.model_
    )
    np.testing.assert_array_equal(again.candidates(), space.candidates())
    np.testing.assert_array_equal(again.decode(again.candidates()), space.decode(space.candidates()))
    assert not np.allclose(other.trajectories_, space.trajectories_)


def test_fitting_again_with_the_trained_model_gives_the_identical_space(space, tmp_path):
    loaded = ls.load(space.model_.save(tmp_path / "plane.safetensors"))
    for model in (space.model_, loaded):
        twin = TrajectorySpace(space.families, feasible=mostly_low, **QUICK).fit(seed=3, model=model)
        np.testing.assert_array_equal(twin.bounds_, space.bounds_)
        np.testing.assert_array_equal(twin.candidates(), space.candidates())
        np.testing.assert_array_equal(twin.decode(twin.candidates()), space.decode(space.candidates()))
        np.testing.assert_array_equal(
            twin.sample(20, np.random.default_rng(0)), space.sample(20, np.random.default_rng(0))
        )
        assert twin.r2_ == space.r2_


def test_fitting_again_forgets_the_lattice_of_the_first_fit(space):
    twin = TrajectorySpace(space.families, feasible=mostly_low, **QUICK).fit(seed=3, model=space.model_)
    before = twin.candidates()
    twin.feasible = None
    assert len(twin.fit(seed=3, model=space.model_).candidates()) > len(before)


def test_the_draws_of_a_named_family_do_not_depend_on_the_others(space):
    alone = TrajectorySpace({"lines": lines}, **QUICK).fit(seed=3, model=space.model_)
    np.testing.assert_array_equal(alone.trajectories_, space.trajectories_[60:])


def test_the_global_random_state_is_left_alone(space):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    TrajectorySpace([lines], **{**QUICK, "epochs": 1}).fit().sample(5, np.random.default_rng(0))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_poorly_kept_family_is_warned_of_by_name():
    with pytest.warns(UserWarning, match="'hiss'"):
        space = TrajectorySpace({"hiss": hiss, "lines": lines}, **QUICK).fit()
    assert space.r2_["hiss"] < 0.7


def test_a_well_kept_family_is_not_warned_of(easy):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        easy.fit(model=easy.model_)


BAD = {
    "no family": {"families": []},
    "a family instead of a sequence": {"families": lines},
    "a family by its name": {"families": ["cooldown"]},
    "trajectories of one number": {"length": 1},
    "no draws": {"draws": 0},
    "no lattice": {"grid": 0},
    "no epochs": {"epochs": 0},
    "a sigma of zero": {"sigma": 0.0},
    "nothing feasible": {"feasible": lambda x: x > 1e9},
    "a constraint of the wrong shape": {"feasible": lambda x: np.ones(3, dtype=bool)},
    "a constraint of one verdict": {"feasible": lambda x: bool((x > 0).all())},
    "a family of the wrong length": {"families": [lambda n, length, generator: np.ones((n, length + 1))]},
    "a family of one trajectory": {"families": [lambda n, length, generator: np.ones(length)]},
    "a family with nan": {"families": [lambda n, length, generator: np.full((n, length), np.nan)]},
    "a ragged family": {"families": [lambda n, length, generator: [[1.0], [2.0, 3.0]]]},
}


@pytest.mark.parametrize("options", BAD.values(), ids=BAD)
def test_options_that_make_no_space_are_refused(options, refused):
    with refused():
        TrajectorySpace(**{"families": [lines], **QUICK, "epochs": 1, **options}).fit()


@pytest.mark.parametrize(("latent", "length"), [(3, LENGTH), (2, LENGTH + 1)])
def test_a_model_of_another_latent_width_or_length_is_refused(latent, length, refused):
    model = ls.vae(latent=latent, likelihood=Gaussian(), epochs=1).fit(np.zeros((4, length)))
    with refused():
        TrajectorySpace([lines], **QUICK).fit(model=model)


CALLS = {
    "decode": lambda space: space.decode([[0.0, 0.0]]),
    "encode": lambda space: space.encode(np.ones((2, LENGTH))),
    "contains": lambda space: space.contains([[0.0, 0.0]]),
    "candidates": lambda space: space.candidates(),
    "sample": lambda space: space.sample(1, np.random.default_rng(0)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_space_that_was_never_fitted_says_so(call, refused):
    with refused() as caught:
        call(TrajectorySpace([lines], **QUICK))
    assert "fit" in str(caught.value)


@pytest.mark.parametrize("points", [[[0.0]], [[0.0, 0.0, 0.0]], [0.0, 0.0, 0.0]])
@pytest.mark.parametrize("method", ["decode", "contains"])
def test_points_that_are_not_pairs_are_refused(space, method, points, refused):
    with refused():
        getattr(space, method)(points)


def test_trajectories_of_another_length_are_refused(space, refused):
    with refused():
        space.encode(np.ones((2, LENGTH + 1)))
