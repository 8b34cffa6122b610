"""The errors users meet: one line that says what was expected, what came, and what to try.

The command line prints the message of any `LatscapeError` and leaves with exit code 2; everything else is a fault of
ours.
"""


class LatscapeError(Exception):
    """Base of all errors a user can mend."""


class InputError(LatscapeError, ValueError):
    """Bad input, met at the border.

    Parameters
    ----------
    expected, got, hint
        Short phrases for "Expected ... Got ... Try ...", without closing stops.

    Examples
    --------
    >>> raise InputError("a positive number of epochs", "0", "epochs=40")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected a positive number of epochs. Got 0. Try epochs=40.
    """

    def __init__(self, expected: str, got: object, hint: str) -> None:
        super().__init__(f"Expected {expected}. Got {got}. Try {hint}.")
        self.expected, self.got, self.hint = expected, got, hint

    def __reduce__(self):
        """Pickle by the three phrases, so that the error crosses process borders."""
        return type(self), (self.expected, self.got, self.hint)


class DataUnavailable(InputError):
    """A data set is neither in the package, nor on this machine, nor reachable."""


class RecordError(InputError):
    """A record that is missing, corrupt, foreign, locked, or made by another configuration."""


class EvaluationError(LatscapeError):
    """What an evaluator raises to say "this point failed"; a campaign raises it when every point did.

    Any other exception of an evaluator counts as failed too.
    """


class TrainingError(LatscapeError):
    """Training met a number that is not finite; the message names the term and the epoch."""


class NotFitted(InputError, AttributeError):
    """A model or space that was asked before it was fitted."""
