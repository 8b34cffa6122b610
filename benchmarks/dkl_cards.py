"""Which map makes the best experiment? Playing cards, a costly target, and three ways to a plane in which to search.

    python benchmarks/dkl_cards.py [--json] [--smoke] [--seeds 10] [--first-seed 0] [--out ROWS] [--figure FILE]

1,500 cards of 24 x 24 pixels with large rotations and shears, and 500 more that are held out. The target is the suit (1
for a heart, else 0), the shear or the cosine of the rotation. 100 starts and 500 more, as in the lecture, 50 at a time.
`_three_ways.py` says what is compared and how it is scored.
"""

import numpy as np

import latscape as ls
from _three_ways import Problem, Protocol, run
from latscape.data.card_images import CARD_SETS, cards
from latscape.random import derive_seed

SIZE = Protocol(candidates=1500, starts=100, budget=600, batch=50)
SMOKE = Protocol(candidates=60, starts=10, budget=14, batch=2, steps=3)


def problem(smoke: bool, seed: int) -> Problem:
    """The cards of a seed."""
    n, pixels, epochs = (90, 12, 1) if smoke else (2000, 24, 40)
    deck = cards(n, size=pixels, **CARD_SETS[4], seed=derive_seed(seed, "cards"))
    targets = {"suit": (deck.labels == 2).astype(float), "shear": deck.shear, "rotation": np.cos(deck.angle)}
    return Problem(deck.images, targets, ls.vae(latent=2, epochs=epochs, batch=100, seed=seed))


if __name__ == "__main__":
    raise SystemExit(run(__doc__, problem, SIZE, SMOKE, ("suit", "shear", "rotation")))
