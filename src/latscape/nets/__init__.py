"""Encoders and decoders."""

from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.nets.turned import TurnedDecoder
from latscape.nets.warp import WarpDecoder

__all__ = [
    "CoordinateDecoder",
    "DenseDecoder",
    "DenseEncoder",
    "TurnedDecoder",
    "WarpDecoder",
]
