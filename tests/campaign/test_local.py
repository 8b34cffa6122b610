import numpy as np
import pytest

from latscape.campaign import Box, Campaign
from latscape.campaign.local import Nearby, run_alternating, sides
from latscape.errors import InputError
from latscape.gp import Exact

AIM = np.array([0.313, 0.727, 0.5])
BOUNDS = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])


def bump(x):
    """A hill that is narrow beside the space, on a slope that is much higher than what still matters on its top."""
    away = ((x - AIM) ** 2).sum()
    return float(-100 * away - np.sin(30 * away))


def campaign(**options):
    return Campaign(Box(BOUNDS.T, grid=64, **options), Exact(noise="none"), acquire="log_ei", seed=0)


def test_gets_closer_than_the_lattice_is_fine():
    found = run_alternating(campaign(), BOUNDS, bump, starts=6, budget=18)
    lattice = min(np.abs(point - AIM).max() for point in found.space.candidates())
    best = found.result().best
    assert np.abs(best.point - AIM).max() < 0.5 * lattice


def test_what_comes_next_depends_on_the_record_alone(tmp_path):
    whole = run_alternating(campaign(), BOUNDS, bump, starts=5, budget=10).result()
    for budget in (3, 6, 10):  # cut twice, each time gone on with by a new object
        part = Campaign(Box(BOUNDS.T, grid=64), Exact(noise="none"), "log_ei", 0, tmp_path)
        run_alternating(part, BOUNDS, bump, starts=5, budget=budget)
    np.testing.assert_array_equal(part.result().points, whole.points)
    np.testing.assert_array_equal(part.result().values, whole.values)


def test_every_other_point_after_the_starts_is_nearby():
    rows = run_alternating(campaign(), BOUNDS, bump, starts=4, budget=9).record.evaluations()
    assert [one.role for one in rows] == ["start"] * 4 + ["acquired", "told", "acquired", "told", "acquired"]


def test_the_box_grows_with_success_and_shrinks_without():
    loop = campaign()
    nearby = Nearby(loop, BOUNDS)
    loop.tell(loop.ask(1), [0.0])
    for value in (1.0, 0.5, 0.5, 2.0):
        loop.tell(nearby.ask(), [value])
    assert sides(loop.record.evaluations(), nearby) == pytest.approx([0.4, 0.8, 0.56, 0.392, 0.784])


def test_stays_where_the_space_allows_and_within_the_box():
    loop = campaign(feasible=lambda x: x[:, 0] + x[:, 1] < 1.0)
    points = loop.ask(4)
    loop.tell(points, [bump(point) for point in points])
    best = points[np.argmax([bump(point) for point in points])]
    nearby = Nearby(loop, BOUNDS)
    for _ in range(6):
        point = nearby.ask()
        assert loop.space.contains(point[None]).all()
        assert np.abs(point - best).max() <= 0.2 + 1e-12
        loop.tell(point, [-1e6])
        nearby = Nearby(loop, BOUNDS)


def test_refuses_other_bounds_and_a_campaign_without_values():
    with pytest.raises(InputError, match="bounds"):
        Nearby(campaign(), BOUNDS.T)
    with pytest.raises(InputError, match="with a value"):
        Nearby(campaign(), BOUNDS).ask()
