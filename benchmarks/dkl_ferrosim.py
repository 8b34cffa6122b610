"""Which map makes the best experiment? Field histories of a ferroelectric, and three ways to a plane for a search.

    python benchmarks/dkl_ferrosim.py [--json] [--smoke] [--seeds 10] [--first-seed 0] [--out ROWS] [--figure FILE]

Histories of 900 fields along y of three families in equal parts: damped sines, steps between random levels, cosines.
1,000 are candidates, 500 more held out. Each is followed by 50 steps of equilibration of 20 x 20 sites with a random
field that begin in the remanent state (`latscape.studies.ferrosim_history.histories`). The targets are the sum of
|curl| at the end and the mean polarization along y. All methods know 200 values: 50 starts and 150 more, ten at a time.
`_three_ways.py` says what is compared and how it is scored.
"""

import numpy as np

import latscape as ls
from _three_ways import Problem, Protocol, run
from latscape.autoencoders.likelihoods import Gaussian
from latscape.physics.ferrosim import curl_sum
from latscape.random import numpy_generator
from latscape.studies.ferrosim_history.histories import default_histories
from latscape.trajectories.families import damped_sine_family, periodic_family, segments_family

LENGTH = 900
FAMILIES = {"sines": damped_sine_family(), "steps": segments_family(-1.0, 1.0), "cosines": periodic_family(-1.0, 1.0)}
SIZE = Protocol(candidates=1000, starts=50, budget=200, batch=10)
SMOKE = Protocol(candidates=60, starts=10, budget=14, batch=2, steps=3)


def problem(smoke: bool, seed: int) -> Problem:
    """The histories of a seed, each simulated once."""
    n, epochs = (90, 1) if smoke else (1500, 40)
    drawn = [family(n // 3, LENGTH, numpy_generator(seed, name)) for name, family in FAMILIES.items()]
    histories = numpy_generator(seed, "order of histories").permutation(np.concatenate(drawn))
    ends = default_histories(start="remanent").run(histories).expect_finite()
    targets = {"curl": curl_sum(ends.final).astype(float), "polarization": ends.mean[:, -1, 1].astype(float)}
    model = ls.vae(latent=2, epochs=epochs, batch=50, learning_rate=1e-3, likelihood=Gaussian(0.1), seed=seed)
    return Problem(histories, targets, model)


if __name__ == "__main__":
    raise SystemExit(run(__doc__, problem, SIZE, SMOKE, ("curl", "polarization")))
