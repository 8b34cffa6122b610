"""An experiment as a run: what words mean in it, how it goes on, and what it says before it has begun."""

from pathlib import Path

import numpy as np
import pytest

from latscape import parts
from latscape.gp import DeepKernel, ExactGP, RefitOnGrowth, StackedSurrogate
from latscape.lab import Axis, Components, InitialDesign, Measurement
from latscape.lab.synthetic import domains
from latscape.parts import registry
from latscape.runs import Run, run_kind, write_report
from latscape.studies.explore.rescored import rescored
from latscape.studies.explore.spec import ExploreSpec
from latscape.studies.explore.stages import surrogate_of
from latscape.studies.explore.terminal import MapDisplay
from latscape.studies.explore.view import steps

KIND = run_kind("explore")
SCAN = domains(size=14)
SMALL = {"budget": 14, "n_initial": 6, "n_proposals": 4, "descriptor": "components", "scalarizer": "loop-area"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    np.save(tmp_path / "image.npy", SCAN.image)
    np.save(tmp_path / "loops.npy", SCAN.measurements)
    np.save(tmp_path / "bias.npy", SCAN.measurements.axis("bias").positions)
    return {"image": str(tmp_path / "image.npy"), "spectra": str(tmp_path / "loops.npy")}


def begun(files, folder: Path, **options) -> Run:
    axis = {"axis": str(folder / "bias.npy")} if "spectra" in files else {}
    spec = ExploreSpec(**SMALL | files | axis | options)
    return Run.create(KIND, spec, folder / f"run-{len(list(folder.iterdir()))}")


def values(run: Run) -> list[float | None]:
    return [one.value for one in run.record.evaluations()]


def test_an_experiment_that_has_not_begun_says_so(files, tmp_path):
    run = begun(files, tmp_path)
    assert KIND.story.headline(run) == ["Nothing is measured yet."]
    assert run.summary()["evaluations"] == 0
    assert "Nothing is measured yet" in write_report(run).read_text()


class Cut(Exception):
    pass


def test_an_interrupted_experiment_goes_on_to_the_same_end(files, tmp_path):
    def cut(stage, done, total, note):
        if done == 9:
            raise Cut

    whole = begun(files, tmp_path)
    whole.run()
    part = begun(files, tmp_path)
    with pytest.raises(Cut):
        part.run(cut)
    assert 6 < len(values(part)) < 14
    assert "measurements" in KIND.story.headline(part)[0]
    assert write_report(part).exists()
    part.record.close()
    again = Run.open(part.folder, readonly=False)
    again.check_resumable()
    again.run()
    assert values(again) == values(whole)
    ours, theirs = again.summary(), whole.summary()
    for name in ("best_value", "best_place", "r2", "top_found", "regret", "stopped", "state"):
        assert ours[name] == theirs[name], name
    assert np.array_equal(again.record.newest("mean")[1], whole.record.newest("mean")[1])


def test_what_is_scored_anew_goes_on_if_measurements_are_left(files, tmp_path):
    def cut(stage, done, total, note):
        if done == 10:
            raise Cut

    part = begun(files, tmp_path)
    with pytest.raises(Cut):
        part.run(cut)
    before = values(part)
    other = rescored(part, "loop-height", tmp_path / "other")
    assert not other.finished
    assert steps(other) == [len(values(other))]
    other.run()
    assert (len(values(other)), other.finished, other.spec.scalarizer) == (14, True, "loop-height")
    assert values(part) == before
    assert values(other)[: len(before)] != before
    final = rescored(other, "loop-area", tmp_path / "third")
    assert final.finished
    assert values(final)[: len(before)] == before


GROUPS = ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("exact", RefitOnGrowth(ExactGP(noise="broad", groups=GROUPS))),
        ("deep", DeepKernel(decay=30.0, seed=5)),
        (
            "stacked",
            StackedSurrogate(
                (RefitOnGrowth(ExactGP(noise="broad", groups=GROUPS)), DeepKernel(decay=30.0, seed=5)), seed=5
            ),
        ),
        ("exact:kernel=matern", RefitOnGrowth(ExactGP(kernel="matern", groups=GROUPS))),
        ("deep:latent=3", DeepKernel(latent=3, seed=5)),
        ("deep:seed=2", DeepKernel(seed=2)),
        ("stacked:folds=3", StackedSurrogate(folds=3, seed=5)),
    ],
)
def test_a_surrogate_by_its_word_alone_is_the_recommended_one(words, expected):
    assert surrogate_of(ExploreSpec(scene="switching", surrogate=words, seed=5), GROUPS) == expected


