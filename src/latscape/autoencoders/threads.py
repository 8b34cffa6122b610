"""Work that shares nothing, on PyTorch's threads."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import torch


def in_parallel(work: Sequence[Callable[[], object]]) -> None:
    """Call each at the same time, in a thread of its own; meanwhile PyTorch's operations keep to theirs.

    Examples
    --------
    >>> found = []
    >>> in_parallel([lambda: found.append(1), lambda: found.append(2)])
    >>> sorted(found)
    [1, 2]
    """
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
