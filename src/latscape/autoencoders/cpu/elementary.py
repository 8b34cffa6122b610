"""Elementary functions for compiled loops: what a vector register does in a few steps, exact to single precision.

The loops hold numbers in single precision; what they read and write may be bfloat16, seen as 16-bit integers, which is
the upper half of a float's bits.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from latscape.compilation import CONTRACT, REORDER

f32 = np.float32
#: Compiles a function as part of the loop that calls it.
inlined = njit(inline="always", **CONTRACT)


def _cast(given, wanted, generated):
    @intrinsic
    def cast(typing_context, bits):
        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], generated)

        return wanted(given), generate

    return cast


_as_float = _cast(types.int32, types.float32, ir.FloatType())
_as_bits = _cast(types.float32, types.int32, ir.IntType(32))


@inlined
def exp_minus(t):
    """exp(-t) for t >= 0, relative error 1e-7: 2^-n exp(r) with |r| <= log(2)/2, exp(r) by Cephes' polynomial."""
    t = min(t, f32(87.0))
    n = np.int32(t * f32(1.4426950408889634) + f32(0.5))
    # log(2) in two parts, the first exact in few bits, so that the difference keeps its digits.
    r = f32(n) * f32(0.693359375) - t + f32(n) * f32(-2.12194440e-4)
    p = f32(1.9875691500e-4)
    p = p * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    p = p * r * r + r + f32(1.0)
    bits = np.int32((np.int32(127) - n) << np.int32(23))
    return p * _as_float(bits)  # pyright: ignore[reportCallIssue]  numba supplies the context


@inlined
def log1p(e):
    """log(1 + e) for 0 <= e <= 1 as 2 artanh(e / (2 + e)), a series in z^2 <= 1/9."""
    z = e / (f32(2.0) + e)
    q = z * z
    p = f32(1 / 13)
    p = p * q + f32(1 / 11)
    p = p * q + f32(1 / 9)
    p = p * q + f32(1 / 7)
    p = p * q + f32(1 / 5)
    p = p * q + f32(1 / 3)
    p = p * q + f32(1.0)
    return f32(2.0) * z * p


@inlined
def tanh(x):
    """The hyperbolic tangent, absolute error 5e-7: x P(x^2) / Q(x^2), minimax on |x| <= 8.5, beyond which it is one."""
    x = min(max(x, f32(-8.5)), f32(8.5))
    u = x * x
    p = f32(1.0795899614673495e-05)
    p = p * u + f32(0.002889945144788496)
    p = p * u + f32(0.12867549860116154)
    p = p * u + f32(0.9999989538051417)
    q = f32(2.2623060590999625e-07)
    q = q * u + f32(0.00023020023526021524)
    q = q * u + f32(0.023562197127100417)
    q = q * u + f32(0.4620051179940187)
    q = q * u + f32(1.0)
    return x * p / q


@inlined
def tanh_in_brief(x):
    """The hyperbolic tangent for bfloat16, which rounds by 2e-3: relative error 9e-4, minimax on |x| <= 4.5."""
    x = min(max(x, f32(-4.5)), f32(4.5))
    u = x * x
    p = f32(0.07998157) * u + f32(0.99937532)
    q = (f32(0.00606585) * u + f32(0.41029394)) * u + f32(1.0)
    return x * p / q


def tanh_like(stored, x) -> Any:
    """The hyperbolic tangent, as it is to be stored in the place of another number."""


@overload(tanh_like, inline="always", jit_options=CONTRACT)
def _tanh_like(stored, x):
    if stored == types.float32:
        return lambda stored, x: tanh(x)
    return lambda stored, x: like(stored, tanh_in_brief(x))


def read(stored) -> Any:
    """The number that is stored as a float, or as the 16 bits of a bfloat16."""


@overload(read, inline="always", jit_options=CONTRACT)
def _read(stored):
    if stored == types.float32:
        return lambda stored: stored
    return lambda stored: _as_float(np.int32(stored) << np.int32(16))  # pyright: ignore[reportCallIssue]


def like(stored, number) -> Any:
    """A number as it is to be stored in the place of another, rounded to the nearest."""


@overload(like, inline="always", jit_options=CONTRACT)
def _like(stored, number):
    if stored == types.float32:
        return lambda stored, number: number
    half = np.int32(1 << 15)
    return lambda stored, number: np.int16((_as_bits(number) + half) >> np.int32(16))  # pyright: ignore[reportCallIssue]


@njit(**REORDER)
def dot(stored, weights):
    """Sum of products of stored numbers and floats, in any order: a register holds 16 partial sums."""
    total = f32(0.0)
    for j in range(len(weights)):
        total += read(stored[j]) * weights[j]
    return total
