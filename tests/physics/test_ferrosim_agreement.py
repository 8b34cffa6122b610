"""FerroSIM against the runs of another program, and its three ways against each other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.physics.ferrosim import FerroSIM, energy, force, random_bonds, random_field
from latscape.physics.ferrosim.differentiable import as_tensors, follow
from latscape.physics.ferrosim.local import LOCAL

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason=f"no reference runs in {REFERENCE}")
SIZE = (5, 7)


def disordered(**options):
    """A simulator in which nothing is symmetric."""
    given = {
        "size": SIZE,
        "coupling": 1.3,
        "depolarization": 0.4,
        "field": random_field(SIZE, 0.5, seed=1),
        "start": "random",
        "dt": 0.004,
        "precision": "double",
    }
    return FerroSIM(**(given | options))


def histories(batch=3, steps=40, seed=0):
    t = np.linspace(0, 1, steps)[:, None]
    amplitude, phase = np.random.default_rng(seed).normal(size=(2, batch, 1, 2))
    return 3 * amplitude * np.sin(6 * t + 3 * phase)


@needs_reference
@pytest.mark.parametrize(
    ("name", "half", "options"),
    [
        ("ferrosim_20x20", 475, {"coupling": 1.0, "depolarization": 0.2}),
        ("ferrosim_12x12_disorder", 250, {"coupling": 1.4, "depolarization": 0.35}),
    ],
)
def test_agrees_with_the_reference_program(name, half, options):
    stored = np.load(REFERENCE / f"{name}.npz")
    field = stored.get("E_random")
    size = stored["P_initial"].shape[1]
    simulator = FerroSIM(size, start=stored["P_initial"], field=field, precision="double", **options)
    run = simulator.run(stored["E"][None], keep=[half])
    np.testing.assert_allclose(run.final[0], stored["P_final"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.frames[0, 0], stored["P_half"], rtol=0, atol=1e-9)
    single = replace(simulator, precision="single").run(stored["E"][None])
    np.testing.assert_allclose(single.final[0], stored["P_final"], rtol=0, atol=2e-6)


@given(
    local=st.sampled_from(sorted(LOCAL)),
    form=st.sampled_from(["mean", "difference"]),
    edges=st.sampled_from(["open", "periodic"]),
    bonds=st.booleans(),
    coupling=st.floats(-2, 2),
    depolarization=st.floats(0, 3),
    seed=st.integers(0, 100),
)
def test_the_force_is_minus_the_gradient_of_the_energy(local, form, edges, bonds, coupling, depolarization, seed):
    factors = random_bonds(SIZE, 0.3, seed=[seed, seed + 1]) if bonds else None
    simulator = disordered(
        local=local, form=form, edges=edges, bonds=factors, coupling=coupling, depolarization=depolarization
    )
    lattice = as_tensors(simulator.lattice())
    generator = np.random.default_rng(seed)
    p = torch.tensor(generator.normal(size=(2, 2, *SIZE)), requires_grad=True)
    E = torch.tensor(generator.normal(size=(2, 2)))
    (gradient,) = torch.autograd.grad(energy(p, E, lattice).sum(), p)
    expected = -gradient * lattice.active[:, None, None]
    torch.testing.assert_close(force(p, E, lattice), expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(simulator.force(p.detach(), E), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("local", sorted(LOCAL))
@pytest.mark.parametrize("form", ["mean", "difference"])
@pytest.mark.parametrize("edges", ["open", "periodic"])
@pytest.mark.parametrize("bonds", [False, True])
@pytest.mark.parametrize(("integrator", "substeps"), [("euler", 1), ("euler", 2), ("rk4", 2)])
def test_the_kernel_follows_the_force(local, form, edges, bonds, integrator, substeps):
    factors = random_bonds(SIZE, 0.3, seed=2) if bonds else None
    simulator = disordered(
        local=local, form=form, edges=edges, bonds=factors, coupling=0.3, integrator=integrator, substeps=substeps
    )
    E = histories()
    expected = follow(simulator, torch.tensor(E))
    run = simulator.run(E, threads=2)
    np.testing.assert_allclose(run.final, expected.final, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.mean, expected.mean, rtol=0, atol=1e-12)


def test_every_parameter_may_differ_between_the_histories_of_a_batch():
    local = [LOCAL["tetragonal"](), LOCAL["rhombohedral"](), LOCAL["squareelectric"]()]
    many = {
        "local": local,
        "coupling": [0.5, 1.0, 2.0],
        "depolarization": [0.0, 0.2, 0.4],
        "field": random_field(SIZE, 0.5, seed=[1, 2, 3]),
        "bonds": random_bonds(SIZE, 0.3, seed=[4, 5, 6]),
        "start": np.random.default_rng(0).normal(size=(3, 2, *SIZE)) / 5,
    }
    E = histories()
    together = disordered(**many).run(E, keep=20)
    for k in range(3):
        alone = disordered(**{name: values[k] for name, values in many.items()}).run(E[[k]], keep=20)
        np.testing.assert_array_equal(together.frames[k], alone.frames[0])
        np.testing.assert_array_equal(together.mean[k], alone.mean[0])


def test_gradients_with_respect_to_the_history_equal_differences():
    simulator = disordered(bonds=random_bonds(SIZE, 0.3), integrator="rk4")
    E = torch.tensor(histories(batch=1, steps=12), requires_grad=True)
    weights = torch.tensor(np.random.default_rng(3).normal(size=(1, 2, *SIZE)))
    (weights * follow(simulator, E).final).sum().backward()
    shift, numeric = 1e-5, np.zeros((12, 2))
    for index in np.ndindex(numeric.shape):
        high, low = E.detach().numpy().copy(), E.detach().numpy().copy()
        high[0][index] += shift
        low[0][index] -= shift
        difference = simulator.run(high).final - simulator.run(low).final
        numeric[index] = (weights.numpy() * difference).sum() / (2 * shift)
    assert np.abs(numeric).max() > 1e-4
    np.testing.assert_allclose(E.grad[0], numeric, rtol=1e-5, atol=1e-8)


def test_a_term_of_ones_own_is_part_of_the_energy():
    """A term -f . p is a field; the quartic one of the tetragonal energy can be added to a polynomial without it."""
    simulator, E = disordered(), histories()
    extra = torch.tensor([0.3, -0.2], dtype=torch.float64)[:, None, None]
    shifted = follow(simulator, torch.tensor(E), terms=[lambda p: -(extra * p).sum((1, 2, 3))])
    np.testing.assert_allclose(shifted.final, simulator.run(E + np.array([0.3, -0.2])).final, rtol=0, atol=1e-12)
    whole = LOCAL["tetragonal"]()
    crossless = disordered(local=replace(whole, alpha3=0.0))
    added = follow(crossless, torch.tensor(E), terms=[lambda p: 40.0 * (p[:, 0] * p[:, 1]).square().sum((1, 2))])
    np.testing.assert_allclose(added.final, simulator.run(E).final, rtol=0, atol=1e-12)
