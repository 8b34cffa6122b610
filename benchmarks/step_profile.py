"""Where the time of a training step goes, and how far it is from what the machine can do.

    python benchmarks/step_profile.py [--json] [--smoke] [--threads 1]

Profiles steps of the default jrVAE (10 classes, 28 x 28, batch 100), groups the operations, counts the floating-point
operations and the bytes each group must at least do and move, and divides by what the same machine reaches in the same
minute on a large matrix product and a large copy: the share of the time that an ideal program would need.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

import latscape as ls
from _small import as_json
from _timing import machine
from latscape.data.digits import mnist

BATCH, CLASSES, PIXELS = 100, 10, 784
#: Operations of `latscape.autoencoders.cpu.warped_kernel` per pixel and class, read off its lines: bilinear sample
#: and slopes 20, exponential 17, logarithm 18, sigmoid and residual 6, sums 14, spreading the residual 8.
KERNEL_FLOPS = 83
GROUPS: dict[str, tuple[str, ...]] = {
    "warp and likelihood": ("_WarpedNLL",),
    "matrix products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm"),
    "Adam": ("aten::_fused_adam_", "Optimizer.step#Adam.step", "Optimizer.zero_grad#Adam.zero_grad"),
    "activations": ("aten::tanh", "aten::tanh_backward", "aten::gelu", "aten::gelu_backward", "aten::softplus"),
}


def best(work: Callable[[], object], repeats: int) -> float:
    """Shortest of several calls [s]: what the machine can do, not what it does on average."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def limits(size: int) -> dict[str, float]:
    """Reached rates: floating-point operations and bytes per second."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    long, other = torch.rand(size * size * 4), torch.empty(size * size * 4)
    return {
        "flops": 2 * size**3 / best(lambda: a @ b, 10),
        "bytes": 2 * 4 * long.numel() / best(lambda: other.copy_(long), 10),
    }


def seconds_by_group(epochs: int, images: int) -> dict[str, float]:
    """Own time of every group per step [s]."""
    x = mnist("embedded").images[:images]
    ls.jrvae(CLASSES, epochs=1).fit(x)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        ls.jrvae(CLASSES, epochs=epochs).fit(x)
    steps = epochs * (images // BATCH)
    own = {event.key: event.self_cpu_time_total * 1e-6 / steps for event in found.key_averages()}
    grouped = {name: sum(own.get(key, 0.0) for key in keys) for name, keys in GROUPS.items()}
    return grouped | {"all else": sum(own.values()) - sum(grouped.values())}


def matrix_flops() -> float:
    """Of all matrix products of one step."""
    x = mnist("embedded").images[:BATCH]
    with FlopCounterMode(display=False) as counter:
        ls.jrvae(CLASSES, epochs=1).fit(x)
    return float(counter.get_total_flops())


def table(epochs: int, images: int, size: int) -> list[dict[str, float | str]]:
    found, most = seconds_by_group(epochs, images), limits(size)
    model = ls.jrvae(CLASSES, epochs=1).fit(mnist("embedded").images[:BATCH]).model_
    weights = sum(parameter.numel() for parameter in model.parameters())
    values = BATCH * CLASSES * PIXELS
    needed = {  # (operations, bytes): logits in, residuals out; each weight, gradient and two moments read and written
        "warp and likelihood": (KERNEL_FLOPS * values, 2 * 4 * values),
        "matrix products": (matrix_flops(), 3 * 2 * 4 * values),
        "Adam": (15.0 * weights, 7 * 4 * weights),
    }
    rows: list[dict[str, float | str]] = []
    for name, seconds in found.items():
        flops, moved = needed.get(name, (0.0, 0.0))
        ideal = max(flops / most["flops"], moved / most["bytes"])
        row = {"group": name, "ms": 1e3 * seconds, "share": seconds / sum(found.values()), "mflop": flops / 1e6}
        rows.append(row | {"mbyte": moved / 1e6, "ideal_ms": 1e3 * ideal})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="few steps")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = table(1, 200, 256) if options.smoke else table(10, 2000, 2048)
    print(f"{'group':22s}{'ms/step':>9s}{'share':>7s}{'MFLOP':>8s}{'MB':>7s}{'ideal ms':>10s}")
    for row in rows:
        left = f"{row['group']:22s}{row['ms']:9.2f}{100 * float(row['share']):6.0f}%"
        print(left + f"{row['mflop']:8.1f}{row['mbyte']:7.1f}{row['ideal_ms']:10.2f}")
    print(f"{'sum':22s}{sum(float(row['ms']) for row in rows):9.2f}")
    if options.json:
        print(as_json({"machine": machine(), "rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
