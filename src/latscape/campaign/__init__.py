"""One loop over any space: ask, evaluate, tell, record. Names load on first use, so reading a record needs no torch."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
