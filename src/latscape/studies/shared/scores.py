"""Scores of classes that a model found: each is a registered part, from which every table takes its column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.metrics import clustering
from latscape.parts.registry import registered_parts
from latscape.runs import Table

Labels = NDArray[np.integer]
NONE = "–"


@dataclass(frozen=True)
class Column:
    """A number that a table shows: its name, heading, form, and whether large is good (None: neither)."""

    name: str
    heading: str
    form: str
    better: bool | None = None


@dataclass(frozen=True)
class Score:
    """A number that says how good classes are; heading, form and better are those of its `Column`.

    Attributes
    ----------
    labelled : bool
        Whether it needs labels.
    function : callable
        (most probable classes (n,), number of classes, labels (n,) that are -1 where unknown, or None) -> number.
    """

    heading: str
    form: str
    better: bool | None
    labelled: bool
    function: Callable[[NDArray[np.integer], int, Any], float]
    about: str = ""


def _by_labels(heading: str, form: str, function: Callable[[Any, Any], float], about: str) -> Score:
    return Score(
        heading, form, True, True, lambda predicted, classes, labels: float(function(labels, predicted)), about
    )


ACCURACY = _by_labels(
    "class accuracy",
    ".3f",
    clustering.accuracy,
    "share in the right class, when each class is given the label that suits it best",
)
NMI = _by_labels("NMI", ".3f", clustering.nmi, "normalized mutual information of classes and labels")
PURITY = _by_labels(
    "purity", ".3f", clustering.purity, "share of the samples whose label is the commonest of their class"
)
EXTRACTED = _by_labels("labels extracted", ".3g", clustering.recovered_classes, "labels that have a class of their own")
USED_CLASSES = Score(
    "used classes",
    ".3g",
    None,
    False,
    lambda predicted, classes, labels: float(clustering.used_classes(predicted, classes)),
    "classes that hold at least 1 % of the samples",
)


def class_scores(predicted: NDArray[np.integer], classes: int, labels: Labels | None) -> dict[str, float]:
    """Every registered score by its word; those that need labels where there are any.

    Examples
    --------
    >>> predicted = np.array([0, 1, 1])
    >>> list(class_scores(predicted, 2, None)), class_scores(predicted, 2, np.array([1, 0, 0]))["nmi"]
    (['used_classes'], 1.0)
    """
    return {
        name: score.function(predicted, classes, labels)
        for name, score in _scores().items()
        if labels is not None or not score.labelled
    }


def score_columns() -> list[Column]:
    """The columns of all registered scores."""
    return [Column(name, one.heading, one.form, one.better) for name, one in _scores().items()]


def _scores() -> dict[str, Score]:
    return {word.replace("-", "_"): entry.load() for word, entry in registered_parts("score").items()}


def score_table(head: str, rows: Mapping[str, Sequence[Mapping[str, float]]], columns: Sequence[Column]) -> Table:
    """A row for each name: mean over its repeats, with several ± standard deviation, a dash where there is no number.

    Examples
    --------
    >>> columns = [Column("nmi", "NMI", ".2f", True), Column("seconds", "training [s]", ".0f")]
    >>> score_table("model", {"a": [{"nmi": 0.5}, {"nmi": 0.7}], "b": [{"nmi": 0.4, "seconds": 2.0}]}, columns).rows
    [['a', '0.60 ± 0.14', '–'], ['b', '0.40', '2']]
    """
    cells = [[name, *(_cell(rows[name], one) for one in columns)] for name in rows]
    best = set()
    for place, one in enumerate(columns, start=1):
        known = [(fmean(values), row) for row, name in enumerate(rows) if (values := _values(rows[name], one.name))]
        if one.better and len(known) > 1:
            best.add((max(known)[1], place))
    return Table([head, *(one.heading for one in columns)], cells, frozenset(best))


def _cell(rows: Sequence[Mapping[str, float]], column: Column) -> str:
    values = _values(rows, column.name)
    if not values:
        return NONE
    return f"{fmean(values):{column.form}}" + (f" ± {stdev(values):{column.form}}" if len(values) > 1 else "")


def _values(rows: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [value for row in rows if (value := row.get(name)) is not None]
