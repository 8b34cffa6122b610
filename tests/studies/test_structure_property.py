"""The study of structure and property: its arithmetic, its split, and a tiny run to its page."""

import numpy as np
import pytest

from latscape.cli.running import show
from latscape.metrics.prediction import mean_of_all, mean_of_class, ridge_prediction, score_predictions
from latscape.runs import Run, run_kind, write_report
from latscape.studies.structure_property.pairs import clusters_and_spectra, halves, windows
from latscape.studies.structure_property.prediction import Pairs
from latscape.studies.structure_property.spec import StructurePropertySpec
from latscape.studies.structure_property.stages import STAGES, factor_maps


def linear(n, seed, noise):
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((n, 6))
    weights = np.random.default_rng(9).standard_normal((6, 4))
    return Pairs(x, x @ weights + noise * generator.standard_normal((n, 4)), (x[:, 0] > 0).astype(int))


def test_ridge_finds_a_line_and_knows_its_noise():
    known, new = linear(400, 0, 0.3), linear(400, 1, 0.3)
    assert known.labels is not None
    assert new.labels is not None
    found = {
        "mean": mean_of_all(known.y, len(new.x)),
        "class": mean_of_class(known.y, known.labels, new.labels),
        "ridge": ridge_prediction(known.x, known.y, new.x),
    }
    scores = score_predictions(found, known.y, new.y)
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
    known, new = (clusters_and_spectra(n, part, 3, seed=1) for n, part in ((30, "training"), (20, "held out")))
    assert known.y.shape == (30, 61)
    assert not (known.y[:, None] == new.y[None]).all(axis=-1).any()


def test_factors_that_were_mixed_come_back():
    generator = np.random.default_rng(0)
    parts = np.eye(3)[:, np.repeat([0, 1, 2], 5)] + 0.01
    cube = generator.dirichlet(np.ones(3), size=(8, 8)) @ parts
    found = factor_maps(cube, cube[:, 4:])
    np.testing.assert_allclose(found["nmf_maps"] @ found["nmf_components"], cube, atol=0.02)
    np.testing.assert_allclose(found["nmf_predicted"], found["nmf_maps"][:, 4:], atol=0.02)


TINY = StructurePropertySpec(particle_clusters=60, validation=20, ellipses=40, epochs=1, max_particles=3)


def begin(folder, spec=TINY):
    return Run.create(run_kind("structure-property"), spec, folder)


def test_a_tiny_run_has_a_page_and_says_which_data_are_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("LATSCAPE_DATA", raising=False)
    run = begin(tmp_path / "run")
    assert run.kind.story.headline(run) == ["Nothing was found yet."]
    run.run()
    found = run.summary()
    assert found["finished"]
    assert found["silica"] == found["loops"] == found["outlines"] == {"available": False}
    assert set(found["clusters"]["image_to_spectrum"]) == {"mean", "class mean", "ridge", "VED", "dual VAE"}
    assert found["clusters"]["spectrum_to_image"]["mean"]["error"] == 1.0
    text = write_report(run).read_text()
    assert text.count("not below $LATSCAPE_DATA") == 3
    assert run.file("figures/clusters.png").exists()
    show(run, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    for title in ("Spectrum from image", "Image from spectrum"):  # every table says what it is of
        assert lines[lines.index(title) + 1].startswith("prediction")


def test_a_run_that_is_stopped_again_and_again_predicts_the_same(tmp_path, monkeypatch):
    monkeypatch.delenv("LATSCAPE_DATA", raising=False)
    whole, seen, stops = begin(tmp_path / "whole"), set(), 0
    whole.run()
    run = begin(tmp_path / "cut")

    def stop_at_new(stage, done, total, note):
        """Amid every training, after its first checkpoint, and after every part."""
        part, _, epoch = note.partition(", epoch ")
        if (stage, part, bool(epoch)) not in seen and (not epoch or int(epoch.split(",")[0]) == 15):
            seen.add((stage, part, bool(epoch)))
            raise KeyboardInterrupt

    while not run.finished:
        try:
            run.run(stop_at_new)
        except KeyboardInterrupt:
            stops += 1
            run.record.close()
            run = Run.open(tmp_path / "cut", readonly=False)
    assert stops == 7 + 3
    assert run.numbers("clusters") == whole.numbers("clusters")
    for key, values in whole.arrays("clusters").items():
        np.testing.assert_array_equal(run.arrays("clusters")[key], values)


@pytest.mark.parametrize("stage", ["silica", "loops", "outlines"])
def test_a_stage_with_its_data_is_scored_and_drawn(tmp_path, stage):
    run = begin(tmp_path / "run")
    for other in STAGES.order:
        if other != stage:
            run.record.put(f"stage/{other}", {})
    run.run()
    numbers = run.numbers(stage)[stage]
    if not numbers["available"]:
        pytest.skip("its data are not below $LATSCAPE_DATA")
    assert numbers["mean"]["error"] == 1.0
    assert {"ridge", "VED"} <= set(numbers)
    for section in run.kind.story.sections(run):
        for panel in section.panels:
            assert panel.png().startswith(b"\x89PNG")
