"""A name or an option that is not there is answered with the one that is meant."""

from importlib import import_module

import pytest

import latscape as ls
from latscape.campaign import Trial
from latscape.name_hints import ATTRIBUTES, NAMES
from latscape.signals import Axis
from test_public_face import ROOMS

#: Names that rooms exported in 0.1.0, by the module that has them now.
PRIVATE_NAMES = {
    "latscape.campaign.acquire": "resolve_acquisition",
    "latscape.campaign.choice": "optimize_acquisition propose_candidates",
    "latscape.campaign.evaluate": "run_evaluator",
    "latscape.campaign.events": "CampaignEnded CampaignStarted CandidatesProposed EvaluationEnded EvaluationStarted",
    "latscape.campaign.result": "PosteriorBest",
    "latscape.data.card_images": "Cards SUITS SYMMETRY",
    "latscape.data.check": "check_images check_samples",
    "latscape.data.domain_frames": "DomainMovie",
    "latscape.data.domain_images": "Domains",
    "latscape.data.lattices": "CRYSTALS Lattice",
    "latscape.data.spectra": "Spectra",
    "latscape.gp.mixture": "Mixture",
    "latscape.gp.surrogate": "refit",
    "latscape.lab.descriptors": "pixels",
    "latscape.lab.diffraction": "charge_density",
    "latscape.lab.experiment": "log_scalarizer",
    "latscape.lab.policy": "Direct Grid Inverse Policy bright_spots grid",
    "latscape.lab.scenes": "SCENES",
    "latscape.parts.builtin": "BUILTIN PartKind",
    "latscape.parts.grammar": "parse_number part_description part_maker part_syntax",
    "latscape.parts.registry": "PartEntry identify_part registered_parts",
    "latscape.patches.atoms": "Atoms",
    "latscape.patches.decompositions": "Baseline",
    "latscape.patches.image": "flattened",
    "latscape.patches.structure": "Moran",
    "latscape.patches.walls": "WallTraits Walls",
    "latscape.patches.windows": "grid",
    "latscape.physics.ferrosim.local": "LOCAL rhombohedral squareelectric tetragonal uniaxial",
    "latscape.physics.ferrosim.observables": "crossings magnitude normalized",
    "latscape.physics.ferrosim.run": "FerroSIMRun",
    "latscape.physics.plasmon.assembly": "Clusters",
    "latscape.physics.plasmon.coupled": "CrossSections",
    "latscape.plot.styling": "colorbar",
    "latscape.signals.axis": "COLOUR",
    "latscape.signals.stored": "is_lazy",
    "latscape.runs.kind": "run_kinds",
    "latscape.runs.panels": "on_axes",
    "latscape.runs.run": "computed_once",
}


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: ls.rvae(cycles=3), "rvae() has no option 'cycles'; did you mean 'epochs'?"),
        (lambda: ls.rvae(latent_dim=3), "did you mean 'latent'?"),
        (lambda: ls.jrvae(3, starts=8), "did you mean 'n_orientations'?"),
        (lambda: ls.jrvae(n_classes=3), "did you mean 'classes'?"),
        (lambda: ls.VAE(held_out=0.1), "did you mean 'validation'?"),
        (lambda: ls.VAE(epoch=1), "did you mean 'epochs'?"),
        (lambda: ls.dual_vae(lr=1e-3), "did you mean 'learning_rate'?"),
        (lambda: ls.vae().fit([[0.0]], on_cycle=print), "did you mean 'on_epoch'?"),
        (lambda: ls.Campaign(ls.Box([(0, 1)])).run(float, starts=3), "did you mean 'n_initial'?"),
        (lambda: ls.TrajectorySpace([ls.segments_family()], cycles=3), "did you mean 'epochs'?"),
        (lambda: ls.Rotation(0.3, starts=8), "Rotation() has no option 'starts'; did you mean 'n_orientations'?"),
        (lambda: ls.gp.StructuredGP(abs, {}, starts=2), "did you mean 'n_restarts'?"),
        (lambda: ls.lab.Measurement(1.0, image=[[0.0]]), "did you mean 'new_image'?"),
        (lambda: ls.vae(colour="red"), "vae() has no option 'colour'"),
    ],
)
def test_an_unknown_option_is_answered(call, meant):
    with pytest.raises(TypeError) as refused:
        call()
    assert meant in str(refused.value)
    assert meant.endswith("'colour'") == ("did you mean" not in str(refused.value))


