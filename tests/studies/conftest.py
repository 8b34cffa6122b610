import pytest

from latscape.studies.settings import Settings

TINY = {
    "cycles": 4,
    "images": 60,
    "final_images": 80,
    "held_out": 60,
    "starts": 3,
    "budget": 5,
    "grid": 3,
    "pairs": 5,
    "space_cycles": 3,
    "space_draws": 20,
}


@pytest.fixture
def tiny():
    return Settings(**TINY)
