"""Schedules as words, for the command line and for files: `3`, `cooldown:40,3,1/12,5/12`, `linear:0,1`."""

from collections.abc import Callable
from fractions import Fraction

from latscape import curves
from latscape.curves import Curve
from latscape.errors import InputError

CURVES: dict[str, Callable[..., Curve]] = {
    "constant": curves.constant,
    "linear": curves.linear,
    "cooldown": curves.cooldown,
    "periodic": curves.periodic,
    "damped_sine": curves.damped_sine,
}


def schedule(text: str) -> float | Curve:
    """The number or curve that a text stands for; numbers may be fractions.

    Examples
    --------
    >>> schedule("3"), schedule("linear:0,1/2")
    (3.0, Ramp(first=0.0, last=0.5, start=0.0, end=1.0))
    """
    name, colon, arguments = text.strip().partition(":")
    try:
        if not colon:
            return float(Fraction(name))
        return CURVES[name](*(float(Fraction(argument)) for argument in arguments.split(",")))
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        expected = f"a number, or one of {', '.join(CURVES)} with its numbers behind a colon"
        raise InputError(expected, repr(text), "3, or cooldown:40,3,0.1,0.4") from error
