"""Studies of patches at a size that only shows that all stages and pages work, on files made here."""

from typing import get_args

import numpy as np
import pytest

from latscape.data import crystal, domain_movie, domains
from latscape.data.catalogue import scenes_of_kind
from latscape.errors import InputError
from latscape.runs import Run, run_kind, write_report
from latscape.runs.page import page_of
from latscape.studies.atoms.spec import GrapheneSpec, MoS2Spec
from latscape.studies.domains.spec import DomainSpec
from latscape.studies.spectrum_image.stages import poisson_deviance, split_counts

STUDIES = ("graphene", "mos2", "domains", "spectrum-image", "movie")


def create(name, folder, **options):
    kind = run_kind(name)
    return Run.create(kind, kind.spec.choose("quick", options), folder)


def carried_out(name, folder, **options):
    run = create(name, folder, **options)
    run.run()
    assert run.finished
    assert not list(folder.rglob("*.checkpoint"))
    return run


@pytest.fixture
def file(tmp_path):
    def write(values):
        np.save(tmp_path / "given.npy", values)
        return str(tmp_path / "given.npy")

    return write


@pytest.fixture
def small(file):
    """Options of a small run of every study, on a file that is made for it."""
    counts = np.random.default_rng(1).poisson(5.0, size=(12, 12, 40)).astype(np.int32)
    made = {
        "mos2": lambda: crystal("mos2", size=128, spacing=11.0, dose=60.0).image,
        "domains": lambda: domains(72, noise=0.2).image,
        "spectrum-image": lambda: counts,
        "movie": lambda: domain_movie(8, size=64, pins=8, scale=12.0).movie,
    }
    extra = {
        "mos2": {"spacing": 11.0, "atom_finder": "log"},
        "domains": {"stride": 6},
        "spectrum-image": {"latent": 2},
        "movie": {"frame_delay": 1, "point_spacing": 3, "window": 12},
    }
    return lambda name: {"input": file(made[name]()), **extra[name]}


def test_atoms_of_a_file(tmp_path, file):
    made = crystal("mos2", size=160, spacing=11.0, dose=60.0)
    options = {"input": file(made.image), "field_of_view": 160 * 0.1824 / 11.0, "atom_finder": "log", "epochs": 1}
    run = carried_out("mos2", tmp_path / "run", **options)
    found = run.summary()
    assert found["neighbour_ratio"] == pytest.approx(1.0, abs=0.03)
    assert found["metal_ratio"] == pytest.approx(1.0, abs=0.03)
    assert set(found["structure"]) == {"angle", "offset x", "offset y", "content 1", "content 2"}
    assert len(run.arrays("jrvae")["class"]) == found["patches"]
    assert "atoms were found" in page_of(run).headline[0]
    page = write_report(run).read_text()
    assert "A perfect crystal" in page


def test_domains_of_a_file(tmp_path, file):
    image = domains(96, noise=0.2).image
    run = carried_out("domains", tmp_path / "run", input=file(image), epochs=1, stride=10)
    found = run.summary()
    assert found["patches"] == 64
    assert found["walls_agree"] > 0.6
    write_report(run)


def test_spectra_of_a_file(tmp_path, file):
    truth = np.random.default_rng(0).uniform(2.0, 60.0, size=(2, 40))
    share = np.linspace(0, 1, 144).reshape(12, 12, 1)
    counts = np.random.default_rng(1).poisson(share * truth[0] + (1 - share) * truth[1]).astype(np.int32)
    run = carried_out("spectrum-image", tmp_path / "run", input=file(counts), latent=2, epochs=2)
    found = run.summary()
    assert found["counts"]
    assert found["nmf_score"] < found["mean_score"]
    assert np.isfinite(found["vae_score"])
    write_report(run)


def test_a_movie_of_a_file(tmp_path, file):
    made = domain_movie(8, size=72, pins=10, scale=12.0)
    options = {"epochs": 1, "frame_delay": 1, "point_spacing": 3, "window": 12}
    run = carried_out("movie", tmp_path / "run", input=file(made.movie), **options)
    found = run.summary()
    assert set(found["read"]) == {"curvature"}  # of a file, nobody knows velocities and pins
    assert found["forward"]["no_motion"] > 0
    write_report(run)


