import numpy as np
import pytest

from .helpers import LEAST, create


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory):
    """A finished run on images of one's own: no labels, two seeds per model, an awkward name of its folder."""
    folder = tmp_path_factory.mktemp("runs") / "<b>own & images"
    file = folder.with_name("own.npy")
    np.save(file, np.random.default_rng(0).uniform(size=(80, 12, 12)).astype(np.float32))
    run = create(folder, "latscape zbo 'own.npy'", data=str(file), classes=2, repeats=2, **LEAST)
    run.run()
    return run


@pytest.fixture(scope="session")
def mnist(tmp_path_factory):
    """A finished run on labelled digits."""
    run = create(tmp_path_factory.mktemp("runs") / "digits", **LEAST)
    run.run()
    return run
