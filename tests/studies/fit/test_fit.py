"""A fit holds what its model says of every sample, and scores it on those that were held out."""

import json

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.runs import Run, run_kind
from latscape.runs.folder import find_run
from latscape.runs.listing import lines
from latscape.studies.fit.spec import SPEC
from latscape.studies.fit.stages import class_names
from latscape.studies.fit.stages import model as model_of
from latscape.studies.shared.samples import load, prepare

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.uniform(size=(50, 8, 8)).astype(np.float32)
CURVES = GENERATOR.normal(size=(50, 12)).astype(np.float32)
LABELS = np.arange(50) % 3 - 1


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path / "runs"))
    np.save("images.npy", IMAGES)
    np.save("curves.npy", CURVES)
    np.save("labels.npy", LABELS)
    np.save("known.npy", LABELS.clip(0))
    return tmp_path


def begun(folder, model, **options):
    spec = SPEC(**{"data": "images.npy", "model": model, "epochs": 2} | options)
    return Run.create(run_kind("fit"), spec, folder, command="latscape fit ...")


def fitted(folder, model, **options):
    run = begun(folder, model, **options)
    run.run()
    return run


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("ae", {}),
        ("vae", {"likelihood": "poisson"}),
        ("rvae", {"scale": 0.1}),
        ("shift_vae", {}),
        ("jvae", {"classes": 2}),
        ("jrvae", {"classes": 3, "labels": "labels.npy"}),
        ("ssvae", {"labels": "labels.npy"}),
        ("ssrvae", {"classes": 4, "labels": "labels.npy"}),
        ("cvae", {"labels": "known.npy"}),
        ("ved", {"target": "curves.npy"}),
    ],
)
def test_latents_are_those_of_the_saved_model(files, model, options):
    run = fitted(files / "runs" / "one", model, **options)
    found, again = run.arrays("latents"), ls.load(run.file("model.safetensors"))
    known = LABELS.clip(0) if model == "cvae" else None
    for name, q in again.encode(IMAGES, known).items():
        kept = found[name][np.argsort(found["index"])]
        np.testing.assert_allclose(kept, q.probs if name == "class" else q.mean, rtol=1e-5, atol=1e-6)
    assert found["validation"].sum() == 5
    summary = run.summary()
    scores, validation = summary["scores"], found["index"][found["validation"]]
    y = CURVES[validation] if model == "ved" else None if known is None else known[validation]
    assert scores["elbo"] == pytest.approx(found["elbo"][found["validation"]].mean())
    assert scores["elbo"] == pytest.approx(again.score(IMAGES[validation], y), rel=0.05)  # other draws
    assert set(summary["arrays"]) == set(found)
    json.dumps(summary, allow_nan=False)
    run.record.close()
    assert Run.open(find_run("one")).summary() == json.loads(json.dumps(summary))
    (line,) = lines()
    assert (line["run"], line["kind"], line["state"]) == (str(run.folder), "fit", "finished")
    assert line["elbo"] == scores["elbo"]


def test_what_was_held_out_was_not_fitted(files, monkeypatch):
    seen = []
    fit = ls.VAE.fit
    monkeypatch.setattr(ls.VAE, "fit", lambda self, X, y=None, **rest: seen.append(X) or fit(self, X, y, **rest))
    run = fitted(files / "a", "vae", images=30, validation=0.2)
    found = run.arrays("latents")
    assert (len(found["index"]), found["validation"].sum(), len(seen[0])) == (30, 6, 24)
    np.testing.assert_array_equal(seen[0], IMAGES[found["index"][~found["validation"]]])
    np.testing.assert_array_equal(
        np.sort(run.arrays("examples")["original"].sum(axis=(1, 2))),
        np.sort(IMAGES[found["index"][found["validation"]]].sum(axis=(1, 2))),
    )


def test_a_number_of_samples_for_validation(files):
    samples = load(SPEC(data="images.npy", model="vae", validation=7))
    assert samples.validation.sum() == 7


