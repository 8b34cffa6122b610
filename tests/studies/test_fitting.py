"""A fit holds what its model says of every sample, and scores it on those that were held out."""

import json

import numpy as np
import pytest

import latscape as ls
from latscape.studies import fitting
from latscape.studies.classes import Classes, check, within_spread
from latscape.studies.fitting import Fit, prepare
from latscape.studies.models import ModelOptions
from latscape.studies.run import claim, find_run, kind_of, list_runs
from latscape.studies.samples import DataOptions, load

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


def fitted(folder, data, model, **options):
    prepared = prepare(data, ModelOptions(model, cycles=2, **options))
    with claim(folder):
        return fitting.fit(data, prepared, folder, command="latscape fit ...")


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("ae", {}, {}),
        ("vae", {"likelihood": "poisson"}, {}),
        ("rvae", {"scale": 0.1}, {}),
        ("shift_vae", {}, {}),
        ("jvae", {"classes": 2}, {}),
        ("jrvae", {"classes": 3}, {"labels": "labels.npy"}),
        ("ssvae", {}, {"labels": "labels.npy"}),
        ("ssrvae", {"classes": 4}, {"labels": "labels.npy"}),
        ("cvae", {}, {"labels": "known.npy"}),
        ("ved", {}, {"target": "curves.npy"}),
    ],
)
def test_latents_are_those_of_the_saved_model(files, model, options, told):
    made = fitted(files / "runs" / "one", DataOptions("images.npy", **told), model, **options)
    found, again = made.latents, ls.load(made.model_file)
    known = LABELS.clip(0) if model == "cvae" else None
    for name, q in again.encode(IMAGES, known).items():
        kept = found[name][np.argsort(found["index"])]
        np.testing.assert_allclose(kept, q.probs if name == "class" else q.mean, rtol=1e-5, atol=1e-6)
    assert found["held_out"].sum() == 5
    scores, held_out = made.result["scores"], found["index"][found["held_out"]]
    y = CURVES[held_out] if model == "ved" else None if known is None else known[held_out]
    assert scores["elbo"] == pytest.approx(found["elbo"][found["held_out"]].mean())
    assert scores["elbo"] == pytest.approx(again.score(IMAGES[held_out], y), rel=0.05)  # other draws
    assert set(made.result["arrays"]) == set(found)
    json.dumps(made.result, allow_nan=False)
    assert Fit.open(find_run("one")).result == json.loads(json.dumps(made.result))
    assert kind_of(made.folder) == "fit"
    assert list_runs() == [made.folder]


def test_what_was_held_out_was_not_fitted(files, monkeypatch):
    seen = []
    fit = ls.VAE.fit
    monkeypatch.setattr(ls.VAE, "fit", lambda self, X, y=None, **rest: seen.append(X) or fit(self, X, y, **rest))
    made = fitted(files / "a", DataOptions("images.npy", images=30, held_out=0.2), "vae")
    found = made.latents
    assert (len(found["index"]), found["held_out"].sum(), len(seen[0])) == (30, 6, 24)
    np.testing.assert_array_equal(seen[0], IMAGES[found["index"][~found["held_out"]]])
    np.testing.assert_array_equal(
        np.sort(made.shown["original"].sum(axis=(1, 2))),
        np.sort(IMAGES[found["index"][found["held_out"]]].sum(axis=(1, 2))),
    )


