"""What every space must do: inherit, and give `space()`."""

import numpy as np

from latscape.campaign.space import Space


class SpaceContract:
    def space(self) -> Space:
        raise NotImplementedError

    def test_samples_are_feasible_and_shaped(self):
        space = self.space()
        points = space.sample(17, np.random.default_rng(0))
        assert points.shape == (17, space.dim)
        assert np.isfinite(points).all()
        assert np.asarray(space.contains(points)).all()

    def test_samples_depend_on_the_generator_alone(self):
        one, other = self.space().sample(5, np.random.default_rng(3)), self.space().sample(5, np.random.default_rng(3))
        assert np.array_equal(one, other)
        assert not np.array_equal(one, self.space().sample(5, np.random.default_rng(4)))

    def test_candidates_are_feasible_distinct_and_the_same_at_every_call(self):
        space = self.space()
        candidates = space.candidates()
        assert candidates.ndim == 2
        assert candidates.shape[1] == space.dim
        assert len(np.unique(candidates, axis=0)) == len(candidates) > 0
        assert np.asarray(space.contains(candidates)).all()
        assert np.array_equal(candidates, self.space().candidates())

    def test_contains_tells_point_by_point_whatever_the_order(self):
        space = self.space()
        points = np.concatenate([space.candidates()[:20], space.candidates()[:20] + 1e6])
        inside = np.asarray(space.contains(points))
        assert inside.shape == (len(points),)
        assert np.array_equal(np.asarray(space.contains(points[::-1])), inside[::-1])

    def test_far_away_is_infeasible(self):
        space = self.space()
        assert not np.asarray(space.contains(space.candidates()[:3] + 1e6)).any()

    def test_decode_keeps_the_number_and_order_of_points(self):
        space = self.space()
        points = space.candidates()[:4]
        decoded = np.asarray(space.decode(points))
        assert len(decoded) == 4
        assert np.isfinite(decoded).all()
        np.testing.assert_allclose(np.asarray(space.decode(points[[2]]))[0], decoded[2], rtol=1e-5, atol=1e-6)

    def test_nothing_draws_from_global_generators(self):
        space = self.space()
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        space.sample(3, np.random.default_rng(0))
        space.candidates()
        assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
