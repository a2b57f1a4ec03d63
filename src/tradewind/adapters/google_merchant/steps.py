"""A difference between what is at Google and what should be, with what applies it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from tradewind.listings.topology import Step

CALL_SECONDS: Final = 30.0
ABSENT: Final = "not there"


@dataclass(frozen=True, slots=True)
class Found:
    """A step with what applies it."""

    step: Step
    apply: Callable[[], Awaitable[Any]]
