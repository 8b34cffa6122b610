"""The registry of parts: what can be named on the command line, saved, loaded, resumed and listed."""

from latscape.name_hints import give_name_hints
from latscape.parts.builtin import PART_KINDS
from latscape.parts.grammar import build_part
from latscape.parts.registry import find_part, part_words, register

__all__ = ["PART_KINDS", "build_part", "find_part", "part_words", "register"]

give_name_hints(__name__)
