"""How the cost of training grows: with images, pixels, classes, width, batch and models at once.

    python benchmarks/scaling.py [--json] [--smoke] [--threads 2] [--repeats 5] [--clock wall]

One quantity at a time is varied around the default jrVAE: 10 classes, 1,000 digits of 28 x 28, batch 100, widths 128,
one model. All settings of one quantity take turns, and every row tells the time of one epoch, of one step, per sample
and model, and the exponent of the epoch's growth since the row before: 1 is linear, 0 is free. `--clock cpu` counts
the processor time of all threads instead, which is the steadier one where others use the cores.
"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from skimage.transform import resize

import latscape as ls
from _small import as_json
from _timing import Clock, machine, medians
from latscape.autoencoders.population import fit_together
from latscape.data.digits import mnist


@dataclass(frozen=True)
class Setting:
    images: int = 1000
    side: int = 28
    classes: int = 10
    width: int = 128
    batch: int = 100
    models: int = 1


DEFAULT = Setting()
SWEEPS: dict[str, tuple[int, ...]] = {
    "images": (1000, 3000, 10_000, 30_000, 60_000),
    "side": (14, 28, 56, 112),
    "classes": (2, 5, 10, 20, 40),
    "width": (32, 64, 128, 256, 512),
    "batch": (10, 30, 100, 300, 1000),
    "models": (1, 2, 4, 8, 16),
}
SMOKE: dict[str, tuple[int, ...]] = {"images": (100, 200), "side": (7, 14), "models": (1, 2)}


def digits(setting: Setting) -> np.ndarray:
    """MNIST at the wanted size; above 10,000 digits they are repeated, which costs the same as others would."""
    images = np.resize(mnist("embedded").images, (setting.images, 28, 28))
    if setting.side == 28:
        return images
    return np.stack([resize(image, (setting.side,) * 2) for image in images]).clip(0, 1)


def one_epoch(setting: Setting) -> Callable[[], object]:
    x = digits(setting)
    layers = (setting.width, setting.width)
    models = [
        ls.jrvae(
            setting.classes,
            encoder=ls.DenseEncoder(layers),
            decoder=ls.WarpDecoder(layers),
            batch=setting.batch,
            epochs=1,
            seed=seed,
        )
        for seed in range(setting.models)
    ]
    return (lambda: models[0].fit(x)) if setting.models == 1 else (lambda: fit_together(models, x))


def sweep(name: str, values: tuple[int, ...], repeats: int, clock: Clock) -> list[dict[str, float]]:
    settings = {value: replace(DEFAULT, **{name: value}) for value in values}
    work = {str(value): one_epoch(setting) for value, setting in settings.items()}
    rows: list[dict[str, float]] = []
    for value, seconds in medians(work, repeats, clock).items():
        setting = settings[int(value)]
        row = {
            "value": int(value),
            "seconds_per_epoch": seconds,
            "ms_per_step": 1e3 * seconds / math.ceil(setting.images / setting.batch),
            "us_per_sample_and_model": 1e6 * seconds / setting.images / setting.models,
        }
        before = rows[-1] if rows else None
        row["exponent"] = (
            math.log(seconds / before["seconds_per_epoch"]) / math.log(row["value"] / before["value"])
            if before
            else math.nan
        )
        rows.append(row)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the tables as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="few and small settings, one repeat")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps(machine()))
    tables = {}
    for name, values in (SMOKE if options.smoke else SWEEPS).items():
        tables[name] = sweep(name, values, 1 if options.smoke else options.repeats, options.clock)
        print(f"\n{name:>10s}{'s/epoch':>10s}{'ms/step':>10s}{'us/sample':>11s}{'exponent':>10s}")
        for row in tables[name]:
            numbers = (
                f"{row['seconds_per_epoch']:10.3f}{row['ms_per_step']:10.2f}{row['us_per_sample_and_model']:11.1f}"
            )
            print(f"{row['value']:10d}{numbers}{row['exponent']:10.2f}", flush=True)
    if options.json:
        print(as_json({"machine": machine(), "tables": tables}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