@pytest.mark.parametrize(
    ("name", "stage", "after"),
    [
        ("mos2", "jrvae", 3),
        ("mos2", "baselines", 2),
        ("domains", "rvae", 2),
        ("spectrum-image", "vae", 2),
        ("movie", "predict", 3),
    ],
)
def test_a_stopped_study_ends_as_if_it_had_not_been(tmp_path, small, name, stage, after):
    options = small(name) | {"epochs": 3} | ({"control": False} if name == "mos2" else {})
    whole = carried_out(name, tmp_path / "whole", **options)

    def stop(at, done, total, note):
        if at == stage and done == after:
            raise KeyboardInterrupt

    part = create(name, tmp_path / "part", **options)
    with pytest.raises(KeyboardInterrupt):
        part.run(stop)
    assert not part.done(stage)
    assert page_of(part).headline
    part.record.close()
    begun = []
    part = Run.open(tmp_path / "part", readonly=False)
    part.run(lambda at, done, total, note: begun.append((at, done)))
    assert begun[0][0] == stage
    if stage != "baselines":
        assert begun[0][1] > 1  # not from the first epoch
    for each in whole.kind.stages.order:
        assert part.numbers(each) == whole.numbers(each)
        for key, values in whole.arrays(each).items():
            np.testing.assert_array_equal(part.arrays(each)[key], values)


@pytest.mark.parametrize("name", ["domains", "spectrum-image", "movie"])
def test_one_content_number_has_a_page(tmp_path, small, name):
    run = create(name, tmp_path / "run", **(small(name) | {"epochs": 1, "latent": 1}))
    assert page_of(run).headline == ["Nothing was found yet."]
    run.run()
    write_report(run)


def test_words_of_scenes_are_scenes():
    words = [set(get_args(spec.model_fields["scene"].annotation)) for spec in (GrapheneSpec, MoS2Spec)]
    assert set.union(*words) - {"generated"} == set(scenes_of_kind("atoms"))
    assert set(get_args(DomainSpec.model_fields["scene"].annotation)) - {"generated"} == set(scenes_of_kind("domains"))


@pytest.mark.parametrize("name", STUDIES)
def test_numbers_out_of_range(name, refused):
    spec = run_kind(name).spec
    for one in spec.declared():
        if "number" in one.kind and one.name != "seed":
            for value in ("-1", "0") if one.name != "noise" else ("-1",):
                with refused():
                    spec(**{one.name: value})


def test_scenes_are_of_their_crystal(refused):
    with refused():
        GrapheneSpec(crystal="square")
    assert GrapheneSpec(crystal="square", scene="generated").crystal == "square"


def test_movies_are_as_long_as_their_patches(refused):
    with refused():
        run_kind("movie").spec(frames=8, frame_delay=4)


def test_halves_of_counts_are_independent_poisson_counts():
    counts = np.random.default_rng(0).poisson(6.0, size=(200, 100)).astype(np.float32)
    first, second = split_counts(counts, np.random.default_rng(1))
    np.testing.assert_array_equal(first + second, counts)
    assert first.mean() == pytest.approx(3.0, abs=0.05)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
    assert first.var() == pytest.approx(3.0, abs=0.1)


def test_deviance_is_nothing_for_the_counts_and_least_for_the_rates():
    rate = np.full((500, 20), 4.0)
    counts = np.random.default_rng(0).poisson(rate)
    assert poisson_deviance(counts, counts) == pytest.approx(0.0, abs=1e-3)
    assert poisson_deviance(counts, rate) < min(
        poisson_deviance(counts, 0.9 * rate), poisson_deviance(counts, 1.1 * rate)
    )


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("graphene", np.random.default_rng(0).normal(size=(80, 80, 3)), "in colour"),
        ("graphene", crystal("square", size=64, dose=50.0).image, "50 atoms"),
        ("domains", np.random.default_rng(0).normal(size=(30, 30)), "50 windows"),
        ("spectrum-image", np.ones((9, 9)), "three axes"),
        ("movie", np.zeros((2, 32, 32)), "frames"),
    ],
)
def test_files_that_do_not_fit(tmp_path, file, name, values, said):
    with pytest.raises(InputError, match=said):
        carried_out(name, tmp_path / "run", input=file(values))
