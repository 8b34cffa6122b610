"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

import lazy_loader

from latscape.name_hints import with_name_hints

__version__ = "0.2.0.dev0"

# The public names and where each lives are told by __init__.pyi, which editors read as well. They are resolved on first
# use, so `import latscape` does not load torch.
_resolve, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = with_name_hints(__name__, __all__, _resolve)
__all__ += ["__version__"]
