"""Side by side timings: A B A B ..., medians, and what they were measured on."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping

import numpy
import torch


def interleaved(work: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each piece of work after one warm-up; every round does all of them, so noise hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for one in work.values():
        one()
    for _ in range(repeats):
        for name, one in work.items():
            start = time.perf_counter()
            one()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def machine() -> dict[str, object]:
    """What the timings were taken on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
