"""What does it cost to train on a spectrum image that stays in its file?

    python benchmarks/large_files.py [--json] [--smoke] [--repeats 3]

A map of 96 x 96 spectra of 1,024 counts, HDF5 in chunks of 8 x 8 spectra packed with gzip. One epoch of a VAE, in
batches of 200 spectra in random order, from an array in memory, from the scratch copy that `latscape fit` makes, and
from the packed file itself; and what the copy costs once. Seconds are those of the processor.
"""

import argparse
import json
import os
import tempfile
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded

import h5py
import numpy as np
import torch

import latscape as ls
from _timing import machine, medians
from latscape.data import load
from latscape.signals import Rows


def write(path: Path, side: int, channels: int) -> None:
    """Counts whose neighbours differ; the same for every run."""
    line = np.random.default_rng(0).poisson(3.0, size=(side, channels)).astype(np.uint16)
    with h5py.File(path, "w") as file:
        shape = (side, side, channels)
        image = file.create_dataset("map", shape, np.uint16, chunks=(8, 8, channels), compression="gzip")
        for start in range(0, side, 8):
            image[start : start + 8] = np.stack([np.roll(line, start + row, axis=0) for row in range(8)])


def epoch(samples: object) -> None:
    ls.vae(likelihood=ls.Poisson(exposure=20.0), epochs=1, batch=200).fit(samples, progress=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print all numbers as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    side, channels, repeats = (16, 64, 1) if options.smoke else (96, 1024, options.repeats)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.h5")
        write(path, side, channels)
        rows = load(path, axes="y, x | energy", lazy=True).samples
        assert isinstance(rows, Rows)
        sources = {"memory": np.asarray(rows).astype(np.float32), "scratch": rows.scratch(), "packed": rows}
        ways = {name: partial(epoch, source) for name, source in sources.items()}
        seconds = medians({**ways, "copy": rows.scratch}, repeats, "cpu")
    print(f"{side} x {side} spectra of {channels}: one epoch, CPU seconds and ratio to memory")
    for name in sources:
        print(f"{name:8s}{seconds[name]:10.2f}{seconds[name] / seconds['memory']:8.2f}")
    print(f"the copy, once: {seconds['copy']:.2f}")
    if options.json:
        print(json.dumps({"seconds": seconds, "shape": [side, side, channels], "machine": machine()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
