"""The root of every error that Tradewind raises on purpose.

A room keeps its own errors in its `errors.py`, as subclasses of TradewindError whose names are sentences.
The message says what happened and to which value; `hint` says what to do next.
"""


class TradewindError(Exception):
    """Something went wrong that a person can understand and act on.

    `code` is stable and is what programs test; `http_status` is what a web answer carries; `hint` is the next step.
    """

    code = "error"
    http_status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders (shards run in workers) with their message and hint."""
        return _rebuild, (type(self), self.message, self.hint)


def _rebuild(kind: type[TradewindError], message: str, hint: str) -> TradewindError:
    error = kind.__new__(kind)
    TradewindError.__init__(error, message, hint=hint)
    return error


class InputIsInvalid(TradewindError):
    """A value from outside does not have the form it must have."""

    code = "input_invalid"
    http_status = 400


class NotFound(TradewindError):
    """The named thing does not exist."""

    code = "not_found"
    http_status = 404


class TransitionNotAllowed(TradewindError):
    """A state machine has no such step, or its guard said no."""

    code = "transition_not_allowed"
    http_status = 409
