"""Settings say no to what makes no study, and the presets are what they are called."""

import json

import pytest

from latscape.errors import InputError
from latscape.studies.settings import PRESETS, Settings, preset


def test_settings_survive_json():
    settings = preset("paper", seed=3, families=("periodic", "cooldown"))
    assert Settings(**json.loads(json.dumps(settings.as_dict()))) == settings


def test_the_paper_preset_is_section_2_3_of_the_paper():
    paper = PRESETS["paper"]
    assert (paper.cycles, paper.starts, paper.budget - paper.starts) == (120, 20, 120)
    assert (paper.space_cycles, paper.space_learning_rate, paper.beta_d, paper.learning_rate) == (1000, 1e-4, 3.0, 1e-3)
    assert (paper.gp_optimizer, paper.gp_learning_rate, paper.acquire, paper.objective) == ("adam", 1e-4, "ei", "l1")
    assert (paper.images, paper.final_images, paper.sigma) == (1000, 60_000, None)


def test_the_quick_preset_is_not_a_toy():
    quick = PRESETS["quick"]
    assert quick.cycles >= 20
    assert quick.images >= 1000
    assert quick.final_images >= 5000
    assert quick.starts >= 8
    assert quick.budget >= 20


@pytest.mark.parametrize(
    "changes",
    [
        {"cycles": 0},
        {"budget": 3, "starts": 4},
        {"families": ()},
        {"families": ("cooldwon",)},
        {"objective": "l2"},
        {"acquire": "eo"},
        {"low": 2.0, "high": 1.0},
        {"classes": 1},
        {"repeats": 0},
        {"sigma": 0.0},
        {"learning_rate": -1.0},
        {"high": float("inf")},
        {"images": 6000},
        {"space_cycles": 0},
        {"gp_noise": "loud"},
        {"prune": 2.0},
        {"prune": 0.0},
        {"grid": 2, "pairs": 7},
        {"acquire": "ucb", "tolerance": 0.01},
    ],
    ids=str,
)
def test_settings_that_make_no_study_are_refused_in_three_parts(changes):
    with pytest.raises(InputError, match=r"^Expected .* Got .* Try .*\.$"):
        preset("quick", **changes)


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(InputError, match="quick, paper"):
        preset("quikc")
