"""The registry of parts: what can be named on the command line, saved, loaded, resumed and listed."""

from latscape.parts.builtin import BUILTIN, KINDS, Kind
from latscape.parts.grammar import about, build, form, maker, number
from latscape.parts.registry import Entry, entries, identify, lookup, register, words

__all__ = [
    "BUILTIN",
    "KINDS",
    "Entry",
    "Kind",
    "about",
    "build",
    "entries",
    "form",
    "identify",
    "lookup",
    "maker",
    "number",
    "register",
    "words",
]
