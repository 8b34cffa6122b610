"""Rival packages, each behind a few lines that give it the work that ours is given.

`make peers` installs them, with latscape, in `.venv-peers`; a benchmark that needs one goes on there by itself.
"""

import importlib.util
import os
import sys
from pathlib import Path

PYTHON = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
STAND_IN = Path(__file__).parent / "stand_in"


def at_hand(peer: str) -> bool:
    """Whether `peer` can be imported: here, else this program starts over in `.venv-peers`, if that exists."""
    if importlib.util.find_spec(peer) is not None:
        return True
    if PYTHON.exists() and Path(sys.prefix) != PYTHON.parents[1]:
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    return False


def missing(peer: str) -> str:
    """What to tell a user without it."""
    return f"{peer} is not installed: run `make peers` first"


def stand_in() -> None:
    """Make what rivals import and never use here importable: torchvision, and three more that AtomAI names."""
    if importlib.util.find_spec("torchvision") is None:
        sys.path.append(str(STAND_IN))