@pytest.mark.parametrize(
    ("budget", "many"), [("30", 30), (7, 7), ("5%", 10), ("100%", 196), ("0.001%", 1), ("12.5 %", 24)]
)
def test_a_budget_is_a_number_or_a_share_of_the_places(budget, many):
    assert ExploreSpec(budget=budget).measurements(196) == many


@pytest.mark.parametrize("budget", ["0", "-1", "1.5", "0%", "100.1%", "inf%", "nan%", "inf", "nan", "%", "", 0, 2.5])
def test_no_other_budget_is_taken(budget, refused):
    with refused():
        ExploreSpec(budget=budget)


class Forbidden:
    def __init__(self, scan, seed: int, gain: float = 1.0):
        self.gain, self.seed = gain, seed

    def measure(self, point):
        if point[0] > 9:
            raise RuntimeError("out of reach")
        return Measurement(self.gain * point, (Axis("direction", 2),))


def corner(places, image, n_initial, budget):
    """The first places."""
    return InitialDesign(places[:3], budget)


class Brightness:
    """The mean of a patch."""

    def __init__(self, patches, power: int = 1):
        self.power = power

    def __call__(self, patches):
        return patches.reshape(len(patches), -1).mean(axis=1, keepdims=True) ** self.power


def test_parts_of_a_plugin_are_used_by_their_words(files, tmp_path):
    for kind, word, part in (
        ("instrument", "afm", Forbidden),
        ("policy", "corner", corner),
        ("descriptor", "brightness", Brightness),
    ):
        parts.register(kind, word)(part)
    image = {"image": files["image"]}
    chosen = {"instrument": "afm:2", "policy": "corner", "descriptor": "brightness:2", "scalarizer": "integral:0,1"}
    run = begun(image, tmp_path, **chosen, seed=3)
    said = []
    run.run(lambda stage, done, total, note: said.append((done, total, note)))
    rows = run.record.evaluations()
    assert [one.point.tolist() for one in rows[:3]] == [[0, 0], [0, 1], [0, 2]]
    assert rows[1].curves["values"] == [0.0, 2.0]
    assert run.prepared.space.groups == ((0,), (1, 2))
    failed = [one for one in rows if one.status == "failed"]
    assert [done for done, total, note in said if total == 0 and "out of reach" in note] == [0] * len(failed)
    assert "truth" not in run.record.arrays(-1)


def test_descriptors_are_made_of_their_words_and_the_patches():
    patches = np.random.default_rng(0).normal(size=(40, 5, 5))
    made = parts.build_part("descriptor", "components:2", patches=patches)
    assert np.array_equal(made(patches), Components(patches, 2)(patches))
    assert np.array_equal(parts.build_part("descriptor", "pixels", patches=patches)(patches), patches.reshape(40, -1))


def test_maps_are_shown_on_a_terminal(files, tmp_path):
    run, shown = begun(files, tmp_path), []
    run.observers = (MapDisplay(run, shown.append),)
    run.run()
    maps, line = shown[-1].renderables
    assert line.plain.startswith("14 of 14: ")
    assert [text.plain.partition("\n")[0] for text in maps.renderables] == ["prediction", "uncertainty", "acquisition"]
