"""Options say no to what makes no run, and the presets are what they are called."""

import json

import pytest

from latscape import parts
from latscape.errors import InputError
from latscape.gp.exact import ExactGP
from latscape.studies.zbo.spec import ZboSpec
from latscape.studies.zbo.stages import prepare

from .helpers import choose


def test_options_survive_json():
    spec = choose("paper", seed=3, families=("periodic", "cooldown"))
    assert ZboSpec.restored(json.loads(json.dumps(spec.stored()))) == (spec, "")


def test_the_paper_preset_is_section_2_3_of_the_paper():
    paper = choose("paper")
    assert (paper.epochs, paper.n_initial, paper.budget - paper.n_initial) == (120, 20, 120)
    assert (paper.space_epochs, paper.space_learning_rate) == (1000, 1e-4)
    assert (paper.beta_d, paper.learning_rate, paper.acquire, paper.objective) == ("3", "1e-3", "ei", "l1")
    adam = ExactGP(optimizer="adam", learning_rate=1e-4, steps=1000, priors=False, noise="broad")
    assert parts.build_part("surrogate", paper.surrogate) == adam
    assert (paper.images, paper.final_images, paper.likelihood) == (1000, 60_000, None)


def test_the_quick_preset_is_not_a_toy():
    quick = choose()
    assert quick.epochs >= 20
    assert quick.images >= 1000
    assert quick.final_images >= 5000
    assert quick.n_initial >= 8
    assert quick.budget >= 20


def test_families_may_be_repeated_or_parted_by_commas():
    assert choose(families="periodic,cooldown").families == choose(families=["periodic", "cooldown"]).families


def test_classes_of_ones_own_images_must_be_told(tmp_path):
    (tmp_path / "own.npy").touch()
    with pytest.raises(InputError, match="number of classes"):
        choose(data=str(tmp_path / "own.npy"))


@pytest.mark.parametrize("name", ["turns", "gp_noise", "sigma", "family", "hidden"])
def test_options_of_before_are_answered_with_those_of_now(name):
    with pytest.raises(InputError, match=f"as --{name.replace('_', '-')} is called now"):
        choose(**{name: 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 0},
        {"budget": 3, "n_initial": 4},
        {"families": ()},
        {"families": ("cooldwon",)},
        {"objective": "l2"},
        {"acquire": "eo"},
        {"low": 2.0, "high": 1.0},
        {"classes": 1},
        {"repeats": 0},
        {"likelihood": "gaussian:0"},
        {"learning_rate": "-1"},
        {"high": float("inf")},
        {"images": 6000},
        {"space_epochs": 0},
        {"surrogate": "exact:noise=loud"},
        {"prune": 2.0},
        {"prune": 0.0},
        {"grid": 2, "pairs": 7},
        {"acquire": "ucb", "tolerance": 0.01},
        {"objective": "agreement", "prune": 0.5},
        {"validation": 5},
        {"term": ("mutual-information=much",)},
    ],
    ids=str,
)
def test_options_that_make_no_run_are_refused_in_three_parts(changes):
    with pytest.raises(InputError, match=r"^Expected .* Got .* Try .*\.$"):
        prepare(choose(**changes))


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(InputError, match="quick, paper"):
        choose("quikc")
