import sqlite3

import numpy as np

from latscape.campaign import Box

TABLES = {
    "evaluations": "number, role, status, point, decoded, seed, value, acquisition, error",  # all but the seconds
    "metrics": "*",
    "curves": "*",
    "results": "*",
}


def contents(record):
    """All a record says, but for times of the clock."""
    with sqlite3.connect(f"file:{record}?mode=ro", uri=True) as connection:
        (config,) = connection.execute("SELECT value FROM meta WHERE key = 'config'").fetchone()
        rows = {name: connection.execute(f"SELECT {cols} FROM {name}").fetchall() for name, cols in TABLES.items()}
    connection.close()
    return {name: sorted(found, key=repr) for name, found in rows.items()} | {"config": config}


def in_disc(x):
    return (x**2).sum(axis=1) < 1


def disc(grid=225):
    return Box([(-1, 1), (-1, 1)], feasible=in_disc, grid=grid)


def noisy_bump(x, trial):
    """Highest at (0.3, -0.2); noise comes from the trial's seed; one region and evaluation 2 fail."""
    if trial.index == 2 or x[0] < -0.7:
        raise ArithmeticError("left of the world")
    rng = np.random.default_rng(trial.seed)
    for epoch in range(3):
        trial.report(epoch, loss=float(rng.normal()))
    return -float((x[0] - 0.3) ** 2 + (x[1] + 0.2) ** 2) + 0.01 * float(rng.normal())


def bump(x):
    return -float((x[0] - 0.3) ** 2 + (x[1] + 0.2) ** 2)
