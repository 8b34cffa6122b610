"""How long does the paper's campaign take here? Extrapolated from a few of its evaluations.

    python benchmarks/campaign_time.py [--json] [--smoke] [--evaluations 3] [--threads 2]

The campaign of Biswas et al. 2023 on MNIST (preset `paper`): 1,000 digits, 120 epochs, 20 starts and 120 acquired
points, and the optimum. A few of its evaluations (training and scoring) are timed, and a few of its choices of a next
point (Gaussian process, acquisition), with a record of half the campaign's length; the latent plane is one fit. By the
clock on the wall and in processor time of all threads. `peer_hours` is what pyroVED's trainings alone would take at
39 s an epoch, ten times the step that `jrvae_speed.py` measures.
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import torch

from _small import as_json
from _timing import Turn, machine
from latscape import parts
from latscape.campaign import Campaign
from latscape.campaign.evaluate import Trial
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.learner import Learner
from latscape.random import derive_seed
from latscape.runs import Progress, Run, run_kind
from latscape.studies.zbo.results import space
from latscape.studies.zbo.spec import ZboSpec
from latscape.studies.zbo.stages import evaluator, fit_plane

PEER_EPOCH = 39.0  # seconds, ten steps of 100 digits on two quiet cores


def timed(work: Callable[[], object]) -> tuple[Turn, object]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return Turn(time.perf_counter() - wall, time.process_time() - cpu), found


def half_way(learner: Learner, count: int, seed: int) -> list[Evaluation]:
    """A record in the middle of a campaign: random points, and values with a hill and noise."""
    generator = np.random.default_rng(seed)
    points = learner.candidates[generator.integers(len(learner.candidates), size=count)]
    scaled = (points - points.mean(axis=0)) / points.std(axis=0)
    values = 30 - (scaled**2).sum(axis=1) + generator.normal(0, 0.7, count)
    return [
        Evaluation(k, "start", point, point, k, status="done", value=float(value))
        for k, (point, value) in enumerate(zip(points, values, strict=True))
    ]


def measure(folder, evaluations: int, smoke: bool) -> dict:
    small = {"epochs": 3, "images": 60, "final_images": 60, "validation": 60, "n_initial": 2, "budget": 4}
    small |= {"space_epochs": 60, "space_draws": 60, "space_learning_rate": 1e-3}
    small["surrogate"] = "exact:optimizer=adam,priors=no,noise=broad,steps=20"
    spec = ZboSpec.choose("paper", {"data": "mnist", **(small if smoke else {"final_images": 10_000})})
    run = Run.create(run_kind("zbo"), spec, folder)
    plane, _ = timed(lambda: fit_plane(run, Progress()))
    surrogate = parts.build_part("surrogate", spec.surrogate)
    learner = Campaign(space(run), surrogate, acquire=spec.acquire, seed=spec.seed)._learner
    rows = half_way(learner, max(spec.budget // 2, 3), spec.seed)
    choices = [timed(lambda: learner.acquired(rows, 1))[0] for _ in range(evaluations)]
    evaluate = evaluator(run)
    trainings = []
    for k, row in enumerate(learner.start([], evaluations).rows):
        trial = Trial(k, derive_seed(spec.seed, "evaluation", k))
        trainings.append(timed(lambda row=row, trial=trial: evaluate(row.decoded, trial))[0])
    acquired = spec.budget - spec.n_initial
    table = {}
    for clock in ("wall", "cpu"):
        training, choice = (float(np.mean([getattr(t, clock) for t in some])) for some in (trainings, choices))
        total = getattr(plane, clock) + training * (spec.budget + 1) + choice * (acquired + 1)
        table[clock] = {
            "plane_seconds": getattr(plane, clock),
            "evaluation_seconds": training,
            "choice_seconds": choice,
            "campaign_minutes": total / 60,
        }
    peer = PEER_EPOCH * spec.epochs * spec.budget / 3600
    return {"evaluations": evaluations, **table, "peer_hours": peer}


def main() -> int:
    import tempfile
    from pathlib import Path

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="one tiny evaluation")
    parser.add_argument("--evaluations", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps(machine()))
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), 1 if options.smoke else options.evaluations, options.smoke)
    for clock in ("wall", "cpu"):
        row = found[clock]
        print(
            f"{clock:5s} plane {row['plane_seconds']:.1f} s, an evaluation {row['evaluation_seconds']:.2f} s, a choice "
            f"{row['choice_seconds']:.2f} s: the campaign {row['campaign_minutes']:.1f} min"
        )
    if options.json:
        print(as_json({"machine": machine(), **found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
