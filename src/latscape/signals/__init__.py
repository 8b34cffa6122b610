"""Measured arrays with named axes and units, and what other packages call so."""

from latscape.signals.axis import COLOUR, Axis
from latscape.signals.export import save_nsid
from latscape.signals.foreign import as_signal, paint
from latscape.signals.signal import Signal
from latscape.signals.stored import Rows, is_lazy

__all__ = ["COLOUR", "Axis", "Rows", "Signal", "as_signal", "is_lazy", "paint", "save_nsid"]
