"""Ratios of two ways to the same result, on machines that are shared and noisy."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version

import torch


def take_turns(ways: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Seconds of every call: each way once to warm up, then A B A B, `repeats` times."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def medians(ways: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each way, taking turns."""
    return {name: statistics.median(seconds) for name, seconds in take_turns(ways, repeats).items()}


def ratio(slow: list[float], fast: list[float]) -> float:
    """How many times faster: the ratio of the medians."""
    return statistics.median(slow) / statistics.median(fast)


def machine() -> dict[str, object]:
    """What the numbers depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0],
        "bfloat16": "amx" if torch.cpu._is_amx_tile_supported() else "avx512" if _has_bf16() else "none",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("torch", "pyro-ppl", "pyroved")},
    }


def _has_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
