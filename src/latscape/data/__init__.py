"""Images and spectra to learn from: MNIST in the package, generated sets with known truth, and the user's own files."""

from latscape.data.card_images import CARD_SETS, SUITS, SYMMETRY, Cards, cards
from latscape.data.check import check_images, check_samples
from latscape.data.dataset import Dataset
from latscape.data.digits import mnist
from latscape.data.domain_frames import DomainMovie, domain_movie
from latscape.data.domain_images import Domains, domains
from latscape.data.lattices import CRYSTALS, Lattice, crystal
from latscape.data.posed import rotated
from latscape.data.reading import contents, file_formats, load
from latscape.data.registry import fetch, published
from latscape.data.samples import load_images, load_labels, load_samples
from latscape.data.spectra import Spectra, noisy, shifted_spectra
from latscape.signals import Axis, Signal, as_signal, paint, save_nsid

__all__ = [
    "CARD_SETS",
    "CRYSTALS",
    "SUITS",
    "SYMMETRY",
    "Axis",
    "Cards",
    "Dataset",
    "DomainMovie",
    "Domains",
    "Lattice",
    "Signal",
    "Spectra",
    "as_signal",
    "cards",
    "check_images",
    "check_samples",
    "contents",
    "crystal",
    "domain_movie",
    "domains",
    "fetch",
    "file_formats",
    "load",
    "load_images",
    "load_labels",
    "load_samples",
    "mnist",
    "noisy",
    "paint",
    "published",
    "rotated",
    "save_nsid",
    "shifted_spectra",
]
