import numpy as np
import pytest

from latscape.runs import Run, run_kind
from latscape.studies.fit.spec import SPEC


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
            target = {"target": str(folder / "curves.npy")} if model == "ved" else {}
            data = {"data": str(folder / file), "normalize": file == "curves.npy", **target}
            spec = SPEC(**data, model=model, epochs=2, **options)
            run = Run.create(run_kind("fit"), spec, folder / f"<b>{len(done)} & {model}", command="latscape fit 'mine'")
            run.run()
            done[key] = run
        return done[key]

    return make
