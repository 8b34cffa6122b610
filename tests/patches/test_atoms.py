import numpy as np
import pytest
from scipy.spatial import KDTree

from latscape.data import crystal
from latscape.errors import InputError
from latscape.patches import find_atoms
from latscape.patches.refine import fit_gaussians
from latscape.patches.response import RESPONSES, noise_gain, noise_of, spacing_of

DEFECTS = {"strain": 0.01, "vacancies": 0.02, "dopants": 0.01, "grains": 2, "haze": 0.2}


def judged(found, made, margin=8.0):
    """Precision, recall and mean distance from the truth, one to one, for atoms away from the edge."""
    side = len(made.image)
    distance, true = KDTree(made.position).query(found.position)
    right = (distance < 0.4 * made.spacing) & (np.bincount(true, minlength=len(made))[true] == 1)

    def inner(position):
        return ((position > margin) & (position < side - 1 - margin)).all(axis=1)

    precision = right[inner(found.position)].mean()
    recall = np.isin(np.flatnonzero(inner(made.position)), true[right]).mean()
    return precision, recall, distance[right & inner(found.position)].mean()


@pytest.mark.parametrize("kind", ["graphene", "hexagonal", "square", "perovskite", "mos2"])
@pytest.mark.parametrize("method", ["log", "maxima", "unet"])
def test_atoms_of_crystals_with_defects_at_a_hundred_counts_a_pixel(kind, method):
    made = crystal(kind, size=256, spacing=12.0, dose=100.0, seed=5, **DEFECTS)
    precision, recall, error = judged(find_atoms(made.image, spacing=12.0, method=method), made)
    assert precision > 0.98
    assert recall > 0.98
    assert error < 0.2


@pytest.mark.parametrize("refine", ["gaussian", "mass", "response"])
def test_refinement_is_finer_than_pixels(refine):
    made = crystal("hexagonal", size=192, spacing=12.0, dose=200.0, seed=1)
    rough, fine = (judged(find_atoms(made.image, spacing=12.0, refine=how), made)[2] for how in ("none", refine))
    assert fine < 0.2 < 0.3 < rough


def test_a_fit_without_noise_is_exact_beside_its_neighbours():
    made = crystal("mos2", size=128, spacing=12.0, sigma=3.2, disorder=0.4, background=0.3, seed=2)
    inner = made.position[((made.position > 14) & (made.position < 113)).all(axis=1)]
    rough = np.round(made.position)
    spots = fit_gaussians(made.image, rough, sigma=3.0, radius=6)
    distance, nearest = KDTree(spots[:, 1:3]).query(inner)
    assert np.median(distance) < 0.015
    assert distance.max() < 0.1
    assert np.median(spots[nearest, 3]) == pytest.approx(3.2, rel=0.01)
    np.testing.assert_allclose(spots[nearest, 4], 0.3, atol=0.03)


def test_dark_atoms_are_bright_ones_upside_down():
    made = crystal("square", size=128, spacing=12.0, dose=50.0)
    bright, dark = find_atoms(made.image, spacing=12.0), find_atoms(-made.image, spacing=12.0, dark=True)
    np.testing.assert_allclose(bright.position, dark.position, atol=1e-9)


def test_nothing_is_sought_under_a_mask_or_where_nothing_was_measured():
    made = crystal("square", size=128, spacing=12.0, dose=50.0)
    left = np.zeros(made.image.shape, dtype=bool)
    left[:, :64] = True
    holed = np.where(left, made.image, np.nan)
    for atoms in (find_atoms(made.image, spacing=12.0, mask=left), find_atoms(holed, spacing=12.0)):
        assert 30 < len(atoms) < 60
        assert atoms.position[:, 1].max() < 66


