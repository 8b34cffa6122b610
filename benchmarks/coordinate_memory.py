"""What does the coordinate decoder's chunk cost? Peak memory and seconds of a training step over chunk sizes.

    python benchmarks/coordinate_memory.py [--json] [--smoke] [--repeats 3]

A step is one of 100 MNIST digits, 10 classes, two layers of 128. The peak is the most that PyTorch held at a time, from
its profiler's record of every allocation, beyond what was there before the step; the images and weights count.
"""

import argparse
import json
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

import latscape as ls
from _timing import machine, median, take_turns
from latscape.data.digits import mnist
from latscape.nets.coordinate import CoordinateDecoder, Precision

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")


def step(x: np.ndarray, chunk: int | None, precision: Precision) -> None:
    decoder = CoordinateDecoder(chunk=chunk, precision=precision)
    ls.jrvae(10, decoder=decoder, epochs=1, batch=len(x)).fit(x)


def peak(x: np.ndarray, chunk: int | None, precision: Precision) -> float:
    """Most megabytes at a time."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        step(x, chunk, precision)
    assert record.profiler is not None
    events = record.profiler.kineto_results.events()
    return float(np.cumsum([event.nbytes() for event in events if event.name() == "[memory]"]).max()) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print all numbers as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    x = mnist(n=10 if options.smoke else 100).images
    chunks = (2, None) if options.smoke else (1, 2, 4, 8, 16, 32, None)
    cases = {f"{precision} {chunk}": (chunk, precision) for precision in PRECISIONS for chunk in chunks}
    ways = {name: lambda case=case: step(x, *case) for name, case in cases.items()}
    turns = take_turns(ways, 1 if options.smoke else options.repeats)
    rows = [
        {"chunk": chunk, "precision": precision, "peak_mb": peak(x, chunk, precision)}
        | {"seconds": median(turns[name])}
        for name, (chunk, precision) in cases.items()
    ]
    print(f"{'precision':12s}{'chunk':>6s}{'peak MB':>10s}{'seconds':>10s}")
    for row in rows:
        print(f"{row['precision']:12s}{row['chunk'] or 'all'!s:>6s}{row['peak_mb']:10.1f}{row['seconds']:10.3f}")
    if options.json:
        print(json.dumps({"rows": rows, "images": len(x), "machine": machine()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
