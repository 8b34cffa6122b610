"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

import lazy_loader

__version__ = "0.2.0.dev0"

# The public names and where each lives are told by __init__.pyi, which editors read as well. They are resolved on first
# use, so `import latscape` does not load torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
