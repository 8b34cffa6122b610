"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

import lazy_loader

from latscape.renamed import with_suggestions

__version__ = "0.2.0.dev0"

# The public names and where each lives are told by __init__.pyi, which editors read as well. They are resolved on first
# use, so `import latscape` does not load torch.
_resolve, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = with_suggestions(_resolve, __name__, __all__)
__all__ += ["__version__"]
