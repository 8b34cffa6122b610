"""Options as words become the models that their presets would be."""

import json
import math

import numpy as np
import pytest

import latscape as ls
from latscape.curves import as_array
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.studies.models import DECODERS, ENCODERS, PRESETS, ModelOptions
from latscape.studies.schedule import schedule


def built(model, shape=(8, 8), **options):
    return ModelOptions(model, **options).build(shape, 1.0)


@pytest.mark.parametrize(
    ("model", "options", "preset"),
    [
        ("ae", {}, ls.ae()),
        ("vae", {"latent": 3, "cycles": 7}, ls.vae(latent=3, cycles=7)),
        ("rvae", {"angle": 0.5, "shift": 0.2}, ls.rvae(angle=0.5, shift=0.2)),
        ("shift_vae", {}, ls.shift_vae(dimensions=2)),
        ("ssvae", {"classes": 4}, ls.ssvae(4)),
        ("ssrvae", {"classes": 4, "scale": 0.3}, ls.ssrvae(4, scale=0.3)),
        ("cvae", {"classes": 4}, ls.cvae(classes=4)),
        ("ved", {}, ls.ved()),
        ("jvae", {"classes": 3, "beta_c": "2", "beta_d": "1"}, ls.jvae(3, beta_c=2.0, beta_d=1.0)),
    ],
)
def test_what_is_not_given_is_the_presets(model, options, preset):
    assert built(model, **options).get_params(deep=False) == preset.get_params(deep=False)


@pytest.mark.parametrize("model", ["jvae", "jrvae"])
def test_joint_models_cool_down_as_people_do_by_hand(model):
    made = built(model, classes=4)
    np.testing.assert_allclose(as_array(made.beta_c, 120), as_array(ls.cooldown(40, 3, 1 / 12, 5 / 12), 120))
    assert made.beta_d == 3.0


def test_the_pose_of_curves_and_of_a_full_turn():
    assert built("shift_vae", (30,), shift=0.2).pose == (Shift(0.2),)
    every = {"angle": math.inf, "shift": 0.1, "scale": 0.2, "shear": 0.3}
    assert built("jrvae", classes=2, **every).pose == (Rotation(math.inf), Translation(0.1), Scale(0.2), Shear(0.3))


def test_every_part_has_a_name():
    for name, kind in ENCODERS.items():
        assert built("vae", encoder=name).encoder == kind()
    for name, kind in DECODERS.items():
        assert built("rvae", decoder=name).decoder == kind()
    assert built("vae", sigma=0.2).likelihood == ls.Gaussian(0.2)
    assert ModelOptions("vae", likelihood="poisson").build((8, 8), 37.0).likelihood == ls.Poisson(exposure=37.0)


def test_options_survive_json():
    options = ModelOptions("jrvae", classes=3, angle=math.inf, beta_c="linear:0,1/2")
    assert ModelOptions.from_dict(json.loads(json.dumps(options.as_dict(), allow_nan=False))) == options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "gan"}, "'gan'"),
        ({"model": "jrvae"}, "number of classes"),
        ({"model": "jrvae", "classes": 1}, "two classes"),
        ({"model": "rvae", "classes": 3}, "--classes 3"),
        ({"model": "vae", "angle": 1.0}, "--angle"),
        ({"model": "shift_vae", "scale": 1.0}, "--scale"),
        ({"model": "vae", "encoder": "warp"}, "'warp'"),
        ({"model": "vae", "decoder": "none"}, "'none'"),
        ({"model": "vae", "likelihood": "cauchy"}, "'cauchy'"),
        ({"model": "vae", "likelihood": "bernoulli", "sigma": 0.3}, "--sigma"),
        ({"model": "vae", "sigma": -1.0}, "--sigma"),
        ({"model": "vae", "beta_c": "warm:1,2"}, "'warm:1,2'"),
        ({"model": "vae", "device": "abacus"}, "'abacus'"),
    ],
)
def test_options_that_make_no_model_are_refused(refused, options, said):
    with refused() as error:
        ModelOptions(**options)
    assert said in str(error.value)


def test_curves_do_not_turn(refused):
    with refused() as error:
        built("jrvae", (30,), classes=2)
    assert "shift_vae" in str(error.value)


def test_every_preset_is_one_of_the_front_door():
    assert all(preset.build is getattr(ls, name) for name, preset in PRESETS.items())


@pytest.mark.parametrize(
    "text", ["", "cooldown", "cooldown:1", "linear:0,1,2,3,4,5", "linear:a,b", "1/0", "cooldown:1,2,3,4"]
)
def test_words_that_are_no_schedule_are_refused(refused, text):
    with refused():
        schedule(text)


@pytest.mark.parametrize(
    ("text", "curve"),
    [
        ("1e-1", 0.1),
        ("constant:2", ls.constant(2)),
        ("cooldown:40,3,0.1,0.4", ls.cooldown(40, 3, 0.1, 0.4)),
        ("periodic:0,2,1", ls.periodic(0, 2, 1)),
        ("damped_sine:1,-2,6,3", ls.damped_sine(1, -2, 6, 3)),
    ],
)
def test_words_and_the_schedules_they_stand_for(text, curve):
    assert schedule(text) == curve
