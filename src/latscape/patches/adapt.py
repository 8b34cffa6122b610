"""A network that knows generated images learns a measured one: an ensemble, trained again on what it agrees about.

After Ghosh et al. 2021 (doi:10.1038/s41524-021-00569-7), ensemble learning and iterative training: members that were
shown different images mark the atoms; those that all of them see are the labels for the next round. Generated
images stay among the samples, so that nothing is forgotten.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from skimage.feature import peak_local_max

from latscape.data.spots import add_spots
from latscape.errors import InputError
from latscape.patches.image import check_image
from latscape.patches.response import Image, filled
from latscape.patches.training import MARK, SIDE, Draw, Sample, draw_atoms, train_net
from latscape.patches.unet import UNIT, Net, resized, shipped_net, standardized
from latscape.random import derive_seed


@dataclass(frozen=True, eq=False)
class NetEnsemble:
    """Networks of one kind that answer together."""

    members: tuple[Net, ...]

    def respond(self, image: Image, unit: float) -> Image:
        """Mean of the probabilities of all members, (h, w)."""
        return self.each(image, unit).mean(axis=0)

    def disagree(self, image: Image, unit: float) -> Image:
        """Standard deviation of the members' probabilities, (h, w): large where what is seen depends on the member."""
        return self.each(image, unit).std(axis=0)

    def each(self, image: Image, unit: float) -> Image:
        """The probabilities of every member, (members, h, w)."""
        return np.stack([member.respond(image, unit) for member in self.members])


def adapt(
    image: ArrayLike,
    *,
    spacing: float,
    members: int = 3,
    rounds: int = 2,
    steps: int = 60,
    batch: int = 4,
    sure: float = 0.5,
    seed: int = 0,
    on_round: Callable[[int, int], None] = lambda number, atoms: None,
) -> NetEnsemble:
    """Teach copies of the shipped network an image whose atoms nobody marked; give it to `find_atoms(net=...)`.

    Parameters
    ----------
    image
        (h, w).
    spacing
        Distance of nearest neighbours [pixels].
    steps, batch
        Of every training; half of each batch are parts of the image, half are generated.
    sure
        Probability that every member must give an atom for it to be a label.
    on_round
        Called with the number of a round and of the atoms that are its labels.

    Raises
    ------
    InputError
        No grey image, fewer than one member or round, an image smaller than ten spacings, or no atom that all see.

    Examples
    --------
    >>> from latscape.data import crystal
    >>> made = crystal("square", size=128, spacing=10.0, dose=5.0)
    >>> nets = adapt(made.image, spacing=10.0, members=2, rounds=1, steps=1, batch=2)
    >>> nets.disagree(made.image, 10.0).shape
    (128, 128)
    """
    if members < 1 or rounds < 1 or steps < 1 or batch < 2 or not 0 < sure < 1:
        got = f"members={members}, rounds={rounds}, steps={steps}, batch={batch}, sure={sure}"
        raise InputError("a member, a round, a step, a batch of two, a probability inside (0, 1)", got, "members=3")
    whole = filled(check_image(image))
    scale = UNIT["atoms"] / spacing
    shape = tuple(round(side * scale) for side in whole.shape)
    if min(shape) < SIDE:
        raise InputError(f"an image of at least {SIDE / scale:.0f} pixels", f"shape {whole.shape}", "a larger image")
    small = resized(torch.from_numpy(np.ascontiguousarray(whole))[None, None], shape)[0, 0].numpy()
    seen = standardized(small, "atoms")
    nets = NetEnsemble(tuple(Net("atoms", deepcopy(shipped_net("atoms").module)) for _ in range(members)))
    for number in range(rounds):
        least = nets.each(small, UNIT["atoms"]).min(axis=0)
        at = peak_local_max(least, min_distance=3, threshold_abs=sure, exclude_border=False)
        if not len(at):
            raise InputError("atoms that all members see", "none", "another spacing, or sure=0.3")
        on_round(number, len(at))
        draw = _mixed(seen, at)
        for index, member in enumerate(nets.members):
            drawn = derive_seed(seed, "adapt", number, index)
            train_net(member, draw, steps=steps, batch=batch, learning_rate=5e-4, seed=drawn)
    return nets


def _mixed(seen: Image, at: NDArray[np.int64]) -> Draw:
    """Parts of the image with the marks of atoms that are sure, turned and mirrored, and generated ones in turn."""
    marks = np.zeros(seen.shape)
    add_spots(marks, at.astype(np.float64), np.ones(len(at)), np.full(len(at), MARK))
    both = np.stack([seen, marks.clip(0.0, 1.0)]).astype(np.float32)

    def draw(generator: np.random.Generator) -> Sample:
        if generator.random() < 0.5:
            return draw_atoms(generator)
        row, column = (int(generator.integers(side - SIDE + 1)) for side in seen.shape)
        part = np.rot90(both[:, row : row + SIDE, column : column + SIDE], int(generator.integers(4)), axes=(1, 2))
        image, label = part if generator.random() < 0.5 else part[:, :, ::-1]
        return np.ascontiguousarray(image), np.ascontiguousarray(label)

    return draw
