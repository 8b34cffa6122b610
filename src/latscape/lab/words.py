"""Scalarizers from words, as they are typed: `integral:1.65,1.85`, `peak:400,600,center`, `ratio:0.4,0.6,1.6,1.9`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from latscape.errors import InputError
from latscape.lab.diffraction import CentreOfMass, Strain
from latscape.lab.experiment import Scalarizer
from latscape.lab.scalarize import Integral, LoopArea, LoopHeight, Peak, Ratio, Vertex


class Word(NamedTuple):
    """A scalarizer by name: what follows the colon, what it is, how it is made of that."""

    form: str
    about: str
    make: Callable[..., Scalarizer]


def _ratio(low: float, high: float, low2: float, high2: float) -> Ratio:
    return Ratio((low, high), (low2, high2))


def _strain(row: float, column: float, row2: float, column2: float, radius: float, what: Any = "dilation") -> Strain:
    return Strain((row, column), (row2, column2), radius, what)


WORDS = {
    "integral": Word("integral:LOW,HIGH[,background]", "integral over a window", Integral),
    "peak": Word("peak:LOW,HIGH[,height|center|width|area[,gauss|lorentz[,1|-1]]]", "parameter of a peak fit", Peak),
    "ratio": Word("ratio:LOW,HIGH,LOW,HIGH", "height of one peak over that of another", _ratio),
    "loop-area": Word("loop-area", "area that a hysteresis loop encloses", LoopArea),
    "loop-height": Word("loop-height", "difference of the means of its two halves", LoopHeight),
    "vertex": Word("vertex[:position|curvature]", "vertex of a parabola", Vertex),
    "com": Word("com[:magnitude|angle|row|column]", "centre of mass of a diffraction pattern", CentreOfMass),
    "strain": Word("strain:ROW,COLUMN,ROW,COLUMN,RADIUS[,COMPONENT]", "strain from two diffraction spots", _strain),
}


def scalarizer(text: str) -> Scalarizer:
    """The scalarizer that `text` names, with what it needs behind a colon.

    Raises
    ------
    InputError
        For an unknown name or words that do not fit it.

    Examples
    --------
    >>> scalarizer("integral:1.65,1.85")
    Integral(low=1.65, high=1.85, background=False)
    >>> scalarizer("gap")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected a scalarizer among integral, peak, ratio, loop-area, ... Got 'gap'. Try ...
    """
    name, _, rest = text.partition(":")
    if name not in WORDS:
        raise InputError(f"a scalarizer among {', '.join(WORDS)}", repr(text), "integral:LOW,HIGH")
    word = WORDS[name]
    try:
        return word.make(*(_word(part) for part in rest.split(",") if part))
    except TypeError as error:
        raise InputError(word.form, repr(text), f"{word.form}: {word.about}") from error


def _word(text: str) -> Any:
    """A number; the words background and robust for yes; or the word itself."""
    try:
        number = float(text)
    except ValueError:
        return True if text in ("background", "robust") else text
    return number
