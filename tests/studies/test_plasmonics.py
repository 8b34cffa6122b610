"""The zBO study of particle counts: its settings are the paper's, its contenders those of figures 9, 11 and A1."""

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.report import summary, write_report
from latscape.studies.contenders import PARTICLES, contenders, found_on_mnist, joint
from latscape.studies.settings import preset
from latscape.studies.split import split
from latscape.studies.zbo import Study

from .conftest import TINY


def test_the_paper_preset_is_section_3_of_the_paper():
    paper = preset("paper", data="plasmonics", classes=7)
    assert (paper.cycles, paper.starts, paper.budget - paper.starts) == (200, 20, 100)
    assert paper.families == ("cooldown", "segments", "periodic")
    assert (paper.space_cycles, paper.space_learning_rate) == (2000, 1e-4)
    assert (paper.sigma, paper.learning_rate, paper.beta_d, paper.objective) == (0.01, 1e-4, 0.01, "l1-l2")
    assert paper.tolerance is not None  # ends when the acquisition is negligible
    assert preset("paper").data == "mnist"
    assert preset("paper").cycles == 120


def test_the_schedule_of_mnist_is_held_for_the_last_80_cycles():
    curve = found_on_mnist(200)
    assert len(set(curve[119:].tolist())) == 1
    assert len(set(curve[:120].tolist())) > 100
    np.testing.assert_array_equal(found_on_mnist(20), curve[::10])


def test_the_contenders_differ_in_what_their_names_say():
    settings = preset("paper", data="plasmonics", cycles=40, batch=50)
    best = np.linspace(3, 1, 40)
    models = {one.key: one.build(5) for one in contenders(settings, best)}
    assert tuple(models) == PARTICLES
    assert models["vae"].get_params()["learning_rate"] == 1e-3  # the defaults
    assert models["vae_study"].get_params()["learning_rate"] == 1e-4
    assert (models["vae"].classes, models["vae_study"].classes, models["zbo"].classes) == (0, 0, 3)
    np.testing.assert_array_equal(models["zbo"].beta_c, best)
    np.testing.assert_array_equal(models["mnist"].beta_c, found_on_mnist(40))
    assert models["constant"].beta_c == 1.0


def test_the_pose_of_the_settings_is_the_pose_of_the_model():
    settings = preset("quick", data="plasmonics", turns=3, shift=0.2, scale=0.1, beta_pose=0.5)
    model = joint(settings, 1.0, 0)
    assert [type(one).__name__ for one in model.pose] == ["Rotation", "Translation", "Scale"]
    assert model.pose[0].starts == 3
    assert model.beta_pose == 0.5


def test_more_counts_than_there_are_clusters_of_are_refused():
    with pytest.raises(InputError, match="2 to 7 classes"):
        preset("quick", data="plasmonics", classes=8)


@pytest.mark.parametrize("classes", [3, 7])
def test_the_images_show_as_many_counts_as_there_are_classes(classes):
    found = split(preset("quick", data="plasmonics", classes=classes, images=20, final_images=60, held_out=200))
    assert found.labels is not None
    assert set(found.labels.tolist()) == set(range(classes))
    assert found.subset.shape == (20, 24, 24)


def test_a_tiny_study_tells_how_many_counts_came_out(tmp_path):
    study = Study.create(preset("quick", data="plasmonics", **TINY), tmp_path)
    study.run()
    found = summary(study)
    assert tuple(found["models"]) == PARTICLES
    assert all(0 <= scores["extracted"] <= 3 for scores in found["models"].values())
    text = write_report(study).read_text()
    assert "Of 3 particle counts" in text
    assert "schedule found on MNIST" in text
