import base64
import copy
import re

import numpy as np
import pytest
from scipy.integrate import trapezoid

from latscape.runs import Run, run_kind, write_report
from latscape.studies.fit.page import class_table, headline
from latscape.studies.fit.panels import moved, widest
from latscape.studies.fit.pose import pose
from latscape.studies.fit.spec import SPEC
from latscape.studies.fit.stages import latents, model, results
from pages import Page

PREFIX = "data:image/png;base64,"


def page_of(path):
    return Page(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("model", "options", "pictures"),
    [
        ("ae", {}, {"manifold", "traversal-1", "traversal-2", "latent-labels"}),
        ("vae", {"file": "colour.npy"}, {"manifold", "traversal-1", "traversal-2", "latent-plane"}),
        ("rvae", {"shift": 0.1, "scale": 0.1, "angle": np.inf}, {"pose-rotation", "pose-translation-up", "pose-scale"}),
        (
            "shift_vae",
            {"file": "curves.npy", "likelihood": "gaussian:0.1"},
            {"pose-shift-right", "latent-plane", "traversal-2"},
        ),
        ("jvae", {"file": "curves.npy", "classes": 4}, {"latent-classes", "traversal-1"}),
        ("jrvae", {"classes": 3, "latent": 3}, {"latent-classes", "latent-labels", "manifold", "pose-rotation"}),
        ("ssvae", {"latent": 1}, {"traversal-1"}),
        ("cvae", {}, {"latent-labels", "manifold", "traversal-2"}),
        ("ved", {}, {"traversal-1", "latent-labels"}),
    ],
)
def test_every_preset_has_a_page_with_its_pictures(fitted, model, options, pictures):
    fit = fitted(model, **options)
    path = write_report(fit)
    page = page_of(path)
    drawn = {one.stem: one.read_bytes() for one in (fit.folder / "figures").glob("*.png")}
    assert set(drawn) >= pictures | {"reconstructions", "training"}
    assert {base64.b64decode(source.removeprefix(PREFIX)) for source in page.images} == set(drawn.values())
    assert page.fetched == []
    assert not re.search(r"url\(|@import|<script", path.read_text(encoding="utf-8"))
    assert "could not be read" not in page.text
    scores = fit.summary()["scores"]
    assert f"{scores['elbo']:.5g}" in page.text
    assert f"{scores['rmse']:.3g}" in page.text
    assert "latscape fit 'mine'" in page.text
    assert "&lt;b&gt;" in path.read_text(encoding="utf-8")  # what users named is escaped


def test_the_page_needs_nothing_but_the_folder(fitted, tmp_path, monkeypatch):
    fit = fitted("jrvae", classes=3, latent=3)
    monkeypatch.setattr("latscape.studies.shared.samples.load_samples", None)  # the file of samples may be gone
    assert "classes" in page_of(write_report(Run.open(fit.folder))).text


def test_a_run_that_has_only_begun_has_a_page(tmp_path):
    np.save(tmp_path / "images.npy", np.random.default_rng(0).uniform(size=(20, 8, 8)))
    run = Run.create(run_kind("fit"), SPEC(data=str(tmp_path / "images.npy"), model="vae"), tmp_path / "run")
    page = page_of(write_report(run))
    assert "not trained yet" in page.text
    assert "unfinished: nothing done yet" in page.text
    assert page.images == []


def test_a_model_that_cannot_be_read_does_not_hide_the_numbers(fitted):
    fit = fitted("rvae")
    again, file = Run.open(fit.folder), fit.file("model.safetensors")
    whole = file.read_bytes()
    file.write_bytes(b"no model")
    page = page_of(write_report(again))
    file.write_bytes(whole)
    assert "could not be read again" in page.text
    assert "latent-labels" in {one.stem for one in (fit.folder / "figures").glob("*.png")}


def test_the_table_counts_every_sample_once(fitted):
    table = class_table(fitted("jrvae", classes=3, latent=3))
    assert sum(int(row[1]) for row in table.rows) == 60
    assert [row[0] for row in table.rows] == ["class 1", "class 2", "class 3"]
    assert [row[0] for row in class_table(fitted("ssvae", latent=1)).rows] == ["label 0", "label 1", "label 2"]
    assert class_table(fitted("ae")) is None


def test_the_pose_is_in_units_people_know_and_priors_are_densities(fitted):
    fit = fitted("rvae", shift=0.1, scale=0.1, angle=np.inf)
    found = {one.key: one for one in pose(fit)}
    np.testing.assert_allclose(found["rotation"].values, np.degrees(latents(fit)["rotation"][:, 0]), rtol=1e-6)
    # 9 x 8 pixels: half of the longer side is 4.5
    np.testing.assert_allclose(found["translation-up"].values, 4.5 * latents(fit)["translation"][:, 1], rtol=1e-6)
    np.testing.assert_allclose(found["scale"].values, np.exp(latents(fit)["scale"][:, 0]), rtol=1e-6)
    for one, where in (("rotation", (-200, 200)), ("translation-right", (-4, 4)), ("scale", (0.3, 3))):
        grid = np.linspace(*where, 20_001)
        assert trapezoid(found[one].prior(grid), grid) == pytest.approx(1.0, abs=1e-3)


def test_one_content_number_moves_and_the_others_stay(fitted):
    fit = fitted("jrvae", classes=3, latent=3)
    content = latents(fit)["content"]
    values, decoded = moved(fit, 1)
    assert decoded.shape == (3, len(values), 9, 8)
    point = np.median(content, axis=0)[None].astype(float)
    point[0, 1] = values[2]
    np.testing.assert_allclose(decoded[:, 2], model(fit).decode(point)[0], rtol=1e-5)
    np.testing.assert_allclose(values[[0, -1]], np.quantile(content[:, 1], (0.025, 0.975)), rtol=1e-6)
    assert len(widest(fit)) == 2


def said(fit, **scores):
    """What is said of a fit with other scores."""
    other = copy.copy(fit)
    other._kept = {}
    numbers = results(other)
    numbers["scores"] = numbers["scores"] | scores
    return " ".join(headline(other))


def test_words_say_what_is_not_as_one_would_hope(fitted):
    fit = fitted("jrvae", classes=3, latent=3)
    assert "Content says next to nothing" in said(fit)  # two epochs under a strong divergence
    assert "remembers" in said(fit, elbo=-50.0, elbo_fitted=-10.0, elbo_error=1.0)
    assert "remembers" not in said(fit, elbo=-50.0, elbo_fitted=-48.0, elbo_error=1.0)
    assert "labels were never used" in said(fit)
    assert "some labels were given" in said(fitted("ssvae", latent=1))
    assert "log-likelihood" in said(fitted("ae"))
