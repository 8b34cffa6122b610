"""The errors users meet."""

import pickle

import pytest

from latscape import errors
from latscape.errors import DataUnavailable, InputError, LatscapeError, NotFitted, RecordError, TrainingError


def test_the_message_has_the_three_parts_in_one_line():
    error = InputError("a positive number", -1, "epochs=40")
    assert str(error) == "Expected a positive number. Got -1. Try epochs=40."
    assert (error.expected, error.got, error.hint) == ("a positive number", -1, "epochs=40")


@pytest.mark.parametrize("kind", [InputError, DataUnavailable, RecordError])
def test_an_input_error_crosses_process_borders_unchanged(kind):
    error = kind("a positive number", -1, "epochs=40")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own object
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert (copy.expected, copy.got, copy.hint) == (error.expected, error.got, error.hint)


def test_a_training_error_crosses_process_borders_unchanged():
    copy = pickle.loads(pickle.dumps(TrainingError("The loss became nan.")))  # noqa: S301  our own object
    assert type(copy) is TrainingError
    assert str(copy) == "The loss became nan."


def test_every_error_can_be_caught_as_one_kind_and_as_its_builtin_kin():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, LatscapeError) for kind in kinds)
    assert issubclass(InputError, ValueError)
    assert issubclass(NotFitted, AttributeError)
