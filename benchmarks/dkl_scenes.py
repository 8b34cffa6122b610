"""Which share of the best places of a real sample is found by measuring five per cent of it?

    python benchmarks/dkl_scenes.py [--json] [--smoke] [--seeds 10] [--first-seed 10] [--out ROWS] [--scenes NAME ...]
        [--methods NAME ...] [--batch 6]

Scenes of `latscape explore` with their usual scalarizers: what was recorded everywhere plays the instrument and is the
truth. Every method begins with the same random 1 % of the places and adds 1 % four times, refitted once per batch,
which is 1 % unless another is given. "best" are the top 1 % (the top 5 % of fewer than 2,500 places). Real scenes need
$LATSCAPE_DATA; without it only the calculated one is explored. AtomAI's dklGPR takes minutes a run: it is left out
unless it is named (`--methods ... atomai`, after `make peers`), and has three seeds at most.
"""

import time
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch

from _rows import Rows, interval, seeded, seeds
from _small import as_json
from latscape import gp
from latscape.campaign import Campaign, Candidates
from latscape.errors import DataUnavailable
from latscape.lab import Components, Experiment, Invariants, ReplayInstrument, Scan, candidates_of, parse_scalarizer
from latscape.lab.scenes import SCENES
from latscape.lab.scenes import scene as scan_of
from latscape.random import numpy_generator
from latscape.studies.explore.truth import ground_truth, score
from peers import at_hand, missing

REAL = ("pto-beps", "pto-loops", "sio2-eds", "raman", "cits")
SCORES, RIVALS = ("top_found", "r2"), ("random", "components", "atomai")
STEPS = 5  # batches of 1 %
SLOW, SLOW_SEEDS = ("atomai",), 3

Method = Callable[[Scan, str, int], tuple[Candidates, gp.Surrogate, str]]


def _described(scan: Scan, name: str) -> Candidates:
    """What a patch looks like, whatever its orientation, and where it is."""
    side = 2 * SCENES[name].window
    plain = candidates_of(scan.image, scan.coordinates, side)
    return candidates_of(scan.image, scan.coordinates, side, describe=Invariants(plain.patches), position=True)


