import numpy as np
import pytest

from latscape.studies import fitting
from latscape.studies.classes import Classes
from latscape.studies.models import ModelOptions
from latscape.studies.run import claim
from latscape.studies.samples import DataOptions
from latscape.studies.settings import preset
from latscape.studies.zbo import Study
from report.helpers import TINY


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory):
    """A finished study of images of one's own: no labels, two seeds per model, an awkward name of its folder."""
    folder = tmp_path_factory.mktemp("runs") / "<b>own & images"
    file = folder.with_name("own.npy")
    np.save(file, np.random.default_rng(0).uniform(size=(80, 12, 12)).astype(np.float32))
    study = Study.create(
        preset("quick", data=str(file), classes=2, repeats=2, **TINY), folder, "latscape zbo 'own.npy'"
    )
    study.run()
    return study


@pytest.fixture(scope="session")
def mnist(tmp_path_factory):
    """A finished study of labelled digits."""
    study = Study.create(preset("quick", **TINY), tmp_path_factory.mktemp("runs") / "digits")
    study.run()
    return study


@pytest.fixture(scope="session")
def fitted(tmp_path_factory):
    """A function that fits a preset to small samples with labels: `fitted("jrvae", classes=3)`."""
    folder = tmp_path_factory.mktemp("fits")
    generator = np.random.default_rng(0)
    np.savez(folder / "images.npz", images=generator.uniform(size=(60, 9, 8)), labels=np.arange(60) % 3)
    np.save(folder / "colour.npy", generator.uniform(size=(40, 8, 8, 3)))
    np.save(folder / "curves.npy", generator.normal(size=(60, 20)).cumsum(axis=1))
    done = {}

    def make(model, file="images.npz", **options):
        key = repr((model, file, options))
        if key not in done:
            told = {"target": str(folder / "curves.npy")} if model == "ved" else {}
            data = DataOptions(str(folder / file), normalize=file == "curves.npy", **told)
            prepared = fitting.prepare(data, ModelOptions(model, cycles=2, **options))
            with claim(folder / f"<b>{len(done)} & {model}") as run:
                done[key] = fitting.fit(data, prepared, run, command="latscape fit 'mine'")
        return done[key]

    return make


@pytest.fixture(scope="session")
def choice(tmp_path_factory, fitted):
    """A finished choice of the number of classes."""
    data = DataOptions(fitted("vae").result["options"]["data"])
    model = ModelOptions("jvae", classes=2, cycles=2)
    with claim(tmp_path_factory.mktemp("runs") / "choice") as folder:
        samples = fitting.prepare(data, model).samples
        study = Classes.create(data, model, folder, samples, up_to=4, members=2, command="latscape classes mine")
    study.run()
    return study
