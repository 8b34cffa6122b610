"""A bar on the terminal while a model trains."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from latscape.autoencoders.train import VALIDATION, OnEpoch


@contextmanager
def bar(name: str, epochs: int, on_epoch: OnEpoch | None, progress: bool | None) -> Iterator[OnEpoch | None]:
    """What to call after every epoch: the caller's own function, a bar on stderr with a name in front, or nothing.

    There is a bar if `progress` says so; by default on a terminal, if there is no `on_epoch`.
    """
    wanted = progress if progress is not None else on_epoch is None and sys.stderr.isatty()
    if not wanted:
        yield on_epoch
        return
    from rich.console import Console
    from rich.errors import LiveError
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, force_terminal=progress)  # who asks for a bar gets one, also in a pipe
    bars = Progress(*columns, TextColumn("{task.fields[note]}", style="dim"), console=console, transient=True)
    task = bars.add_task(name, total=epochs, note="")

    def show(epoch: int, means: Mapping[str, Any]) -> None:
        held = f", held-out ELBO {means[VALIDATION]:.4g}" if VALIDATION in means else ""
        bars.update(task, completed=epoch + 1, note=f"loss {means['loss']:.4g}{held}")
        if on_epoch is not None:
            on_epoch(epoch, means)

    try:
        bars.start()
    except LiveError:  # somebody else's bars are on the screen already
        yield on_epoch
        return
    try:
        yield show
    finally:
        bars.stop()
