"""A spectrum image that memory cannot hold is trained on, and every spectrum of it is looked at."""

import json
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

SHAPE = (128, 96, 2048)  # 96 MiB, as it is stored and in single precision
LIMIT = 80  # MiB that the process may take beyond what it has after a fit of a few samples
# The limit counts what the allocator holds. By itself it raises the size from which blocks are mapped whenever a large
# one is freed, and later ones then come from a heap that is fragmented: equal runs held 46 to 104 MB. With a fixed size
# what is counted is what the program holds, 39.5 to 41.5 MB in every run.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}

CODE = """
import json, re, resource, sys
from pathlib import Path
import numpy as np, torch
import latscape.data.reading
from latscape.runs import run_kind
from latscape.runs import Run
from latscape.studies.fit.spec import SPEC

torch.set_num_threads(1)
latscape.data.reading.WHOLE = 2**24
folder = Path(sys.argv[1])

def fit(name):
    options = {{"model": "vae", "epochs": 1, "batch_size": 200, "axes": "y, x | energy", "normalize": True}}
    spec = SPEC(data=str(folder / name), **options)
    run = Run.create(run_kind("fit"), spec, (folder / name).with_suffix(""))
    run.run()
    return run

fit("small.h5")
held = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (held + {limit} * 2**20,) * 2)
try:
    np.ones({shape}, np.float32)
    whole = "fits"
except MemoryError:
    whole = "does not fit"
found = fit("large.h5")
elbo = found.arrays("latents")["elbo"]
print(json.dumps([whole, type(found.prepared.samples.x).__name__, len(elbo), bool(np.isfinite(elbo).all())]))
"""


def write(path, shape):
    line = np.random.default_rng(0).poisson(3.0, size=shape[1:]).astype(np.uint32)
    with h5py.File(path, "w") as file:
        image = file.create_dataset("map", shape, np.uint32, chunks=(8, 8, shape[2]), compression="lzf")
        for row in range(shape[0]):
            image[row] = np.roll(line, row, axis=0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory as Linux has them")
def test_a_spectrum_image_larger_than_the_memory_is_fitted(tmp_path):
    write(tmp_path / "small.h5", (8, 8, SHAPE[2]))
    write(tmp_path / "large.h5", SHAPE)
    code = CODE.format(limit=LIMIT, shape=SHAPE)
    command, environment = [sys.executable, "-c", code, str(tmp_path)], os.environ | ALLOCATOR
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == ["does not fit", "Rows", SHAPE[0] * SHAPE[1], True]
