"""Measured arrays with named axes and units, and what other packages call so."""

from typing import TYPE_CHECKING

from latscape.name_hints import with_name_hints
from latscape.signals.axis import Axis
from latscape.signals.export import save_nsid
from latscape.signals.foreign import as_signal, paint
from latscape.signals.signal import Signal
from latscape.signals.stored import Rows

__all__ = ["Axis", "Rows", "Signal", "as_signal", "paint", "save_nsid"]

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
