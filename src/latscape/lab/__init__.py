"""The laboratory: instruments, what they measure, numbers that say what is interesting. Names load on first use."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
