import numpy as np
import pytest

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
