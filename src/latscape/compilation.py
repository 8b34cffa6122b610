"""How loops are compiled here: by numba, at first use, and kept on disk where there is a folder to write to.

Importing this file imports numba, which takes half a second: only files with loops do, and they are imported late.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

#: What every loop has: division by zero gives infinity, and other threads go on meanwhile.
OPTIONS: Any = {"error_model": "numpy", "nogil": True}
#: Products contract to fused multiply-add. Infinities and nan keep their meaning, so that divergence is noticed.
CONTRACT: Any = {**OPTIONS, "fastmath": {"contract", "nsz"}}
#: Besides, sums may be taken in another order.
REORDER: Any = {**OPTIONS, "fastmath": {"contract", "nsz", "reassoc"}}


def compiled_loop(options: dict[str, Any]) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a loop that is compiled with some of numba's options, such as `CONTRACT`."""

    def compile_loop(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # numba's answer when neither the package nor the home folder can be written
            return njit(**options)(function)

    return compile_loop
