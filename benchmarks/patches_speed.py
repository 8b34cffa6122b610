"""How fast is an image turned into atoms and patches?

    python benchmarks/patches_speed.py [--json] [--smoke] [--repeats 5]

A generated graphene image of 2,048 x 2,048 pixels at 50 counts a pixel: finding its atoms by each method (with the
fits, once everything is compiled), and materialising 50,000 float32 patches of 32 x 32 in batches of 4,096. Median
seconds by the clock on the wall, beside the processor's.
"""

import argparse

import numpy as np
import torch

from _small import as_json
from _timing import machine, median, take_turns
from latscape.data import crystal
from latscape.patches import cut, find_atoms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    side, count, repeats = (256, 500, 1) if options.smoke else (2048, 50_000, options.repeats)
    image = crystal("graphene", size=side, vacancies=0.01, dose=50.0).image
    centres = np.random.default_rng(0).uniform(16, side - 17, size=(count, 2))

    def patches() -> int:
        return sum(len(batch) for batch in cut(image, centres, size=32).batches(4096))

    assert patches() == count
    methods = ("maxima", "log", "dog", "unet")
    ways = {method: lambda method=method: find_atoms(image, spacing=12.0, method=method) for method in methods}
    turns = take_turns({"patches": patches, **ways}, repeats)
    found = {name: {"wall": median(times), "cpu": median(times, "cpu")} for name, times in turns.items()}
    print(f"image {side} x {side}, {len(find_atoms(image, spacing=12.0))} atoms, {count} patches of 32 x 32")
    for name, seconds in found.items():
        print(f"{name:10s} wall {seconds['wall']:7.2f} s   cpu {seconds['cpu']:7.2f} s")
    if options.json:
        print(as_json({"side": side, "patches": count, "seconds": found, "machine": machine()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
