"""Rows of a long benchmark on disk, one JSON line each, so that what was measured is not measured again; intervals."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from scipy import stats

from _small import as_json


def seeded(description: str, first: int = 0) -> argparse.ArgumentParser:
    """The options every benchmark over seeds has."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=first)
    parser.add_argument("--out", type=Path, help="one JSON line per row; those it holds are not measured again")
    return parser


def seeds(options: argparse.Namespace) -> range:
    """The seeds that are asked for, one of them in a smoke run."""
    return range(options.first_seed, options.first_seed + (1 if options.smoke else options.seeds))


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Mean and half width of the 95 % t-interval."""
    array = np.asarray(list(values), dtype=float)
    half = stats.t.ppf(0.975, len(array) - 1) * stats.sem(array) if len(array) > 1 else float("nan")
    return float(array.mean()), float(half)


class Rows:
    """Rows by the values of some of their fields.

    Parameters
    ----------
    out : path or None
        Where they are kept.
    *fields : str
        Which values name a row.
    """

    def __init__(self, out: Path | None, *fields: str) -> None:
        self.out = out
        lines = out.read_text().splitlines() if out and out.exists() else []
        self.known = {tuple(row[field] for field in fields): row for row in map(json.loads, lines)}

    def get(self, key: tuple, measure: Callable[[], dict]) -> dict:
        """The row of this name, measured if there is none."""
        if key not in self.known:
            self.known[key] = measure()
            print(", ".join(map(str, key)), file=sys.stderr, flush=True)
            if self.out:
                with self.out.open("a") as file:
                    file.write(as_json(self.known[key]) + "\n")
        return self.known[key]