@pytest.mark.parametrize(
    ("room", "name", "meant"),
    [
        (ls, "rVAE", "module 'latscape' has no attribute 'rVAE'; did you mean rvae?"),
        (ls, "Campain", "did you mean Campaign?"),
        (ls.campaign, "Worse", "it is latscape.campaign.PercentilePruner now"),
        (ls.gp, "Seldom", "it is latscape.gp.RefitOnGrowth now"),
        (ls.lab, "Desk", "it is latscape.lab.AskTellSession now"),
        (ls.lab, "qwertz", "module 'latscape.lab' has no attribute 'qwertz'"),
    ],
)
def test_an_unknown_name_is_answered(room, name, meant):
    with pytest.raises(AttributeError) as refused:
        getattr(room, name)
    assert meant in str(refused.value)
    assert meant.endswith("'qwertz'") or ";" in str(refused.value)


AXIS, SCAN = Axis.at("bias", [0.0, 1.0], "V"), ls.lab.synthetic.domains(8)


@pytest.mark.parametrize(
    ("thing", "name", "meant"),
    [
        (Trial(0, seed=0), "hopeless", "'Trial' object has no attribute 'hopeless'; did you mean 'should_prune'?"),
        (AXIS, "x", "did you mean 'positions'?"),
        (AXIS, "unit", "did you mean 'units'?"),
        (AXIS, "values", "did you mean 'positions'?"),
        (
            ls.lab.Measurement([1.0, 2.0], (AXIS,)),
            "y",
            "'Measurement' object has no attribute 'y'; did you mean 'values'?",
        ),
        (SCAN, "values", "did you mean 'measurements'?"),
        (SCAN, "image_label", "did you mean 'image'?"),
        (AXIS, "qwertz", "'Axis' object has no attribute 'qwertz'"),
    ],
)
def test_an_old_or_misspelt_attribute_is_answered(thing, name, meant):
    with pytest.raises(AttributeError) as refused:
        getattr(thing, name)
    assert meant in str(refused.value)


def test_every_new_attribute_is_one():
    for now in ATTRIBUTES:
        assert any(hasattr(one, now) for one in (Trial(0, 0), AXIS, SCAN, ls.lab.Measurement(1.0))), now


@pytest.mark.parametrize(
    ("statement", "meant"),
    [
        ("from latscape.campaign import Outcome", "; it is latscape.campaign.EvaluationResult now"),
        ("from latscape.gp import Exact", "; it is latscape.gp.ExactGP now"),
        ("from latscape import rVAE", "cannot import name 'rVAE' from 'latscape'; did you mean rvae?"),
        ("from latscape.plot import colorbar", "from latscape.plot.styling import colorbar"),
        ("from latscape.plot import qwertz", "cannot import name 'qwertz' from 'latscape.plot'"),
    ],
)
def test_an_import_of_an_unknown_name_is_answered(statement, meant):
    with pytest.raises(ImportError) as refused:
        exec(statement, {})
    assert meant in str(refused.value)
    exec("from latscape.campaign import events, record", {})  # modules are imported as ever


def test_every_new_name_is_one_and_no_old_one_is():
    places = [import_module(module) for module in [*ROOMS, *PRIVATE_NAMES]]
    rooms = places[: len(ROOMS)]
    for now, others in NAMES.items():
        assert any(hasattr(place, now) for place in places), now
        for name in others:
            with pytest.raises(AttributeError, match=rf"\b{now}\b"):
                next(getattr(room, name) for room in rooms if hasattr(room, now) or _private(room, now))


def _private(room, name):
    mine = (names for place, names in PRIVATE_NAMES.items() if place.rpartition(".")[0] == room.__name__)
    return any(name in names.split() for names in mine)


@pytest.mark.parametrize(("module", "names"), PRIVATE_NAMES.items())
def test_a_name_that_left_a_room_is_answered_with_its_module(module, names):
    room = import_module(module.rpartition(".")[0])
    for name in names.split():
        assert name not in room.__all__
        assert hasattr(import_module(module), name)
        for called in (name, *NAMES.get(name, ())):
            with pytest.raises(AttributeError, match=f"from {module} import {name}$"):
                getattr(room, called)
