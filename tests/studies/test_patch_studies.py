"""Studies of patches at a size that only shows that all stages and pages work, on files made here."""

import numpy as np
import pytest

from latscape.data import crystal, domain_movie, domains
from latscape.errors import InputError
from latscape.report.study import content_of, study_summary, write_study_report
from latscape.studies.catalogue import definition_of
from latscape.studies.spectrum_image import deviance, parted
from latscape.studies.study import NamedStudy


def carried_out(name, folder, **settings):
    definition = definition_of(name)
    folder.mkdir()
    study = NamedStudy.create(name, definition, definition.choose("quick", settings), folder)
    study.run()
    assert study.finished
    return study


@pytest.fixture
def file(tmp_path):
    def write(values):
        np.save(tmp_path / "given.npy", values)
        return str(tmp_path / "given.npy")

    return write


def test_atoms_of_a_file(tmp_path, file):
    made = crystal("mos2", size=160, spacing=11.0, dose=60.0)
    options = {"input": file(made.image), "field": 160 * 0.1824 / 11.0, "method": "log", "cycles": 1}
    study = carried_out("mos2", tmp_path / "run", **options)
    found = study_summary(study)
    assert found["neighbour_ratio"] == pytest.approx(1.0, abs=0.03)
    assert found["metal_ratio"] == pytest.approx(1.0, abs=0.03)
    assert set(found["structure"]) == {"angle", "offset x", "offset y", "content 1", "content 2"}
    assert len(study.arrays("jrvae")["class"]) == found["patches"]
    assert "atoms were found" in content_of(study).headline[0]
    page = write_study_report(study).read_text()
    assert "A perfect crystal" in page


def test_domains_of_a_file(tmp_path, file):
    image = domains(96, noise=0.2).image
    study = carried_out("domains", tmp_path / "run", input=file(image), cycles=1, stride=10)
    found = study_summary(study)
    assert found["patches"] == 64
    assert found["walls_agree"] > 0.6
    write_study_report(study)


def test_spectra_of_a_file(tmp_path, file):
    truth = np.random.default_rng(0).uniform(2.0, 60.0, size=(2, 40))
    share = np.linspace(0, 1, 144).reshape(12, 12, 1)
    counts = np.random.default_rng(1).poisson(share * truth[0] + (1 - share) * truth[1]).astype(np.int32)
    study = carried_out("spectrum-image", tmp_path / "run", input=file(counts), factors=2, cycles=2)
    found = study_summary(study)
    assert found["counts"]
    assert found["nmf_score"] < found["mean_score"]
    assert np.isfinite(found["vae_score"])
    write_study_report(study)


def test_a_movie_of_a_file(tmp_path, file):
    made = domain_movie(8, size=72, pins=10, scale=12.0)
    settings = {"cycles": 1, "delay": 1, "spacing": 3, "size": 12}
    study = carried_out("movie", tmp_path / "run", input=file(made.movie), **settings)
    found = study_summary(study)
    assert set(found["read"]) == {"curvature"}  # of a file, nobody knows velocities and pins
    assert found["forward"]["no_motion"] > 0
    write_study_report(study)


def test_halves_of_counts_are_independent_poisson_counts():
    counts = np.random.default_rng(0).poisson(6.0, size=(200, 100)).astype(np.float32)
    first, second = parted(counts, np.random.default_rng(1))
    np.testing.assert_array_equal(first + second, counts)
    assert first.mean() == pytest.approx(3.0, abs=0.05)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
    assert first.var() == pytest.approx(3.0, abs=0.1)


def test_deviance_is_nothing_for_the_counts_and_least_for_the_rates():
    rate = np.full((500, 20), 4.0)
    counts = np.random.default_rng(0).poisson(rate)
    assert deviance(counts, counts) == pytest.approx(0.0, abs=1e-3)
    assert deviance(counts, rate) < min(deviance(counts, 0.9 * rate), deviance(counts, 1.1 * rate))


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
