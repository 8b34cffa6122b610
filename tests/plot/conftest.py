import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape.campaign.evaluation import Evaluation


@pytest.fixture
def ax():
    """The right one of two axes; afterwards the left one must be bare and matplotlib's settings as they were."""
    before = dict(mpl.rcParams)
    figure = Figure()
    left, right = figure.subplots(1, 2)
    children = len(left.get_children())
    yield right
    figure.canvas.draw()
    assert dict(mpl.rcParams) == before
    assert not left.has_data()
    assert len(left.get_children()) == children
    assert figure.axes == [left, right]


@pytest.fixture
def evaluations():
    """Two starts, one failure, two acquired points, the optimum, and one that nobody has told yet."""
    rows = [("start", 1.0), ("start", 3.0), ("acquired", None), ("acquired", 2.0), ("acquired", 5.0), ("optimum", 4.0)]
    told = [
        Evaluation(
            index=i,
            role=role,  # pyright: ignore[reportArgumentType]
            point=np.array([i / 10, i / 20]),
            decoded=np.full(4, float(i)),
            seed=i,
            status="failed" if value is None else "done",
            value=value,
            error="ValueError: no" if value is None else None,
        )
        for i, (role, value) in enumerate(rows)
    ]
    return [*told, Evaluation(6, "acquired", np.array([9.0, 9.0]), np.zeros(4), 6)]
