"""Clusters: conservation, symmetry, limits, and where one dipole a particle stops to be enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from scipy.special import comb

from latscape.errors import InputError
from latscape.physics.plasmon import cross_sections, gold
from latscape.random import numpy_generator

WAVELENGTH = np.array([480.0, 540.0, 600.0, 660.0])
FINE = np.arange(450.0, 700.0, 1.0)


def cluster(seed, n):
    """Spheres at random places that keep their distance."""
    generator = numpy_generator(seed, "cluster")
    where = np.zeros((0, 3))
    while len(where) < n:
        trial = generator.uniform(-160, 160, size=3)
        if all(np.linalg.norm(trial - other) > 90 for other in where):
            where = np.vstack([where, trial])
    return where, generator.uniform(15, 35, size=n)


def pair(gap, radius=30.0):
    d = (2 + gap) * radius / 2
    return [[-d, 0, 0], [d, 0, 0]], [radius, radius]


@given(st.integers(0, 1000), st.integers(1, 7))
@settings(max_examples=15)
def test_extinction_is_scattering_and_absorption(seed, n):
    where, radii = cluster(seed, n)
    for light in ({}, {"polarization": [0.6, 0.8, 0]}):
        found = cross_sections(where, radii, WAVELENGTH, **light)
        np.testing.assert_allclose(found.extinction, found.scattering + found.absorption, rtol=1e-9)
        assert np.all(found.scattering > 0)
        assert np.all(found.absorption > 0)


def test_scattering_is_the_power_in_the_far_field():
    """The amplitude k^2 sum_j (1 - n n) p_j exp(-i k n.r_j) / 4 pi, squared, over all directions by quadrature."""
    where, radii = cluster(3, 4)
    wavelength, medium = 600.0, 1.25
    k = 2 * np.pi * medium / wavelength
    from latscape.physics.plasmon.coupled import propagators
    from latscape.physics.plasmon.polarizability import mie_dipole

    alpha = np.repeat(mie_dipole(radii, k, gold(wavelength) / medium**2), 3)
    green = propagators(where[None], np.array([k]))[0][0, 0]
    light = (np.exp(1j * k * where[:, 2])[:, None] * np.array([1.0, 0, 0])).ravel()
    dipoles = np.linalg.solve(np.diag(1 / alpha) - green, light).reshape(-1, 3)
    cosine, weight = np.polynomial.legendre.leggauss(24)
    phi = np.arange(48) * 2 * np.pi / 48
    sine = np.sqrt(1 - cosine**2)
    out = np.stack([np.outer(sine, np.cos(phi)), np.outer(sine, np.sin(phi)), np.outer(cosine, np.ones(48))], axis=-1)
    field = np.einsum("abi,ij->abj", np.exp(-1j * k * out @ where.T), dipoles)
    across = field - out * (field * out).sum(axis=-1, keepdims=True)
    power = (k**2 / (4 * np.pi)) ** 2 * (np.abs(across) ** 2).sum(axis=-1)
    exact = (weight[:, None] * power).sum() * 2 * np.pi / 48
    found = cross_sections(where, radii, wavelength, polarization=[1, 0, 0])
    assert found.scattering[0] == pytest.approx(exact, rel=1e-9)


def test_the_average_over_orientations_is_that_over_plane_waves():
    where, radii = cluster(5, 3)
    cosine, weight = np.polynomial.legendre.leggauss(12)
    phi = np.arange(24) * 2 * np.pi / 24
    goes, fields, weights = [], [], []
    for c, w in zip(cosine, weight, strict=True):
        for angle in phi:
            s = np.sqrt(1 - c**2)
            goes += 2 * [[s * np.cos(angle), s * np.sin(angle), c]]
            fields += [[c * np.cos(angle), c * np.sin(angle), -s], [-np.sin(angle), np.cos(angle), 0]]
            weights += 2 * [w / 2 / 24 / 2]
    each = cross_sections(where, radii, WAVELENGTH, polarization=fields, direction=goes)
    for mean, areas in zip(cross_sections(where, radii, WAVELENGTH), each, strict=True):
        np.testing.assert_allclose(mean, np.array(weights) @ areas, rtol=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_extinction_is_the_same_from_the_other_side(seed):
    """Reciprocity: the forward amplitude does not change when the wave goes backwards."""
    where, radii = cluster(seed, 4)
    forth, back = (
        cross_sections(where, radii, WAVELENGTH, polarization=[1, 0, 0], direction=[0, 0, z]).extinction
        for z in (1, -1)
    )
    np.testing.assert_allclose(forth, back, rtol=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_cluster_and_wave_may_turn_together(seed):
    where, _ = cluster(seed, 4)
    semiaxes = numpy_generator(seed, "rods").uniform(10, 30, size=(4, 3))
    axes = Rotation.random(4, rng=numpy_generator(seed, "axes")).as_matrix()
    turn = Rotation.random(rng=numpy_generator(seed, "turn")).as_matrix()
    light = {"polarization": [0, 1, 0], "direction": [1, 0, 0]}
    turned = {name: turn @ np.array(vector) for name, vector in light.items()}
    for one, other in ((light, turned), ({}, {})):
        here = cross_sections(where, semiaxes, WAVELENGTH, axes=axes, **one)
        there = cross_sections(where @ turn.T, semiaxes, WAVELENGTH, axes=axes @ turn.T, **other)
        np.testing.assert_allclose(here, there, rtol=1e-9)


def test_clusters_solved_together_are_those_solved_alone():
    places, sizes = np.full((3, 4, 3), 7.0), np.zeros((3, 4))  # absent particles lie on one another
    for row, n in enumerate((1, 4, 2)):
        places[row, :n], sizes[row, :n] = cluster(row, n)
    together = cross_sections(places, sizes, WAVELENGTH, polarization=[[1, 0, 0], [0, 1, 0]]).scattering
    assert together.shape == (3, 2, 4)
    for row, n in enumerate((1, 4, 2)):
        alone = cross_sections(*cluster(row, n), WAVELENGTH, polarization=[[1, 0, 0], [0, 1, 0]]).scattering
        np.testing.assert_allclose(together[row], alone, rtol=1e-12)


def test_a_dimer_shifts_to_the_red_along_and_to_the_blue_across():
    lone = FINE[cross_sections([[0, 0, 0]], [30.0], FINE, polarization=[1, 0, 0]).extinction.argmax()]
    previous = lone
    for gap in (2.0, 1.0, 0.5):
        both = cross_sections(*pair(gap), FINE, polarization=[[1, 0, 0], [0, 1, 0]]).extinction
        along, across = FINE[both.argmax(axis=-1)]
        assert along > previous
        assert across < lone
        previous = along


def multipoles(gap, order, m):
    """Polarizability over a^3 of one of two equal small gold spheres, with multipoles up to `order` (quasi-static).

    Coefficients of the outgoing multipoles in frames that mirror each other: a field along the axis (m = 0) or across
    (m = 1), B_l = alpha_l (delta_l1 +- sum_l' C(l + l', l + m) B_l' / R^(l + l' + 1)), radius 1.
    """
    eps, l = (gold(FINE) / 1.25**2)[:, None], np.arange(1, order + 1)
    alpha = l * (eps - 1) / (l * eps + l + 1)
    orders = l[:, None] + l
    coupling = (1 if m == 0 else -1) * comb(orders, l[:, None] + m) / (2.0 + gap) ** (orders + 1)
    right = np.zeros((len(FINE), order, 1), dtype=complex)
    right[:, 0, 0] = alpha[:, 0]
    return np.linalg.solve(np.eye(order) - alpha[:, :, None] * coupling, right)[:, 0, 0]


@pytest.mark.parametrize(("m", "polarization"), [(0, [1, 0, 0]), (1, [0, 1, 0])])
def test_small_spheres_are_those_of_the_multipole_solution_cut_after_dipoles(m, polarization):
    radius = 0.5  # much smaller than any wavelength
    k = 2 * np.pi * 1.25 / FINE
    found = cross_sections(*pair(0.5, radius), FINE, polarization=polarization).extinction
    exact = 2 * k * (4 * np.pi * radius**3 * multipoles(0.5, 1, m)).imag
    np.testing.assert_allclose(found, exact, rtol=2e-3)


def test_the_gap_that_is_stated_is_valid_and_a_smaller_one_is_not():
    def peaks(gap, m):
        return [FINE[np.abs(multipoles(gap, order, m)).argmax()] for order in (1, 30)]

    for gap in (0.5, 1.0):
        for m in (0, 1):
            dipoles, full = peaks(gap, m)
            assert abs(full - dipoles) <= 3
            heights = [np.abs(multipoles(gap, order, m)).max() ** 2 for order in (1, 30)]
            assert heights[0] == pytest.approx(heights[1], rel=0.05)
    dipoles, full = peaks(0.1, 0)
    assert full - dipoles > 25  # [nm]
    assert np.allclose(multipoles(0.1, 30, 0), multipoles(0.1, 60, 0), rtol=0.01)  # the full solution has converged


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"radii": [30.0]}, "positions"),
        ({"radii": [50.0, 50.0]}, "overlap"),
        ({"polarization": [0, 0, 1]}, "perpendicular"),
        ({"axes": np.eye(3)}, "axes"),
    ],
)
def test_what_does_not_fit_is_said(change, said):
    given = {"positions": [[0, 0, 0], [80, 0, 0]], "radii": [30.0, 30.0], "wavelength": WAVELENGTH} | change
    with pytest.raises(InputError, match=said):
        cross_sections(**given)
