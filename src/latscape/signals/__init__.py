"""Measured arrays with named axes and units, and what other packages call so."""

from latscape.signals.axis import COLOUR, Axis
from latscape.signals.signal import Signal
from latscape.signals.stored import Rows, is_lazy

__all__ = ["COLOUR", "Axis", "Rows", "Signal", "is_lazy"]
