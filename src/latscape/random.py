"""Explicit random generators: every stream is a pure function of one seed and a path of names.

A stream has no state to carry from one step to the next, so a run that is cut and resumed draws what the uninterrupted
run would have drawn, and the order in which parts ask for numbers does not matter.
"""

import hashlib

import numpy as np
import torch


def derive_seed(seed: int, *path: str | int) -> int:
    """A 63-bit seed for the stream that `path` names below `seed`.

    Examples
    --------
    >>> derive_seed(0, "start") == derive_seed(0, "start")
    True
    >>> derive_seed(0, "start") == derive_seed(1, "start")
    False
    """
    text = repr((int(seed), *(str(part) for part in path)))  # repr keeps ("a/b",) and ("a", "b") apart
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def numpy_generator(seed: int, *path: str | int) -> np.random.Generator:
    """A numpy generator for the stream that `path` names below `seed`.

    Examples
    --------
    >>> float(numpy_generator(0, "pairs").uniform()) == float(numpy_generator(0, "pairs").uniform())
    True
    """
    return np.random.default_rng(derive_seed(seed, *path))


def torch_generator(seed: int, *path: str | int, device: str | torch.device = "cpu") -> torch.Generator:
    """A torch generator for the stream that `path` names below `seed`.

    Examples
    --------
    >>> import torch
    >>> g = torch_generator(0, "noise")
    >>> tuple(torch.randn(2, generator=g).shape)
    (2,)
    """
    generator = torch.Generator(device=device)
    generator.manual_seed(derive_seed(seed, *path))
    return generator
