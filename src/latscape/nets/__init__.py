"""Encoders and decoders."""

from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder

__all__ = [
    "ConvDecoder",
    "ConvEncoder",
    "CoordinateDecoder",
    "DenseDecoder",
    "DenseEncoder",
    "FactorisedDecoder",
    "WarpDecoder",
]
