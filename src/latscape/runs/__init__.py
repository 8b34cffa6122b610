"""A run: a specification in a folder, stages that are each done once, a state, a summary and a page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