def test_the_network_knows_crystals_where_counts_are_few():
    made = crystal("mos2", size=256, spacing=15.0, dose=2.0, seed=3, **DEFECTS)
    plain = judged(find_atoms(made.image, spacing=15.0), made)
    fitted, seen = (
        judged(find_atoms(made.image, spacing=15.0, method="unet", refine=refine), made)
        for refine in ("gaussian", "response")
    )
    assert plain[1] < 0.85
    assert min(seen[:2]) > 0.95
    assert seen[2] < 0.9 * fitted[2]


def test_a_background_that_slopes_draws_no_atom():
    made = crystal("perovskite", size=128, spacing=12.0, background=2.0)
    ramp = 0.02 * np.arange(128.0)[:, None]
    found = (judged(find_atoms(image, spacing=12.0), made, margin=12.0)[2] for image in (made.image, made.image + ramp))
    flat, sloping = found
    assert flat < 0.02
    assert sloping < 0.08


def test_distances_of_all_bonds_are_the_spacing_where_a_scan_distorts_the_lattice():
    made = crystal("graphene", size=384, spacing=12.0, dose=100.0, angle=0.2)
    stretched = np.repeat(made.image, 2, axis=1)[:, : 2 * 384][:, np.linspace(0, 2 * 384 - 1, 422).round().astype(int)]
    atoms = find_atoms(stretched, spacing=12.0 * np.sqrt(1.1))  # 10 % wider in one direction
    assert np.median(atoms.neighbours()) / atoms.spacing < 0.97
    assert atoms.bonds().mean() / atoms.spacing == pytest.approx(1.0, abs=0.01)


def test_pure_noise_has_hardly_any_atoms():
    noise = np.random.default_rng(0).normal(size=(256, 256))
    assert len(find_atoms(noise, spacing=12.0, refine="none", significance=5.0)) <= 1


def test_the_spacing_is_that_of_the_autocorrelation():
    for kind, spacing in (("square", 14.0), ("hexagonal", 9.5)):
        made = crystal(kind, size=256, spacing=spacing, dose=20.0, vacancies=0.02)
        assert spacing_of(made.image) == pytest.approx(spacing, rel=0.02)


def test_noise_reaches_the_response_as_it_is_said_to():
    noise = np.random.default_rng(0).normal(scale=2.0, size=(400, 400)).astype(np.float32)
    assert noise_of(noise) == pytest.approx(2.0, rel=0.02)
    for respond in RESPONSES.values():
        assert respond(noise, 3.0).std() == pytest.approx(2.0 * noise_gain(respond, 3.0), rel=0.05)


def test_rotating_the_image_rotates_the_atoms():
    made = crystal("graphene", size=128, spacing=12.0, dose=80.0)
    upright, turned = (find_atoms(image, spacing=12.0) for image in (made.image, np.rot90(made.image).copy()))
    moved = np.stack([127 - upright.position[:, 1], upright.position[:, 0]], axis=1)
    assert len(upright) == len(turned)
    assert KDTree(turned.position).query(moved)[0].max() < 1e-3


@pytest.mark.parametrize(
    ("image", "options", "said"),
    [
        (np.zeros((32, 32, 3)), {}, "in colour"),
        (np.zeros((4, 32, 32)), {}, "one grey image"),
        (np.zeros((32, 32)), {}, "differs somewhere"),
        (np.full((32, 32), np.nan), {}, "NaN"),
        (np.eye(32) * 1j, {}, "real numbers"),
        (np.eye(32), {"method": "blob"}, "log"),
        (np.eye(32), {"refine": "fine"}, "gaussian"),
        (np.eye(32), {"spacing": 1.0}, "2 to 16 pixels"),
        (np.eye(32), {"spacing": 40.0}, "2 to 16 pixels"),
        (np.eye(32), {"spacing": 8.0, "mask": np.ones((5, 5), dtype=bool)}, "mask"),
        (np.eye(32), {"spacing": 8.0, "mask": np.ones((32, 32))}, "mask"),
    ],
)
def test_bad_input(image, options, said):
    with pytest.raises(InputError, match=said):
        find_atoms(image, **options)
