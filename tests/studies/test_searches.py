"""What is searched: one schedule or two, of which every part arrives where it is meant to."""

from dataclasses import replace

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.metrics import class_information
from latscape.report import summary, write_report
from latscape.studies.comparison import compare
from latscape.studies.contenders import contenders
from latscape.studies.searches import SEARCHES, families, length, schedules
from latscape.studies.settings import Settings, preset
from latscape.studies.zbo import Study

from .conftest import TINY


def test_two_schedules_are_drawn_independently_and_lie_end_to_end():
    settings = Settings(cycles=30, search="both", families=("cooldown",))
    assert length(settings) == 60
    drawn = families(settings)["cooldown"](200, 60, np.random.default_rng(0))
    first, second = drawn[:, 0], drawn[:, 30]  # what each begins with
    assert (second > drawn[:, 29]).any()  # one cooldown could only go down
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2
    found = schedules(settings, drawn[0])
    np.testing.assert_array_equal(np.concatenate([found["beta_c"], found["beta_d"]]), drawn[0])


@pytest.mark.parametrize("search", SEARCHES)
def test_the_model_is_trained_along_what_was_found(search):
    settings = preset("quick", data="plasmonics", search=search, cycles=6, capacity=5.0)
    found = np.linspace(40, 1, length(settings))
    models = {one.key: one.build(3) for one in contenders(settings, found)}
    zbo, constant = models["zbo"], models["constant"]
    expected = schedules(settings, found)
    for name in SEARCHES[search]:
        np.testing.assert_array_equal(getattr(zbo, name), expected[name])
    assert constant.beta_c == 1.0
    assert constant.capacity_c == 0.0  # what is searched is the winner's alone
    assert constant.beta_d == settings.beta_d
    if search == "capacity":
        assert zbo.beta_c == settings.beta_c
        assert zbo.capacity_c[0] == 5.0


@pytest.mark.parametrize("search", ["both", "capacity"])
def test_a_tiny_search_ends_with_a_report(tmp_path, search):
    study = Study.create(preset("quick", data="plasmonics", search=search, **TINY), tmp_path)
    study.run()
    assert study.optimum.decoded.shape == (length(study.settings),)
    assert summary(study)["models"]["zbo"]["accuracy"] is not None
    assert study.trained("zbo").get_params()["beta_c"] is not None
    assert ("discrete" if search == "both" else "information") in write_report(study).read_text()


def test_other_searches_are_refused():
    with pytest.raises(InputError, match="beta_c, both, capacity"):
        Settings(search="beta")
    with pytest.raises(InputError, match="window"):
        Settings(window=4)


def test_of_several_trainings_the_one_counts_whose_classes_tell_most(tmp_path):
    settings = preset("quick", data="plasmonics", **TINY | {"restarts": 3})
    study = Study.create(settings, tmp_path)
    images, built = study.images, []
    contender = next(one for one in contenders(settings, np.ones(settings.cycles)) if one.key == "constant")

    def build(seed):
        built.append(contender.build(seed))
        return built[-1]

    options = {"classes": 3, "grid": 3, "pairs": study.pairs, "seed": 5}
    model, _ = compare(replace(contender, build=build), images.training, images.held_out, None, restarts=3, **options)
    told = [class_information(one.predict_proba(images.training)) for one in built]
    assert len(set(told)) == 3
    assert model is built[int(np.argmax(told))]


def test_moves_never_make_the_classes_tell_less(tmp_path):
    settings = preset("quick", data="plasmonics", **TINY)
    study = Study.create(settings, tmp_path)
    images = study.images
    contender = next(one for one in contenders(settings, np.ones(settings.cycles)) if one.key == "constant")
    options = {"classes": 3, "grid": 3, "pairs": study.pairs, "seed": 5}
    models = [compare(contender, images.training, images.held_out, None, moves=n, **options)[0] for n in (0, 2)]
    told = [class_information(model.predict_proba(images.training)) for model in models]
    assert settings.moves > 0
    assert told[1] >= told[0]
    assert len(models[0].history_["loss"]) == settings.cycles
