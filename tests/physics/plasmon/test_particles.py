"""Single particles against Mie theory (another program), closed forms and what was measured."""

import miepython
import numpy as np
import pytest
from scipy.integrate import quad

from latscape.errors import InputError
from latscape.physics.plasmon import cross_sections, depolarization, gold, long_wavelength, mie_dipole, silver

WAVELENGTH = np.arange(440.0, 800.0, 2.0)
MEDIUM = 1.25


def mie(radius):
    """Extinction and scattering by miepython, whose absorbing spheres have Im(m) < 0."""
    m = np.conj(np.sqrt(gold(WAVELENGTH))) / MEDIUM
    extinction, scattering, _, _ = miepython.efficiencies_mx(m, 2 * np.pi * radius * MEDIUM / WAVELENGTH)
    return extinction * np.pi * radius**2, scattering * np.pi * radius**2


@pytest.mark.parametrize("radius", [5.0, 20.0, 40.0, 60.0])
def test_a_sphere_scatters_as_by_mie_theory(radius):
    found = cross_sections([[0, 0, 0]], [radius], WAVELENGTH)
    _, scattering = mie(radius)
    peak = scattering.argmax()
    assert WAVELENGTH[found.scattering.argmax()] == WAVELENGTH[peak]
    assert found.scattering[peak] == pytest.approx(scattering[peak], rel=0.004)
    np.testing.assert_allclose(found.scattering, scattering, rtol=0.07)  # quadrupoles, far from the peak


@pytest.mark.parametrize("radius", [10.0, 40.0])
def test_its_extinction_lacks_the_quadrupole_only(radius):
    found, (extinction, _) = cross_sections([[0, 0, 0]], [radius], WAVELENGTH), mie(radius)
    assert found.extinction.max() == pytest.approx(extinction.max(), rel=0.02)
    assert np.all(found.extinction < extinction * (1 + 1e-6))  # every multipole takes something


def test_the_long_wavelength_form_meets_mie_for_small_spheres():
    for radius, tolerance in ((10.0, 0.03), (20.0, 0.12)):
        _, scattering = mie(radius)
        almost = [radius, radius, radius * (1 + 1e-6)]
        found = cross_sections([[0, 0, 0]], [almost], WAVELENGTH).scattering
        assert found.max() == pytest.approx(scattering.max(), rel=tolerance)
        assert abs(WAVELENGTH[found.argmax()] - WAVELENGTH[scattering.argmax()]) <= 2


@pytest.mark.parametrize("alpha", [lambda k: mie_dipole(30.0, k, 4.0), lambda k: long_wavelength([40, 20, 10], k, 4.0)])
def test_what_does_not_absorb_gives_back_all_it_takes(alpha):
    k = 0.012
    np.testing.assert_allclose((-1 / alpha(k)).imag, k**3 / (6 * np.pi), rtol=1e-9)


def test_depolarization_is_the_integral_and_sums_to_one():
    a = np.array([40.0, 17.0, 11.0])
    for axis in range(3):

        def integrand(s, axis=axis):
            return 1 / ((s + a[axis] ** 2) * np.sqrt(np.prod(s + a**2)))

        exact = a.prod() / 2 * (quad(integrand, 0, 1e3)[0] + quad(integrand, 1e3, np.inf)[0])
        assert depolarization(a)[axis] == pytest.approx(exact, rel=1e-6)
    assert depolarization(a).sum() == pytest.approx(1.0, rel=1e-12)


def test_a_rod_is_red_along_and_blue_across():
    rod = cross_sections([[0, 0, 0]], [[40, 15, 15]], WAVELENGTH, polarization=[[1, 0, 0], [0, 1, 0]]).extinction
    along, across = WAVELENGTH[rod.argmax(axis=-1)]
    assert along > 600 > 530 > across


def test_permittivity_is_the_table_at_its_points_and_smooth_between():
    assert gold(659.5) == pytest.approx((0.14 + 3.697j) ** 2)
    assert silver(659.5) == pytest.approx((0.05 + 4.483j) ** 2)
    assert np.all(gold(WAVELENGTH).imag > 0)
    assert np.all(np.abs(np.diff(gold(WAVELENGTH))) < 0.5)
    with pytest.raises(InputError, match="188 to 1937 nm"):
        gold([500.0, 2500.0])
