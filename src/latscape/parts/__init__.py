"""The registry of parts: what can be named on the command line, saved, loaded, resumed and listed."""

from typing import TYPE_CHECKING

from latscape.name_hints import with_name_hints
from latscape.parts.builtin import PART_KINDS
from latscape.parts.grammar import build_part
from latscape.parts.registry import find_part, part_words, register

__all__ = ["PART_KINDS", "build_part", "find_part", "part_words", "register"]

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
