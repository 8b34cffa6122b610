"""Ratios of two ways to the same result, on machines that are shared and noisy."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import torch


@dataclass(frozen=True)
class Turn:
    """Seconds of one call: by the clock on the wall, and of processor time of all threads."""

    wall: float
    cpu: float


def take_turns(ways: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[Turn]]:
    """Every call of every way: each once to warm up, then A B A B, `repeats` times."""
    for way in ways.values():
        way()
    turns: dict[str, list[Turn]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            turns[name].append(Turn(time.perf_counter() - wall, time.process_time() - cpu))
    return turns


Clock = Literal["wall", "cpu"]


def medians(ways: Mapping[str, Callable[[], object]], repeats: int, clock: Clock = "wall") -> dict[str, float]:
    """Median seconds of each way, taking turns."""
    return {name: median(turns, clock) for name, turns in take_turns(ways, repeats).items()}


def median(turns: list[Turn], clock: Clock = "wall") -> float:
    """Median seconds of a call. Where others keep the cores busy, processor time is the steadier of the two clocks."""
    return statistics.median(getattr(turn, clock) for turn in turns)


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