def test_one_seed_gives_one_result(files):
    one, other, third = (
        fitted(files / name, DataOptions("images.npy"), "jvae", classes=2, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.result["scores"] == other.result["scores"]
    np.testing.assert_array_equal(one.latents["content"], other.latents["content"])
    assert not np.array_equal(one.latents["index"], third.latents["index"])


def test_named_classes_are_not_matched(files):
    made = fitted(files / "a", DataOptions("images.npy", labels="labels.npy", held_out=0.5), "ssvae")
    found = made.latents
    seen = found["held_out"] & (found["labels"] >= 0)
    right = found["class"].argmax(axis=1)[seen] == found["labels"][seen]
    assert made.result["scores"]["accuracy"] == pytest.approx(right.mean())
    assert (made.classes, made.told) == (2, True)


def test_scaled_values_fill_the_unit_interval_and_the_result_says_how(files):
    samples = load(DataOptions("curves.npy", normalize=True), ModelOptions("vae"))
    low, high = samples.scaling["x"]
    assert (samples.x.min(), samples.x.max()) == (0.0, 1.0)
    np.testing.assert_allclose(samples.x * (high - low) + low, CURVES[samples.index], atol=1e-5)


def test_counts_keep_their_values(files):
    counts = GENERATOR.poisson(4.0, size=(20, 6, 6)).astype(np.uint16)
    np.save("counts.npy", counts)
    samples = load(DataOptions("counts.npy"), ModelOptions("vae", likelihood="poisson"))
    np.testing.assert_array_equal(samples.x, counts[samples.index])


@pytest.mark.parametrize(
    ("data", "model", "said"),
    [
        ({"data": "curves.npy"}, {"model": "vae"}, "--normalize"),
        ({"data": "curves.npy"}, {"model": "vae", "likelihood": "poisson"}, "at least zero"),
        ({"data": "curves.npy"}, {"model": "vae", "sigma": 99.0}, "--normalize"),
        ({"data": "curves.npy", "normalize": True}, {"model": "jrvae", "classes": 2}, "curves"),
        ({"data": "images.npy"}, {"model": "ssvae"}, "--labels FILE"),
        ({"data": "images.npy", "labels": "labels.npy"}, {"model": "cvae"}, "-1 to 1"),
        ({"data": "images.npy", "labels": "known.npy"}, {"model": "ssvae", "classes": 1}, "two classes"),
        ({"data": "images.npy", "labels": "short.npy"}, {"model": "jvae", "classes": 2}, "(50,)"),
        ({"data": "images.npy", "labels": "many.npy"}, {"model": "ssvae", "classes": 3}, "0 to 49"),
        ({"data": "images.npy"}, {"model": "ved"}, "--target"),
        ({"data": "images.npy", "target": "curves.npy"}, {"model": "vae"}, "--model ved"),
        ({"data": "images.npy", "target": "few.npy"}, {"model": "ved"}, "as many targets"),
        ({"data": "images.npy", "target": "none.npy"}, {"model": "ved"}, "none.npy"),
        ({"data": "images.npy", "held_out": 0.0}, {"model": "vae"}, "--held-out"),
        ({"data": "images.npy", "held_out": 0.99}, {"model": "vae"}, "beside those held out"),
        ({"data": "images.npy", "images": 2}, {"model": "vae"}, "--images 2"),
    ],
)
def test_samples_that_do_not_suit_the_model_are_refused(files, refused, data, model, said):
    np.save("short.npy", LABELS[:40])
    np.save("many.npy", np.arange(50))
    np.save("few.npy", CURVES[:40])
    with refused() as error:
        prepare(DataOptions(**data), ModelOptions(**model))
    assert said in str(error.value)


def test_a_folder_is_taken_back_if_nothing_came_of_it(tmp_path, refused):
    with pytest.raises(ZeroDivisionError), claim(tmp_path / "a" / "b"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AttributeError), claim(tmp_path / "a" / "b") as folder:
        (folder / "kept").write_text("something").nothing  # noqa: B018
    assert (tmp_path / "a" / "b" / "kept").exists()
    with refused(), claim(tmp_path / "a" / "b"):
        pass
    with refused(), claim(tmp_path / "a" / "b" / "kept" / "c"):
        pass


def begun(folder, **options):
    data, model = DataOptions("images.npy", held_out=0.3), ModelOptions("jvae", classes=2, cycles=1, **options)
    with claim(folder):
        return Classes.create(data, model, folder, prepare(data, model).samples, up_to=4, members=2)


def test_rows_are_those_of_the_ensembles(files):
    study = begun(files / "a", seed=3)
    study.run()
    samples = study.samples
    ensemble = ls.ensemble(study.model_options(3).build((8, 8), 1.0), n=2).fit(samples.x[~samples.held_out])
    seen, row = samples.x[samples.held_out], study.rows[3]
    np.testing.assert_allclose(row["elbo"], [member.score(seen) for member in ensemble.members_], rtol=1e-6)
    assert row["dispersion"] == pytest.approx(ensemble.dispersion(seen).mean(), rel=1e-5)
    assert set(study.rows) == {2, 3, 4}
    assert study.finished
    assert {name: picture.shape for name, picture in study.pictures().items()} == {
        "2": (2, 8, 8),
        "3": (3, 8, 8),
        "4": (4, 8, 8),
    }


def test_a_choice_that_was_stopped_goes_on_to_the_same_rows(files):
    whole, cut = begun(files / "whole"), begun(files / "cut")
    whole.run()

    def stop(done, total, note):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut.run(stop)
    again = Classes.open(files / "cut")
    assert (set(again.rows), again.finished) == ({2}, False)
    asked = []
    again.run(lambda done, total, note: asked.append((done, total)))
    assert asked == [(3, 6), (4, 6), (5, 6), (6, 6)]
    for count, row in whole.rows.items():
        assert {**again.rows[count], "seconds": 0} == {**row, "seconds": 0}


def test_other_samples_are_noticed(files, refused):
    study = begun(files / "a")
    np.save("images.npy", IMAGES[:40])
    with refused() as error:
        Classes.open(study.folder).run()
    assert "samples this was begun with" in str(error.value)


def test_the_smallest_number_within_the_spread_of_the_best():
    rows = {
        k: {"elbo": elbo} for k, elbo in {2: [-9.0, -9.5], 3: [-5.1, -5.2], 4: [-4.5, -5.5], 5: [-6.0, -6.1]}.items()
    }
    assert within_spread(rows) == (4, 3)


@pytest.mark.parametrize(
    ("model", "up_to", "members"), [("rvae", 4, 3), ("ssvae", 4, 3), ("jvae", 1, 3), ("jvae", 4, 1)]
)
def test_ensembles_nobody_can_choose_from_are_refused(refused, model, up_to, members):
    options = {"classes": 2} if model != "rvae" else {}
    with refused():
        check(ModelOptions(model, **options), up_to, members)
