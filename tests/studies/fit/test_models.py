"""Options as words become the models that their presets would be."""

import json
import math

import numpy as np
import pytest

import latscape as ls
from latscape import parts
from latscape.autoencoders.terms import class_balance, mutual_information
from latscape.curves import as_array
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.nets.warp import WarpDecoder
from latscape.studies.shared.models import build, check, schedule
from latscape.studies.shared.options import ModelOptions


def built(model, shape=(8, 8), largest=1.0, **options):
    return build(ModelOptions(model=model, **options), shape, largest)


@pytest.mark.parametrize(
    ("model", "options", "preset"),
    [
        ("ae", {}, ls.ae()),
        ("vae", {"latent": 3, "epochs": 7}, ls.vae(latent=3, epochs=7)),
        ("rvae", {"angle": 0.5, "shift": 0.2}, ls.rvae(angle=0.5, shift=0.2)),
        ("shift_vae", {}, ls.shift_vae()),
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
    assert built("shift_vae", (30,), shift=0.2).transforms(1) == (Shift(0.2),)
    every = {"angle": math.inf, "shift": 0.1, "scale": 0.2, "shear": 0.3}
    factors = (Rotation(math.inf), Translation(0.1), Scale(0.2), Shear(0.3))
    assert built("jrvae", classes=2, **every).transforms(2) == factors
    assert built("vae", angle=0.5).transforms(2) == (Rotation(0.5),)


def test_every_part_has_a_name():
    for word in parts.part_words("encoder"):
        assert built("vae", encoder=word).encoder == parts.find_part("encoder", word).load()()
    for word in parts.part_words("decoder"):
        assert built("rvae", decoder=word).decoder == parts.find_part("decoder", word).load()()
    assert built("vae", likelihood="gaussian:0.2").likelihood == ls.Gaussian(0.2)
    assert built("vae", likelihood="poisson", largest=37.0).likelihood == ls.Poisson(exposure=37.0)
    assert built("vae", likelihood="poisson:5", largest=37.0).likelihood == ls.Poisson(exposure=5.0)


def test_words_reach_the_parts_of_a_model():
    made = built("rvae", encoder="dense:64+32,gelu", decoder="warp:rank=4", pose=("scale:0.3", "shear"))
    assert made.encoder == ls.DenseEncoder((64, 32), "gelu")
    assert made.decoder == WarpDecoder(rank=4)
    assert made.transforms(2) == (Rotation(), Scale(0.3), Shear())
    terms = built("jvae", classes=2, term=("mutual-information=linear:0,1", "class-balance=0.5", "class-balance")).terms
    assert terms == {"mutual-information": (mutual_information, ls.linear(0, 1)), "class-balance": (class_balance, 1.0)}
    rate = built("vae", learning_rate="cooldown:2e-3,1e-4,0.6").learning_rate
    assert rate == ls.cooldown(2e-3, 1e-4, 0.6)


def test_options_survive_json():
    options = ModelOptions(model="jrvae", classes=3, angle=math.inf, beta_c="linear:0,1/2")
    stored = json.loads(json.dumps(options.stored(), allow_nan=False))
    assert ModelOptions.restored(stored) == (options, "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "gan"}, "'gan'"),
        ({"model": "jrvae"}, "number of classes"),
        ({"model": "jrvae", "classes": 1}, "--classes of at least 2"),
        ({"model": "rvae", "classes": 3}, "--classes 3"),
        ({"model": "rvae", "angle": 0.0}, "--angle above 0"),
        ({"model": "vae", "encoder": "warp"}, "'warp'"),
        ({"model": "vae", "decoder": "lens"}, "'lens'"),
        ({"model": "vae", "encoder": "dense:64+wide"}, "hidden: whole numbers"),
        ({"model": "vae", "likelihood": "cauchy"}, "'cauchy'"),
        ({"model": "vae", "likelihood": "bernoulli:0.3"}, "bernoulli"),
        ({"model": "vae", "likelihood": "gaussian:-1"}, "sigma"),
        ({"model": "vae", "pose": ("twist",)}, "'twist'"),
        ({"model": "vae", "term": ("mine=1",)}, "'mine=1'"),
        ({"model": "vae", "term": ("mutual-information=much",)}, "--term mutual-information=1"),
        ({"model": "vae", "beta_c": "warm:1,2"}, "'warm:1,2'"),
        ({"model": "vae", "beta_c": "-1"}, "--beta-c of at least 0"),
        ({"model": "vae", "beta_d": "-0.1"}, "--beta-d of at least 0"),
        ({"model": "vae", "beta_pose": "inf"}, "--beta-pose"),
        ({"model": "vae", "learning_rate": "0"}, "--learning-rate above 0"),
        ({"model": "vae", "device": "abacus"}, "'abacus'"),
    ],
)
def test_options_that_make_no_model_are_refused(refused, options, said):
    with refused() as error:
        check(ModelOptions(**options))
    assert said in str(error.value)


@pytest.mark.parametrize("beta", ["linear:0,-1", "constant:-2", "cooldown:40,-3,0.1,0.4", "periodic:0,-2,1"])
def test_schedules_of_negative_weights_are_refused(refused, beta):
    with refused():
        check(ModelOptions(model="vae", beta_c=beta))


def test_curves_do_not_turn(refused):
    with refused() as error:
        built("jrvae", (30,), classes=2)
    assert "shift_vae" in str(error.value)


def test_every_preset_is_one_of_the_front_door():
    assert all(parts.find_part("model", word).load() is getattr(ls, word) for word in parts.part_words("model"))


@pytest.mark.parametrize(
    "text", ["", "cooldown", "cooldown:1", "linear:0,1,2,3,4,5", "linear:a,b", "1/0", "cooldown:1,2,3,4"]
)
def test_words_that_are_no_schedule_are_refused(refused, text):
    with refused():
        check(ModelOptions(model="vae", beta_c=text))


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
