"""The laboratory: instruments, what they measure, numbers that say what is interesting. Names load on first use."""

import lazy_loader

from latscape.name_hints import with_name_hints

_resolve, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = with_name_hints(__name__, __all__, _resolve)
