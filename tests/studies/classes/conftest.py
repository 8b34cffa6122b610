import numpy as np
import pytest

from latscape.runs import Run, run_kind
from latscape.studies.classes.spec import SPEC


@pytest.fixture(scope="session")
def choice(tmp_path_factory):
    """A finished search for the number of classes."""
    folder = tmp_path_factory.mktemp("runs")
    images = np.random.default_rng(0).uniform(size=(60, 9, 8))
    np.savez(folder / "images.npz", images=images, labels=np.arange(60) % 3)
    spec = SPEC(data=str(folder / "images.npz"), model="jvae", epochs=2, up_to=4, members=2)
    run = Run.create(run_kind("classes"), spec, folder / "choice", command="latscape classes mine")
    run.run()
    return run