def _exact(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """Ours: an exact GP on both, added."""
    space = _described(scan, name)
    return space, gp.ExactGP(noise="broad", groups=space.groups), "log_ei"


def _deep(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """Ours: a deep kernel on both, held back by weight decay."""
    return _described(scan, name), gp.DeepKernel(decay=30.0, seed=seed), "log_ei"


def _pixels(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """Ours: the deep kernel as it comes, on the pixels of the patch."""
    return candidates_of(scan.image, scan.coordinates, SCENES[name].window), gp.DeepKernel(seed=seed), "log_ei"


def _stacked(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """Ours: the first two, weighed by what they foretell."""
    space, exact, acquire = _exact(scan, name, seed)
    return space, gp.StackedSurrogate((exact, _deep(scan, name, seed)[1]), seed=seed), acquire


def _components(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """The rival: an exact GP on 6 principal components of the patch."""
    side = SCENES[name].window
    describe = Components(candidates_of(scan.image, scan.coordinates, side).patches, 6)
    return candidates_of(scan.image, scan.coordinates, side, describe=describe), gp.ExactGP(), "log_ei"


def _atomai(scan: Scan, name: str, seed: int) -> tuple[Candidates, gp.Surrogate, str]:
    """The rival: AtomAI's deep kernel on the pixels of the patch."""
    from peers.dklgpr import Peer

    return candidates_of(scan.image, scan.coordinates, SCENES[name].window), Peer(seed=seed), "log_ei"


METHODS: dict[str, Method | None] = {
    "random": None,
    "components": _components,
    "atomai": _atomai,
    "deep pixels": _pixels,
    "deep": _deep,
    "exact": _exact,
    "stacked": _stacked,
}


@cache
def sample(name: str) -> tuple[Scan, np.ndarray]:
    """A scan and the truth."""
    scan = scan_of(name)
    return scan, ground_truth(scan, parse_scalarizer(SCENES[name].scalarizers[0]))


def trial(name: str, method: str, batch: int, seed: int, steps: int = STEPS) -> dict:
    """One run, `batch` places at a time (0: a per cent): the scores after each per cent."""
    scan, truth = sample(name)
    each = max(round(0.01 * len(scan)), 2)
    begun, row = time.process_time(), {"scene": name, "method": method, "batch": batch, "seed": seed}
    make = METHODS[method]
    if make is None:
        order = numpy_generator(seed, "random").permutation(len(scan))
        nothing = [np.full(len(scan), np.nanmean(truth[order[:n]])) for n in _counts(each, steps)]
        found = [score(truth, m, order[:n]) for m, n in zip(nothing, _counts(each, steps), strict=True)]
    else:
        found = list(_campaign(scan, truth, make(scan, name, seed), name, seed, _counts(each, steps), batch or each))
    row |= {score: [one[score] for one in found] for score in SCORES}
    return row | {"regret": [one["regret"] for one in found], "seconds": time.process_time() - begun}


def _campaign(scan: Scan, truth: np.ndarray, parts: tuple, name: str, seed: int, counts: list[int], batch: int):
    space, surrogate, acquire = parts
    campaign = Campaign(space, surrogate, acquire, seed=seed)
    experiment = Experiment(ReplayInstrument(scan), parse_scalarizer(SCENES[name].scalarizers[0]))
    index = {tuple(place): k for k, place in enumerate(scan.coordinates)}
    for n in counts:
        options = {"n_initial": counts[0], "budget": n, "batch": batch, "evaluate_optimum": False}
        result = campaign.run(experiment, **options)
        measured = np.array([index[tuple(one.point)] for one in result.evaluations])
        yield score(truth, result.mean, measured)


def _counts(each: int, steps: int) -> list[int]:
    return [each * (k + 1) for k in range(steps)]


def summarize(rows: list[dict]) -> dict:
    """Mean and half width of each score at 1 % and at the end, and of its gain over a rival at equal seeds."""
    table: dict = {}
    for row in rows:
        table.setdefault(row["scene"], {}).setdefault(row["method"], {})[row["seed"]] = row
    return {scene: {m: _summary(by, methods) for m, by in methods.items()} for scene, methods in table.items()}


def _summary(by_seed: dict[int, dict], methods: dict) -> dict:
    found: dict = {"seeds": sorted(by_seed), "seconds": float(np.mean([row["seconds"] for row in by_seed.values()]))}
    for name in SCORES:
        for at, k in (("first", 0), ("last", -1)):
            found[f"{name}_{at}"] = interval(np.array([row[name][k] for row in by_seed.values()]))
            for rival in RIVALS:
                shared = sorted(by_seed.keys() & methods.get(rival, {}).keys())
                if len(shared) > 1:
                    gain = np.array([by_seed[s][name][k] - methods[rival][s][name][k] for s in shared])
                    found[f"{name}_{at}_less_{rival}"] = interval(gain)
    return found


def show(summary: dict) -> None:
    heads = ("best found", "less components", "less atomai", "R2", "less components", "less atomai", "seconds")
    print(f"{'scene':10s} {'method':16s}", *(f"{head:>16s}" for head in heads))
    for scene, methods in summary.items():
        for method, found in methods.items():
            kinds = ("", "_less_components", "_less_atomai")
            names = [f"{score}_last{kind}" for score in SCORES for kind in kinds]
            cells = [f"{found[name][0]:.2f} ± {found[name][1]:.2f}" if name in found else "" for name in names]
            print(f"{scene:10s} {method:16s}", *(f"{cell:>16s}" for cell in cells), f"{found['seconds']:>16.1f}")


def main() -> int:
    parser = seeded(__doc__, first=10)
    parser.set_defaults(seeds=10)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=["switching", *REAL])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=[m for m in METHODS if m not in SLOW])
    parser.add_argument("--batch", type=int, default=0, help="places measured before the next fit; 0: one per cent")
    options = parser.parse_args()
    methods = options.methods
    if "atomai" in methods and not at_hand("atomai"):
        print(f"left out atomai: {missing('atomai')}")
        methods = [m for m in methods if m != "atomai"]
    torch.set_num_threads(1)
    known, rows = Rows(options.out, "scene", "method", "batch", "seed"), []
    steps = 1 if options.smoke else STEPS
    for name in filter(_there, ("switching",) if options.smoke else options.scenes):
        for k, seed in enumerate(seeds(options)):
            now = [m for m in methods if m not in SLOW or k < SLOW_SEEDS]
            rows += [
                known.get((name, m, options.batch, seed), partial(trial, name, m, options.batch, seed, steps))
                for m in now
            ]
    summary = summarize(rows)
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


def _there(name: str) -> bool:
    try:
        sample(name)
    except DataUnavailable as error:
        print(f"left out {name}: {error}")
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
