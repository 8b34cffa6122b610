"""What is searched: a trajectory is the schedule of one number of the training, or of two, end to end."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.studies.zbo.spec import ZboSpec
from latscape.trajectories.families import TrajectoryFamily, joint_family
from latscape.trajectories.space import TrajectorySpace

#: Schedules that a trajectory stands for, by the name of the search.
SEARCHES: Mapping[str, tuple[str, ...]] = {
    "beta_c": ("beta_c",),
    "both": ("beta_c", "beta_d"),
    "capacity": ("capacity_c",),
}


def trajectory_space(spec: ZboSpec) -> TrajectorySpace:
    """The latent plane, not fitted yet."""
    return TrajectorySpace(
        families(spec),
        length=length(spec),
        feasible=lambda x: (x > 0) & (x <= spec.high),
        epochs=spec.space_epochs,
        learning_rate=spec.space_learning_rate,
        draws=spec.space_draws,
    )


def length(spec: ZboSpec) -> int:
    """Numbers in a trajectory: those of every epoch of every schedule."""
    return spec.epochs * len(SEARCHES[spec.search])


def families(spec: ZboSpec) -> dict[str, TrajectoryFamily]:
    """The families that are drawn from; two schedules are two independent draws of the same one."""
    count = len(SEARCHES[spec.search])
    drawn = {name: parts.find_part("family", name).load()(spec.low, spec.high) for name in spec.families}
    return drawn if count == 1 else {name: joint_family(*[family] * count) for name, family in drawn.items()}


def schedules(spec: ZboSpec, trajectory: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """The schedules by name, (epochs,) each, of a trajectory, which lies in (0, high].

    Weights are what the trajectory says; a capacity is as large a share of the largest capacity as the trajectory is of
    `high`.

    Examples
    --------
    >>> schedules(ZboSpec(data="mnist", epochs=2, search="both"), np.array([9.0, 4.0, 3.0, 1.0]))
    {'beta_c': array([9., 4.]), 'beta_d': array([3., 1.])}
    >>> schedules(ZboSpec(data="mnist", epochs=2, search="capacity", high=40.0, capacity=5.0), np.array([0.0, 20.0]))
    {'capacity_c': array([0. , 2.5])}
    """
    names = SEARCHES[spec.search]
    unit = {"capacity_c": spec.capacity / spec.high}
    return {
        name: part * unit.get(name, 1.0) for name, part in zip(names, np.split(trajectory, len(names)), strict=True)
    }
