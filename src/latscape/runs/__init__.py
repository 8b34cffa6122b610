"""A run: a specification in a folder, stages that are each done once, a state, a summary and a page."""

import lazy_loader

from latscape.name_hints import with_name_hints

_resolve, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = with_name_hints(__name__, __all__, _resolve)