def test_one_seed_gives_one_result(files):
    one, other, third = (
        fitted(files / name, "jvae", classes=2, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.summary()["scores"] == other.summary()["scores"]
    np.testing.assert_array_equal(one.arrays("latents")["content"], other.arrays("latents")["content"])
    assert not np.array_equal(one.arrays("latents")["index"], third.arrays("latents")["index"])


class Stopped(Exception):
    pass


@pytest.mark.parametrize(("stage", "count"), [("training", 2), ("training", 5), ("latents", 0)])
def test_a_fit_that_was_stopped_goes_on_to_the_same_model(files, monkeypatch, stage, count):
    whole = fitted(files / "whole", "jrvae", classes=3, epochs=5)
    cut = begun(files / "cut", "jrvae", classes=3, epochs=5)

    def stop(name, done, total, note):
        if (name, done) == (stage, count):
            raise Stopped

    with monkeypatch.context() as patch:
        if stage == "latents":
            patch.setattr("latscape.studies.fit.stages.latents_of", lambda *given: stop(stage, 0, 0, ""))
        with pytest.raises(Stopped):
            cut.run(stop)
    assert not cut.finished
    cut.record.close()
    again = Run.open(files / "cut", readonly=False)
    seen = []
    again.run(lambda name, done, total, note: seen.append(done))
    assert seen == [done for done in range(1, 6) if done > (count or 5)]
    one, other = (model_of(run).model_.state_dict() for run in (whole, again))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert again.summary()["scores"] == whole.summary()["scores"]
    assert again.numbers("training")["history"] == whole.numbers("training")["history"]
    assert not again.file("partial").exists()


@pytest.mark.parametrize("stage", ["training", "latents"])
def test_other_samples_than_it_was_begun_with_are_refused(files, monkeypatch, refused, stage):
    run = begun(files / "a", "vae")

    def stop(*given):
        raise Stopped

    with monkeypatch.context() as patch:
        if stage == "latents":
            patch.setattr("latscape.studies.fit.stages.latents_of", stop)
        with pytest.raises(Stopped):
            run.run(stop if stage == "training" else None)
    run.record.close()
    np.save("images.npy", IMAGES[::-1])
    with refused() as error:
        Run.open(files / "a", readonly=False).run()
    assert "samples this run was begun with" in str(error.value)


def test_named_classes_are_not_matched(files):
    run = fitted(files / "a", "ssvae", labels="labels.npy", validation=0.5)
    found = run.arrays("latents")
    seen = found["validation"] & (found["labels"] >= 0)
    right = found["class"].argmax(axis=1)[seen] == found["labels"][seen]
    assert run.summary()["scores"]["accuracy"] == pytest.approx(right.mean())
    assert class_names(run) == ["label 0", "label 1"]


def test_scaled_values_fill_the_unit_interval_and_the_result_says_how(files):
    samples = load(SPEC(data="curves.npy", normalize=True, model="vae"))
    low, high = samples.scaling["x"]
    assert (samples.x.min(), samples.x.max()) == (0.0, 1.0)
    np.testing.assert_allclose(samples.x * (high - low) + low, CURVES[samples.index], atol=1e-5)


def test_counts_keep_their_values(files):
    counts = GENERATOR.poisson(4.0, size=(20, 6, 6)).astype(np.uint16)
    np.save("counts.npy", counts)
    samples = load(SPEC(data="counts.npy", model="vae", likelihood="poisson"))
    np.testing.assert_array_equal(samples.x, counts[samples.index])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data": "curves.npy", "model": "vae"}, "--normalize"),
        ({"data": "curves.npy", "model": "vae", "likelihood": "poisson"}, "at least 0"),
        ({"data": "curves.npy", "model": "vae", "likelihood": "gaussian:99"}, "--normalize"),
        ({"data": "curves.npy", "normalize": True, "model": "jrvae", "classes": 2}, "curves"),
        ({"data": "images.npy", "model": "ssvae"}, "--labels FILE"),
        ({"data": "images.npy", "labels": "labels.npy", "model": "cvae"}, "-1 to 1"),
        ({"data": "images.npy", "labels": "known.npy", "model": "ssvae", "classes": 1}, "--classes of at least 2"),
        ({"data": "images.npy", "labels": "short.npy", "model": "jvae", "classes": 2}, "(50,)"),
        ({"data": "images.npy", "labels": "many.npy", "model": "ssvae", "classes": 3}, "0 to 49"),
        ({"data": "images.npy", "model": "ved"}, "--target"),
        ({"data": "images.npy", "target": "curves.npy", "model": "vae"}, "--model ved"),
        ({"data": "images.npy", "target": "few.npy", "model": "ved"}, "as many targets"),
        ({"data": "images.npy", "target": "none.npy", "model": "ved"}, "none.npy"),
        ({"data": "images.npy", "validation": 0.0, "model": "vae"}, "--validation"),
        ({"data": "images.npy", "validation": 0.99, "model": "vae"}, "beside those for validation"),
        ({"data": "images.npy", "validation": 49, "model": "vae"}, "beside those for validation"),
        ({"data": "images.npy", "images": 2, "model": "vae"}, "--images 3"),
        ({"data": "none.npy", "model": "jrvae"}, "none.npy"),  # before it is said that classes are missing
    ],
)
def test_samples_that_do_not_suit_the_model_are_refused(files, refused, options, said):
    np.save("short.npy", LABELS[:40])
    np.save("many.npy", np.arange(50))
    np.save("few.npy", CURVES[:40])
    with refused() as error:
        prepare(SPEC(**options))
    assert said in str(error.value)
