"""Work that shares nothing, on PyTorch's threads."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

import torch

_KEPT: ContextVar[int] = ContextVar("threads kept for compiled loops", default=0)


def workers() -> int:
    """Threads that `in_parallel` may use: PyTorch's, or as many as it had outside of `one_for_operations`."""
    return _KEPT.get() or torch.get_num_threads()


@contextmanager
def one_for_operations() -> Iterator[None]:
    """PyTorch's operations in one thread, compiled loops in all.

    Where operations are small, threads that wait for the next of them keep a core busy that the loops could use.
    """
    before, kept = torch.get_num_threads(), _KEPT.set(workers())
    torch.set_num_threads(1)
    try:
        yield
    finally:
        _KEPT.reset(kept)
        torch.set_num_threads(before)


def in_parallel(work: Sequence[Callable[[], object]]) -> None:
    """Call each at the same time, in a thread of its own; meanwhile PyTorch's operations keep to theirs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # of this thread, and of those that begin now
    try:
        others = [_pool(os.getpid()).submit(one) for one in work[1:]]
        work[0]()
        for other in others:
            other.result()
    finally:
        torch.set_num_threads(before)


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    """Threads of this process; a forked child makes its own."""
    workers = max(1, (os.cpu_count() or 2) - 1)
    return ThreadPoolExecutor(workers, "latscape", initializer=torch.set_num_threads, initargs=(1,))
