"""What a zBO study searches: the trajectory is the schedule of one number of the training, or of two, end to end."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latscape.trajectories.families import FAMILIES, Family, joint_family

if TYPE_CHECKING:
    from latscape.studies.settings import Settings

#: Schedules that a trajectory stands for, by the name of the search.
SEARCHES: Mapping[str, tuple[str, ...]] = {
    "beta_c": ("beta_c",),
    "both": ("beta_c", "beta_d"),
    "capacity": ("capacity_c",),
}


def length(settings: "Settings") -> int:
    """Numbers in a trajectory: those of every cycle of every schedule."""
    return settings.cycles * len(SEARCHES[settings.search])


def families(settings: "Settings") -> dict[str, Family]:
    """The families of the settings; two schedules are two independent draws of the same one."""
    parts = len(SEARCHES[settings.search])
    drawn = {name: FAMILIES[name](settings.low, settings.high) for name in settings.families}
    return drawn if parts == 1 else {name: joint_family(*[family] * parts) for name, family in drawn.items()}


def schedules(settings: "Settings", trajectory: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """The schedules by name, (cycles,) each, of a trajectory, which lies in (0, high].

    Weights are what the trajectory says; a capacity is as large a share of the largest capacity as the trajectory is of
    `high`.

    Examples
    --------
    >>> from latscape.studies.settings import Settings
    >>> schedules(Settings(cycles=2, search="both"), np.array([9.0, 4.0, 3.0, 1.0]))
    {'beta_c': array([9., 4.]), 'beta_d': array([3., 1.])}
    >>> schedules(Settings(cycles=2, search="capacity", high=40.0, capacity=5.0), np.array([0.0, 20.0]))
    {'capacity_c': array([0. , 2.5])}
    """
    names = SEARCHES[settings.search]
    unit = {"capacity_c": settings.capacity / settings.high}
    return {
        name: part * unit.get(name, 1.0) for name, part in zip(names, np.split(trajectory, len(names)), strict=True)
    }
