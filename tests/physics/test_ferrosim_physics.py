"""What the physics demands of FerroSIM."""

import numpy as np
import pytest

from latscape.physics.ferrosim import (
    FerroSIM,
    coercive_field,
    curl,
    curl_sum,
    domain_walls,
    landau,
    loop_area,
    normalized_curl_sum,
    random_bonds,
    random_field,
)
from latscape.physics.ferrosim.local import LOCAL


@pytest.mark.parametrize("local", sorted(LOCAL))
@pytest.mark.parametrize("form", ["mean", "difference"])
@pytest.mark.parametrize("edges", ["open", "periodic"])
def test_the_energy_never_rises_in_a_constant_field(local, form, edges):
    simulator = FerroSIM(
        8,
        local,
        form=form,
        edges=edges,
        coupling=0.4,
        depolarization=0.5,
        field=random_field(8),
        bonds=random_bonds(8),
        start="random",
        precision="double",
    )
    run = simulator.run(np.full((1, 400, 2), [0.2, -0.7]), keep=1)
    energy = simulator.energy(run.frames[0], np.full((400, 2), [0.2, -0.7]))
    assert (np.diff(energy) <= 1e-12).all()
    assert energy[0] - energy[-1] > 1.0


@pytest.mark.parametrize("local", ["uniaxial", "squareelectric", "tetragonal"])
def test_the_quasi_static_coercive_field_equals_the_closed_form(local):
    """Without coupling a site turns over where its energy's slope is extreme; a slow field is late by rate^(2/3)."""
    expected = landau(local).coercive_field
    lags = []
    for steps in (80_000, 640_000):  # eight times slower: a quarter of the lag
        t = np.linspace(0, 2 * np.pi, steps)
        simulator = FerroSIM(2, local, coupling=0.0, depolarization=0.0, dt=0.05, start="remanent", precision="double")
        run = simulator.run(-1.5 * expected * np.sin(t))
        lags.append(coercive_field(run.field[0, :, 1], run.mean[0, :, 1]) / expected - 1)
    assert 0 < lags[1] < 0.01
    assert lags[0] / lags[1] == pytest.approx(4.0, rel=0.15)


def test_the_named_coercive_field():
    """(2/3) |a1| sqrt(|a1| / (3 a2)) with the reference program's a1, a2."""
    assert landau("uniaxial").coercive_field == pytest.approx(2 / 3 * 1.85 * np.sqrt(1.85 / 3.75))


@pytest.mark.parametrize("local", sorted(LOCAL))
def test_field_and_state_may_be_flipped_together(local):
    field, start = random_field(6, seed=1), 0.2 * random_field(6, 1.0, seed=2)
    start[0] *= landau(local).axes == "xy"
    E = 2 * np.sin(np.linspace(0, 7, 300))[None, :, None] * [0.5, 1.0]
    options = {"bonds": random_bonds(6), "precision": "double"}
    run = FerroSIM(6, local, field=field, start=start, **options).run(E)
    mirrored = FerroSIM(6, local, field=-field, start=-start, **options).run(-E)
    np.testing.assert_allclose(mirrored.final, -run.final, rtol=0, atol=1e-12)


def test_the_lattice_may_be_turned_with_the_vectors():
    """Transposing the sites and exchanging the components is a symmetry of the square lattice and of the energy."""
    field = random_field(6, seed=1)
    E = 2 * np.sin(np.linspace(0, 7, 300))[None, :, None] * [0.5, 1.0]
    run = FerroSIM(6, field=field, precision="double").run(E)
    turned = FerroSIM(6, field=field[::-1].swapaxes(1, 2), precision="double").run(E[..., ::-1])
    np.testing.assert_allclose(turned.final, run.final[:, ::-1].swapaxes(2, 3), rtol=0, atol=1e-12)
    assert np.abs(run.final).max() > 0.1


@pytest.mark.parametrize(("integrator", "order"), [("euler", 1), ("rk4", 4)])
def test_halving_the_step_divides_the_error_by_two_to_the_order(integrator, order):
    """RK4 follows the straight lines between the fields, Euler the steps: each against many substeps of itself."""
    E = 3 * np.sin(np.linspace(0, 8, 41))[None]

    def final(substeps):
        options = {"integrator": integrator, "substeps": substeps, "precision": "double"}
        return FerroSIM(4, field=random_field(4), start="random", **options).run(E).final

    exact = final(4096 if order == 1 else 64)
    errors = [np.abs(final(substeps) - exact).max() for substeps in (2, 4, 8)]
    measured = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(measured, order, atol=0.25)


