"""What every test shares: one thread, small pictures, reproducible examples, and the form of a message to the user."""

import pytest
import torch
from hypothesis import settings

from latscape.errors import InputError
from latscape.runs import panels

torch.set_num_threads(1)
panels.DPI = 40
settings.register_profile("reproducible", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("reproducible")

ONE_LINE_OF_THREE_PARTS = r"\AExpected [^\n]+\. Got [^\n]+\. Try [^\n]+\.\Z"


@pytest.fixture(scope="session")
def refused():
    """`with refused(): ...` passes when an InputError says in one line what was expected, what came and what to try."""
    return lambda kind=InputError: pytest.raises(kind, match=ONE_LINE_OF_THREE_PARTS)
