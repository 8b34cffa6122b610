"""Rows are those of the ensembles, however often the search for them was stopped."""

import numpy as np
import pytest

import latscape as ls
from latscape.runs import Run, run_kind
from latscape.studies.classes.spec import SPEC
from latscape.studies.classes.stages import pictures, prepare, rows, within_spread
from latscape.studies.shared.models import build

IMAGES = np.random.default_rng(0).uniform(size=(50, 8, 8)).astype(np.float32)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("images.npy", IMAGES)
    np.save("labels.npy", np.arange(50) % 3)
    return tmp_path


def begun(folder, **options):
    usual = {"data": "images.npy", "validation": 0.3, "model": "jvae", "epochs": 1, "up_to": 4, "members": 2}
    return Run.create(run_kind("classes"), SPEC(**usual | options), folder)


def test_rows_are_those_of_the_ensembles(files):
    run = begun(files / "a", seed=3)
    run.run()
    samples = run.prepared
    model = build(run.spec.model_options(3), (8, 8), float(samples.x.max()))
    ensemble = ls.ensemble(model, n=2).fit(samples.x[~samples.validation])
    seen, row = samples.x[samples.validation], rows(run)[3]
    np.testing.assert_allclose(row["elbo"], [member.score(seen) for member in ensemble.members_], rtol=1e-6)
    assert row["dispersion"] == pytest.approx(ensemble.dispersion(seen).mean(), rel=1e-5)
    assert set(rows(run)) == {2, 3, 4}
    assert run.finished
    assert {name: picture.shape for name, picture in pictures(run).items()} == {
        "2": (2, 8, 8),
        "3": (3, 8, 8),
        "4": (4, 8, 8),
    }
    assert not run.file("partial").exists()  # what was kept of members on the way


class Stopped(Exception):
    pass


@pytest.mark.parametrize("by", [Stopped, KeyboardInterrupt])
def test_a_search_that_was_stopped_goes_on_to_the_same_rows(files, by):
    whole, cut = begun(files / "whole"), begun(files / "cut")
    whole.run()

    def stop(stage, done, total, note):
        if done == 3:
            raise by

    with pytest.raises(by):
        cut.run(stop)
    assert cut.begun
    cut.record.close()
    again = Run.open(files / "cut", readonly=False)
    assert (set(rows(again)), again.finished) == ({2}, False)
    assert again.state.startswith("failed: Stopped" if by is Stopped else "unfinished: 0 of 1 stages, next members")
    asked = []
    again.run(lambda stage, done, total, note: asked.append((done, total, note)))
    assert asked == [(3, 6, "3 classes"), (4, 6, "3 classes"), (5, 6, "4 classes"), (6, 6, "4 classes")]
    assert again.state == "finished"
    for count, row in rows(whole).items():
        assert {**rows(again)[count], "seconds": 0} == {**row, "seconds": 0}
    for count, picture in pictures(whole).items():
        np.testing.assert_array_equal(pictures(again)[count], picture)


def test_a_member_that_was_trained_is_not_trained_again(files, monkeypatch):
    """Nor is any epoch of one that was stopped on its way."""
    cut, epochs = begun(files / "cut", up_to=2, members=2, epochs=5), []
    fit = ls.VAE.fit

    def watched(self, *given, **options):
        def on_epoch(epoch, means):
            epochs.append((self.seed, epoch))
            if len(epochs) == 8:
                raise Stopped

        return fit(self, *given, **options, on_epoch=on_epoch)

    monkeypatch.setattr(ls.VAE, "fit", watched)
    with pytest.raises(Stopped):
        cut.run()
    before = cut.record.get("seconds/2")
    cut.record.close()
    again = Run.open(files / "cut", readonly=False)
    again.run()
    first, second = dict.fromkeys(seed for seed, _ in epochs)
    assert epochs == [*((first, k) for k in range(5)), *((second, k) for k in range(5))]
    assert rows(again)[2]["seconds"] > before


@pytest.mark.parametrize("other", [IMAGES[:40], IMAGES[::-1]])
def test_other_samples_are_noticed(files, refused, other):
    run = begun(files / "a")

    def stop(*given):
        raise Stopped

    with pytest.raises(Stopped):
        run.run(stop)
    run.record.close()
    np.save("images.npy", other)
    with refused() as error:
        Run.open(run.folder, readonly=False).run()
    assert "samples this run was begun with" in str(error.value)


def test_the_smallest_number_within_the_spread_of_the_best():
    rows = {
        k: {"elbo": elbo} for k, elbo in {2: [-9.0, -9.5], 3: [-5.1, -5.2], 4: [-4.5, -5.5], 5: [-6.0, -6.1]}.items()
    }
    assert within_spread(rows) == (4, 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "rvae"}, "jvae, jrvae"),
        ({"model": "ssvae", "labels": "labels.npy"}, "jvae, jrvae"),
        ({"up_to": 1}, "--up-to of at least 2"),
        ({"members": 1}, "--members of at least 2"),
        ({"classes": 5}, "--up-to 5"),
        ({"classes": 1}, "--classes of at least 2"),
        ({"target": "images.npy"}, "--target"),
    ],
)
def test_ensembles_nobody_can_choose_from_are_refused(files, refused, options, said):
    with refused() as error:
        prepare(SPEC(**{"data": "images.npy", "model": "jvae"} | options))
    assert said in str(error.value)
