"""The deflection of a beam and what follows from it, against a potential that is known."""

import numpy as np
import pytest
from scipy import constants as si

from latscape.errors import EvaluationError, InputError
from latscape.lab import Axis, CentreOfMass, Measurement, Strain, field, potential
from latscape.lab.diffraction import centre_of_mass, charge_density, momentum_times_speed
from latscape.lab.synthetic import charged

ANGLE = np.linspace(-2, 2, 41)


def pattern(*spots, radius=0.3):
    """Soft discs of (row, column, intensity)."""
    rows, columns = np.meshgrid(ANGLE, ANGLE, indexing="ij")
    discs = [i / (1 + np.exp((np.hypot(rows - r, columns - c) - radius) / 0.03)) for r, c, i in spots]
    return Measurement(np.sum(discs, axis=0), (Axis.at("rows", ANGLE, "mrad"), Axis.at("columns", ANGLE, "mrad")))


def test_the_centre_of_a_shifted_disc_is_its_shift():
    found = pattern((0.6, -0.8, 1.0))
    np.testing.assert_allclose(centre_of_mass(found), [0.6, -0.8], atol=1e-3)
    assert CentreOfMass()(found) == pytest.approx(1.0, abs=1e-3)
    assert CentreOfMass("angle")(found) == pytest.approx(np.arctan2(0.6, -0.8), abs=1e-3)
    assert CentreOfMass("row", origin=(0.1, 0.0))(found) == pytest.approx(0.5, abs=1e-3)


def test_an_empty_pattern_and_a_spectrum_have_no_centre():
    with pytest.raises(EvaluationError, match="no intensity"):
        CentreOfMass()(pattern((0, 0, 0.0)))
    with pytest.raises(EvaluationError, match="two axes"):
        CentreOfMass()(Measurement([1.0, 2.0], (Axis("x", 2),)))


def test_momentum_times_speed_against_the_relativistic_formulas():
    gamma = 1 + 200e3 * si.e / (si.m_e * si.c**2)
    speed = si.c * np.sqrt(1 - 1 / gamma**2)
    assert momentum_times_speed(200.0) == pytest.approx(gamma * si.m_e * speed**2, rel=1e-12)


def test_field_potential_and_charge_of_a_plane_wave_are_the_closed_forms():
    n, pixel = 32, 1e-9
    rows, columns = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    k = 2 * np.pi * np.array([2, 3]) / (n * pixel)
    phase = (k[0] * rows + k[1] * columns) * pixel
    fields = np.stack([k[0] * np.sin(phase), k[1] * np.sin(phase)])  # E = -grad cos(phase)
    np.testing.assert_allclose(potential(fields, pixel), np.cos(phase), atol=1e-12)
    scale = si.epsilon_0 * (k**2).sum()
    np.testing.assert_allclose(charge_density(fields, pixel) / scale, np.cos(phase), atol=1e-12)
    with pytest.raises(InputError):
        potential(fields[0], pixel)


def test_the_centre_of_mass_of_a_simulated_scan_recovers_field_potential_and_charge():
    made = charged(size=32, counts=0.0, seed=3)
    com = np.array([centre_of_mass(made.scan.measurement(i)) for i in range(len(made.scan))])
    fields = field(1e-3 * com.T.reshape(2, 32, 32), made.kilovolts)
    assert np.abs(fields - made.fields).max() < 0.02 * np.abs(made.fields).max()
    phi = made.potential - made.potential.mean()
    assert np.abs(potential(fields, made.pixel) - phi).max() < 0.02 * np.abs(phi).max()
    rho = charge_density(made.fields, made.pixel)
    assert np.corrcoef(charge_density(fields, made.pixel).ravel(), rho.ravel())[0, 1] > 0.99
    assert abs(rho.sum()) < 1e-6 * np.abs(rho).sum()  # a periodic cell is neutral


def test_with_poisson_noise_the_field_is_found_within_its_error():
    """The centre of a disc of radius R from N electrons has the deviation R / (2 sqrt N) along an axis."""
    counts = 2000.0
    made, clean = charged(size=24, counts=counts, seed=1), charged(size=24, counts=0.0, seed=1)
    com, exact = (np.array([centre_of_mass(one.scan.measurement(i)) for i in range(576)]) for one in (made, clean))
    assert (com - exact).std() == pytest.approx(0.3 / (2 * np.sqrt(counts)), rel=0.15)


@pytest.mark.parametrize("what", ["rows", "columns", "shear", "dilation", "rotation"])
def test_strain_of_a_deformed_lattice(what):
    strain = np.array([[0.02, 0.005], [0.005, -0.01]])
    turn = np.array([[0.0, -0.004], [0.004, 0.0]])
    deform = np.eye(2) + strain + turn
    reference = np.array([[1.2, 0.2], [-0.1, 1.3]]).T  # spots as columns
    seen = np.linalg.inv(deform).T @ reference
    found = pattern((0.0, 0.0, 5.0), (*seen[:, 0], 1.0), (*seen[:, 1], 1.0))
    expected = {"rows": 0.02, "columns": -0.01, "shear": 0.005, "dilation": 0.01, "rotation": 0.004}[what]
    rule = Strain((1.2, 0.2), (-0.1, 1.3), radius=0.6, what=what)
    assert rule(found) == pytest.approx(expected, abs=1.5e-3)


def test_strain_needs_spots_off_one_line(refused):
    with refused():
        Strain((1.0, 0.0), (2.0, 0.0), 0.3)
