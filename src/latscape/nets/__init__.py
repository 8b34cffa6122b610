"""Encoders and decoders."""

from latscape.nets.decoders import CoordinateDecoder, DenseDecoder, WarpDecoder
from latscape.nets.encoders import DenseEncoder

__all__ = [
    "CoordinateDecoder",
    "DenseDecoder",
    "DenseEncoder",
    "WarpDecoder",
]
