import numpy as np
import pytest
from scipy.spatial import KDTree

from latscape.data import crystal
from latscape.data.lattices import CRYSTALS
from latscape.errors import InputError

COORDINATION = {"graphene": 3, "mos2": 3, "hexagonal": 6, "square": 4, "perovskite": 4}


@pytest.mark.parametrize("kind", CRYSTALS)
def test_a_perfect_crystal_has_the_neighbours_of_its_kind_at_the_spacing(kind):
    made = crystal(kind, size=160, spacing=11.0)
    inner = ((made.position > 20) & (made.position < 140)).all(axis=1)
    distance = KDTree(made.position).query(made.position[inner], COORDINATION[kind] + 2)[0][:, 1:]
    np.testing.assert_allclose(distance[:, :-1], 11.0, rtol=1e-9)
    assert distance[:, -1].min() > 1.3 * 11.0
    assert np.abs(made.displacement).max() == 0.0


def test_spots_stand_where_the_positions_say_and_are_as_high_as_their_species():
    made = crystal("mos2", size=128, spacing=30.0, sigma=3.0, background=0.2)
    inner = ((made.position > 12) & (made.position < 116)).all(axis=1)
    for (row, column), species in zip(made.position[inner], made.species[inner], strict=True):
        near = made.clean[round(row) - 9 : round(row) + 10, round(column) - 9 : round(column) + 10] - 0.2
        offsets = np.arange(-9, 10)
        assert (near.sum(axis=1) @ offsets) / near.sum() + round(row) == pytest.approx(row, abs=0.02)
        assert (near.sum(axis=0) @ offsets) / near.sum() + round(column) == pytest.approx(column, abs=0.02)
        assert near.sum() == pytest.approx(2 * np.pi * 9.0 * (1.0, 0.45)[species], rel=0.02)


def test_the_angle_turns_the_lattice_counter_clockwise_as_displayed():
    flat, turned = (crystal("square", size=96, spacing=12.0, angle=angle) for angle in (0.0, 0.3))
    for made, angle in ((flat, 0.0), (turned, 0.3)):
        near = KDTree(made.position).query(made.position, 5)[1][:, 1:]
        step = made.position[near] - made.position[:, None]
        direction = np.arctan2(-step[..., 0], step[..., 1])[np.abs(np.hypot(*np.moveaxis(step, 2, 0)) - 12.0) < 1e-6]
        assert np.exp(4j * direction).mean() == pytest.approx(np.exp(4j * angle), abs=1e-6)


def test_noise_is_that_of_counts_at_the_stated_dose():
    made = crystal(size=256, dose=7.0, seed=3)
    assert made.clean.mean() == pytest.approx(7.0, rel=1e-5)
    scatter = (made.image - made.clean) ** 2 / made.clean
    assert scatter.mean() == pytest.approx(1.0, abs=0.02)  # Poisson: variance is the mean
    assert (made.image == np.round(made.image)).all()


def test_strain_has_its_root_mean_square_and_disorder_its_deviation():
    strains = []
    for seed in range(12):
        made = crystal("square", size=256, spacing=8.0, strain=0.02, angle=0.0, seed=seed)
        tree = KDTree(made.position - made.displacement)
        distance, near = tree.query(made.position - made.displacement, 5)
        keep = np.abs(distance[:, 1:] - 8.0) < 1e-6
        change = (made.displacement[near[:, 1:]] - made.displacement[:, None])[keep] / 8.0
        strains.append(np.sqrt((change**2).mean()))
    assert np.sqrt(np.mean(np.square(strains))) == pytest.approx(0.02, rel=0.15)
    shaken = crystal("square", size=512, spacing=8.0, disorder=0.4)
    assert shaken.displacement.std() == pytest.approx(0.4, rel=0.05)


def test_vacancies_and_dopants_are_the_shares_that_were_asked_for_and_are_known():
    whole, holes = (crystal("hexagonal", size=512, spacing=8.0, vacancies=share) for share in (0.0, 0.1))
    assert len(holes) + len(holes.vacancy) == len(whole)
    assert len(holes.vacancy) / len(whole) == pytest.approx(0.1, abs=0.02)
    assert KDTree(holes.position).query(holes.vacancy)[0].min() > 7.9
    doped = crystal("hexagonal", size=512, spacing=8.0, dopants=0.05)
    assert doped.dopant.mean() == pytest.approx(0.05, abs=0.01)


def test_grains_have_their_own_angles_and_no_atoms_on_top_of_each_other():
    made = crystal("hexagonal", size=300, spacing=10.0, grains=4, seed=2)
    assert set(made.grain) == {0, 1, 2, 3}
    assert KDTree(made.position).query(made.position, 2)[0][:, 1].min() >= 8.0
    for grain in range(4):
        own = made.position[made.grain == grain]
        distance, near = KDTree(own).query(own, 7)
        full = np.abs(distance[:, 1:] - 10.0).max(axis=1) < 1e-6
        step = own[near[full, 1]] - own[full]
        turned = np.exp(6j * np.arctan2(-step[:, 0], step[:, 1]))
        np.testing.assert_allclose(turned, np.exp(6j * made.angle[grain]), atol=1e-6)


def test_the_same_seed_is_the_same_image():
    options = {"size": 64, "strain": 0.01, "vacancies": 0.1, "dopants": 0.1, "grains": 2, "haze": 0.3, "dose": 5.0}
    np.testing.assert_array_equal(crystal(**options, seed=1).image, crystal(**options, seed=1).image)
    assert (crystal(**options, seed=1).image != crystal(**options, seed=2).image).any()


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "gold"},
        {"size": 4},
        {"spacing": 1.0},
        {"spacing": 400.0},
        {"sigma": 0.0},
        {"grains": 0},
        {"dose": 0.0},
        {"dose": float("nan")},
        {"vacancies": 1.0},
        {"dopants": -0.1},
        {"strain": -0.1},
        {"disorder": float("inf")},
    ],
)
def test_bad_options(bad):
    with pytest.raises(InputError, match="Expected"):
        crystal(**bad)
