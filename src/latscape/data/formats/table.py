"""The kinds of files that are read: what their names end in, and where their reader is."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from latscape.data.formats import rosetta
from latscape.signals.signal import Signal

_HERE = "latscape.data.formats"
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".webp")


@dataclass(frozen=True)
class Format:
    """How a kind of file is read.

    Attributes
    ----------
    reader
        `path -> list of Signal`, whose values may be unread; or its "module:function", imported when it is needed.
    needs
        The package that the extra `io` brings for it, "" for none.
    package
        What is imported to read it.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str | Callable[[Path], list[Signal]]
    needs: str = ""
    package: str = "numpy"

    @property
    def read(self) -> Callable[[Path], list[Signal]]:
        """The reader."""
        if callable(self.reader):
            return self.reader
        module, _, name = self.reader.partition(":")
        return getattr(import_module(module), name)


NPY = Format("NumPy array", (".npy",), f"{_HERE}.numpy:read_npy")
NPZ = Format("NumPy archive", (".npz",), f"{_HERE}.numpy:read_npz")
IDX = Format("idx (MNIST)", (".idx", ".gz", "-ubyte"), f"{_HERE}.numpy:read_idx_file")
HDF5 = Format("HDF5: NSID (sidpy), any arrays", (".h5", ".hdf5", ".he5", ".nsid"), f"{_HERE}.hdf5:read_hdf5")
HYPERSPY = Format("HyperSpy", (".hspy",), f"{_HERE}.hdf5:read_hdf5")
TIFF = Format("TIFF (ImageJ, OME, FEI)", (".tif", ".tiff"), f"{_HERE}.images:read_tiff")
PICTURES = Format("images", _PICTURES, f"{_HERE}.images:read_image")
NANONIS_GRID = Format("Nanonis grid", (".3ds",), f"{_HERE}.nanonis:read_grid", "nanonispy2", "nanonispy2")
NANONIS_SCAN = Format("Nanonis scan", (".sxm",), f"{_HERE}.nanonis:read_scan", "nanonispy2", "nanonispy2")
IGOR = Format("Igor wave", (".ibw",), f"{_HERE}.igor:read_wave", "igor2", "igor2")
VENDORS = Format("vendors' formats", rosetta.SUFFIXES, f"{_HERE}.rosetta:read_vendor", "RosettaSciIO", "rsciio")