def test_the_two_forms_of_coupling_agree_in_the_bulk():
    """Periodic lattices have no edge: K |p_i - p_j|^2 over all sites and neighbours is 16 times the other form's K."""
    E = 2 * np.sin(np.linspace(0, 7, 200))
    options = {"edges": "periodic", "field": random_field(6), "precision": "double"}
    mean = FerroSIM(6, coupling=1.6, form="mean", **options).run(E)
    difference = FerroSIM(6, coupling=0.1, form="difference", **options).run(E)
    np.testing.assert_allclose(mean.final, difference.final, rtol=0, atol=1e-12)


def test_depolarization_shrinks_the_mean():
    E = np.full((3, 400), 2.0)
    means = FerroSIM(8, depolarization=[0.0, 2.0, 4.0]).run(E).mean[:, -1, 1]
    assert (np.diff(means) < 0).all()


def test_without_disorder_a_field_along_y_leaves_px_and_the_curl_at_the_edges():
    run = FerroSIM(10, precision="double").run(2 * np.sin(np.linspace(0, 6, 400)))
    assert not run.final[0, 0].any()
    uniform = FerroSIM(10, edges="periodic", precision="double").run(2 * np.sin(np.linspace(0, 6, 400)))
    assert curl_sum(uniform.final)[0] == pytest.approx(0.0, abs=1e-12)
    assert curl_sum(run.final)[0] > 1e-3  # what is missing beyond an open edge pulls there
    disordered = FerroSIM(10, field=random_field(10)).run(2 * np.sin(np.linspace(0, 6, 400)))
    assert curl_sum(disordered.final)[0] > 10 * curl_sum(run.final)[0]


def test_a_poled_crystal_rests_at_the_remanent_polarization():
    for local in LOCAL:
        run = FerroSIM(3, local, coupling=0.0, depolarization=0.0, start="remanent").run(np.zeros(100))
        np.testing.assert_allclose(run.mean[0], run.mean[0, :1].repeat(100, axis=0), atol=1e-6)
        assert run.mean[0, -1, 1] == pytest.approx(landau(local).remanent, abs=1e-6)
        assert (run.mean[0, -1, 0] > 0) == landau(local).diagonal


def test_the_curl_of_a_vortex():
    """A rigid rotation turns by twice its rate everywhere; an irrotational vortex only in its middle."""
    y, x = np.mgrid[-5:6, -5:6].astype(float)
    rigid = np.stack([-0.3 * y, 0.3 * x])
    np.testing.assert_allclose(curl(rigid), 0.6)
    assert curl_sum(rigid) == pytest.approx(0.6 * 121)
    gradient = np.stack([2 * x * y, x**2])  # of x^2 y: no curl
    np.testing.assert_allclose(curl(gradient)[1:-1, 1:-1], 0.0, atol=1e-12)
    assert normalized_curl_sum(7 * rigid) == pytest.approx(normalized_curl_sum(rigid))


def test_the_curl_of_a_periodic_lattice_knows_no_edge():
    p = random_field(8, 1.0)
    rolled = np.roll(p, (3, 2), axis=(1, 2))
    np.testing.assert_allclose(curl(rolled, periodic=True), np.roll(curl(p, periodic=True), (3, 2), axis=(0, 1)))


def test_walls_and_loops():
    p = np.zeros((2, 4, 6))
    p[0] = np.where(np.arange(6) < 3, 1.0, -1.0)
    assert domain_walls(p) == pytest.approx(4 / 38)
    t = np.linspace(0, 2 * np.pi, 2001)
    assert loop_area(np.sin(t), np.sin(t - 0.5)) == pytest.approx(np.pi * np.sin(0.5), rel=1e-4)
    assert coercive_field(np.sin(t), np.sin(t - 0.5)) == pytest.approx(np.sin(0.5), rel=1e-4)
    assert np.isnan(coercive_field([0, 1, 2], [1, 2, 3]))
