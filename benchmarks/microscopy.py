"""What do the studies of microscopes' images find, and how much of it depends on the seed?

    python benchmarks/microscopy.py [--json] [--smoke] [--seeds 5] [--first-seed 10] [--out rows.jsonl]
        [--studies graphene mos2 domains spectrum-image movie]

Every study with its quick preset, once a seed: all that its numbers say, mean and standard deviation over the seeds.
The image of a study is the same for all seeds, the movie is not. Needs the public data sets (`latscape data get`); a
smoke run takes small generated ones. Seeds below 10 were looked at when settings were chosen.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.data import crystal, domain_movie, domains
from latscape.runs import Run, run_kind
from latscape.runs.run import STAGE

STUDIES = ("graphene", "mos2", "domains", "spectrum-image", "movie")
#: Not of interest here, and slow.
LEFT_OUT = ("baselines",)


def smoke_file(name: str, folder: Path) -> dict:
    """Options of a tiny run on a file that is made for it."""
    counts = np.random.default_rng(0).poisson(3.0, size=(8, 8, 16))
    made = {
        "graphene": lambda: crystal("graphene", size=128, spacing=11.0, dose=60.0).image,
        "mos2": lambda: crystal("mos2", size=128, spacing=11.0, dose=60.0).image,
        "domains": lambda: domains(72, noise=0.2).image,
        "spectrum-image": lambda: counts,
        "movie": lambda: domain_movie(8, size=64, pins=8, scale=12.0).movie,
    }
    path = folder / "made.npy"
    np.save(path, made[name]())
    extra = {"graphene": {"spacing": 11.0}, "mos2": {"spacing": 11.0}, "domains": {"stride": 6}}
    extra |= {"spectrum-image": {"latent": 2}, "movie": {"frame_delay": 1, "point_spacing": 3, "window": 12}}
    return {"input": str(path), "epochs": 1, **extra[name]}


def found(name: str, seed: int, changes: Callable[[Path], dict]) -> dict:
    """Numbers of one run of any study, by their paths; `changes` are options, given a folder to write files in."""
    kind = run_kind(name)
    with tempfile.TemporaryDirectory() as place:
        spec = kind.spec.choose("quick", {"seed": seed, **changes(Path(place))})
        run = Run.create(kind, spec, Path(place) / "run")
        for stage in LEFT_OUT:
            run.record.put(STAGE + stage, {})  # as if it were done
        run.run()
        numbers = {f"{stage}/{path}": value for stage in kind.stages.order for path, value in flat(run.numbers(stage))}
        run.record.close()
    return {"study": name, "seed": seed, "numbers": numbers}


def flat(value: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Numbers in nested dictionaries and lists."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    else:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield path, float(value)
        return
    for key, part in parts:
        yield from flat(part, f"{path}/{key}" if path else str(key))


def main() -> int:
    parser = seeded(__doc__, first=10)
    parser.add_argument("--studies", nargs="+", choices=STUDIES, default=list(STUDIES))
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = Rows(options.out, "study", "seed")
    table: dict[str, dict[str, list[float]]] = {}
    for name in options.studies:
        changes = partial(smoke_file, name) if options.smoke else lambda folder: {}
        made = [rows.get((name, seed), partial(found, name, seed, changes))["numbers"] for seed in seeds(options)]
        table[name] = {}
        for path in made[0]:
            values = np.array([one[path] for one in made if path in one])
            table[name][path] = [float(values.mean()), float(values.std(ddof=int(len(values) > 1)))]
            print(f"{name:15s}{path:45s}{table[name][path][0]:11.4g} ± {table[name][path][1]:.2g}")
    if options.json:
        print(as_json({"columns": ["mean", "standard deviation"], "rows": table}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
