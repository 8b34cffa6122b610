"""Measured arrays with named axes and units, and what other packages call so."""

from latscape.name_hints import give_name_hints
from latscape.signals.axis import Axis
from latscape.signals.export import save_nsid
from latscape.signals.foreign import as_signal, paint
from latscape.signals.signal import Signal
from latscape.signals.stored import Rows

__all__ = ["Axis", "Rows", "Signal", "as_signal", "paint", "save_nsid"]

give_name_hints(__name__)
