"""The study of structure and property: its arithmetic, its split, and a tiny run to its page."""

import numpy as np
import pytest

from latscape.cli.study import show_named_study
from latscape.report.study import content_of, study_summary, write_study_report
from latscape.studies.nanoparticles.pairs import clusters_and_spectra, halves, windows
from latscape.studies.prediction import Pairs, judged, mean_of_all, mean_of_class, ridge
from latscape.studies.structure_property import STUDY, Settings, factor_maps
from latscape.studies.study import NamedStudy


def linear(n, seed, noise):
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((n, 6))
    weights = np.random.default_rng(9).standard_normal((6, 4))
    return Pairs(x, x @ weights + noise * generator.standard_normal((n, 4)), (x[:, 0] > 0).astype(int))


def test_ridge_finds_a_line_and_knows_its_noise():
    known, new = linear(400, 0, 0.3), linear(400, 1, 0.3)
    found = {"mean": mean_of_all(known, new), "class": mean_of_class(known, new), "ridge": ridge(known, new)}
    scores = judged(found, known, new)
    assert scores["mean"]["error"] == 1.0
    assert scores["ridge"]["error"] < 0.2 < scores["class"]["error"] < 1.0
    assert scores["ridge"]["within_1"] == pytest.approx(0.68, abs=0.04)
    assert scores["ridge"]["within_2"] == pytest.approx(0.95, abs=0.02)


def test_the_right_half_is_never_seen():
    x, y = np.arange(60.0).reshape(5, 12, 1, 1), np.arange(120.0).reshape(5, 12, 2)
    left, right = halves(x, y)
    assert set(left.x.ravel().tolist()).isdisjoint(right.x.ravel().tolist())
    assert left.y.std() == pytest.approx(1.0)
    changed = y.copy()
    changed[:, 6:] *= 100  # neither values nor units on the left follow
    np.testing.assert_array_equal(halves(x, changed)[0].y, left.y)


def test_windows_are_centred_on_their_places():
    image = np.zeros((20, 20))
    image[7, 12] = 1.0
    seen = windows(image, np.array([7.0]), np.array([12.0]), 5)[0, 0]
    assert np.unravel_index(seen.argmax(), seen.shape) == (2, 2)


def test_new_clusters_are_not_known_ones():
    known, new = clusters_and_spectra(30, 20, 3, seed=1)
    assert known.y.shape == (30, 61)
    assert not (known.y[:, None] == new.y[None]).all(axis=-1).any()


def test_factors_that_were_mixed_come_back():
    generator = np.random.default_rng(0)
    parts = np.eye(3)[:, np.repeat([0, 1, 2], 5)] + 0.01
    cube = generator.dirichlet(np.ones(3), size=(8, 8)) @ parts
    found = factor_maps(cube, cube[:, 4:])
    np.testing.assert_allclose(found["nmf_maps"] @ found["nmf_components"], cube, atol=0.02)
    np.testing.assert_allclose(found["nmf_predicted"], found["nmf_maps"][:, 4:], atol=0.02)


TINY = Settings(clusters=60, held_out=20, particles=40, cycles=1, counts=3)


def test_a_tiny_run_has_a_page_and_says_which_data_are_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("LATSCAPE_DATA", raising=False)
    study = NamedStudy.create("structure-property", STUDY, TINY, tmp_path)
    study.run()
    found = study_summary(study)
    assert found["finished"]
    assert found["silica"] == found["loops"] == found["outlines"] == {"available": False}
    assert set(found["clusters"]["image_to_spectrum"]) == {"mean", "class mean", "ridge", "VED", "dual VAE"}
    assert found["clusters"]["spectrum_to_image"]["mean"]["error"] == 1.0
    text = write_study_report(study).read_text()
    assert text.count("not below $LATSCAPE_DATA") == 3
    assert (tmp_path / "figures" / "clusters.png").exists()
    show_named_study(study, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    for title in ("Spectrum from image", "Image from spectrum"):  # every table says what it is of
        assert lines[lines.index(title) + 1].startswith("prediction")


@pytest.mark.parametrize("stage", ["silica", "loops", "outlines"])
def test_a_stage_with_its_data_is_scored_and_drawn(tmp_path, stage):
    study = NamedStudy.create("structure-property", STUDY, TINY, tmp_path)
    study.definition = type(STUDY)(STUDY.settings, STUDY.presets, {stage: STUDY.stages[stage]})
    study.run()
    numbers = study.numbers(stage)[stage]
    if not numbers["available"]:
        pytest.skip("its data are not below $LATSCAPE_DATA")
    assert numbers["mean"]["error"] == 1.0
    assert {"ridge", "VED"} <= set(numbers)
    for section in content_of(study).sections:
        for panel in section.panels:
            assert panel.png().startswith(b"\x89PNG")
