"""Tables and sentences that the pages of several kinds share."""

from collections.abc import Sequence
from typing import Any

from latscape.campaign.evaluation import Evaluation
from latscape.runs import Table


def failures(evaluations: Sequence[Evaluation]) -> Table:
    """Every evaluation that failed, with what it said."""
    rows = [[str(e.index + 1), e.role, e.error or ""] for e in evaluations if e.status == "failed"]
    return Table(["evaluation", "role", "error"], rows)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def fitted_words(data: dict[str, Any]) -> str:
    """How many samples of which kind and size a model is fitted to.

    Examples
    --------
    >>> fitted_words({"shape": [28, 28], "fitted": 90, "validation": 10})
    'fitted to 90 images of 28 × 28 pixels; 10 more were held out.'
    """
    sides, channels = " × ".join(map(str, data["shape"][:2])), data["shape"][2:]
    size = f"images of {sides} pixels" if len(data["shape"]) > 1 else f"curves of {sides} values"
    size += f" and {channels[0]} channels" if channels else ""
    return f"fitted to {data['fitted']} {size}; {data['validation']} more were held out."


def data_words(data: dict[str, Any]) -> str:
    """Where the samples are from and what was done to them."""
    scaled = [f"{low:g} became 0 and {high:g} became 1" for low, high in data["scaling"].values()]
    done = f" Values were scaled linearly: {'; for the target '.join(scaled)}." if scaled else ""
    return f"Samples: {data['source']} ({data['licence']}).{done}"
