"""The zBO run of particle counts: its settings are the paper's, its contenders those of figures 9, 11 and A1."""

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.runs import write_report
from latscape.studies.shared.models import networks
from latscape.studies.zbo.contenders import PARTICLES, contenders, found_on_mnist, joint
from latscape.studies.zbo.split import split

from .helpers import LEAST, choose, create


def test_the_paper_preset_is_section_3_of_the_paper():
    paper = choose("paper", data="plasmonics", classes=7)
    assert (paper.epochs, paper.n_initial, paper.budget - paper.n_initial) == (200, 20, 100)
    assert paper.families == ("cooldown", "segments", "periodic")
    assert (paper.space_epochs, paper.space_learning_rate) == (2000, 1e-4)
    assert (paper.learning_rate, paper.beta_d, paper.objective) == ("1e-4", "0.01", "l1-l2")
    likelihood = networks(paper)["likelihood"]
    assert (likelihood.sigma, likelihood.bounded) == (0.01, True)
    assert paper.tolerance is not None  # ends when the acquisition is negligible
    assert choose("paper").epochs == 120


def test_the_schedule_of_mnist_is_held_for_the_last_80_epochs():
    curve = found_on_mnist(200)
    assert len(set(curve[119:].tolist())) == 1
    assert len(set(curve[:120].tolist())) > 100
    np.testing.assert_array_equal(found_on_mnist(20), curve[::10])


def test_the_contenders_differ_in_what_their_names_say():
    spec = choose("paper", data="plasmonics", epochs=40, batch_size=50)
    best = np.linspace(3, 1, 40)
    models = {key: one.build(spec, best, 5) for key, one in contenders(spec).items()}
    assert tuple(models) == PARTICLES
    assert models["vae"].get_params()["learning_rate"] == 1e-3  # the defaults
    assert models["vae_study"].get_params()["learning_rate"] == 1e-4
    assert (models["vae"].classes, models["vae_study"].classes, models["zbo"].classes) == (0, 0, 3)
    np.testing.assert_array_equal(models["zbo"].beta_c, best)
    np.testing.assert_array_equal(models["mnist"].beta_c, found_on_mnist(40))
    assert models["constant"].beta_c == 1.0


def test_the_pose_of_the_options_is_the_pose_of_the_model():
    spec = choose(data="plasmonics", n_orientations=3, shift=0.2, scale=0.1, beta_pose="0.5")
    model = joint(spec, 1.0, 0)
    pose = model.transforms(2)
    assert [type(one).__name__ for one in pose] == ["Rotation", "Translation", "Scale"]
    assert pose[0].n_orientations == 3
    assert model.beta_pose == 0.5


def test_more_counts_than_there_are_clusters_of_are_refused():
    with pytest.raises(InputError, match="2 to 7 classes"):
        choose(data="plasmonics", classes=8)


@pytest.mark.parametrize("classes", [3, 7])
def test_the_images_show_as_many_counts_as_there_are_classes(classes):
    found = split(choose(data="plasmonics", classes=classes, images=20, final_images=60, validation=200))
    assert found.labels is not None
    assert set(found.labels.tolist()) == set(range(classes))
    assert found.subset.shape == (20, 24, 24)


def test_a_tiny_run_tells_how_many_counts_came_out(tmp_path):
    run = create(tmp_path, data="plasmonics", **LEAST)
    run.run()
    found = run.summary()
    assert tuple(found["models"]) == PARTICLES
    assert all(0 <= scores["extracted"] <= 3 for scores in found["models"].values())
    text = write_report(run).read_text()
    assert "Of 3 particle counts" in text
    assert "schedule found on MNIST" in text
