"""Failures on demand: the next calls of a method, or a share of all, end as a real network and a real Google end them."""

import fnmatch
import random
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tradewind.emulators.merchant_center.errors import EmulatorIsMisused, Refused

MAX_SLOW_SECONDS = 120.0


class FaultKind(StrEnum):
    """How a call fails."""

    MINUTE_QUOTA = "minute_quota"  # 429, request_rate_too_high
    DAY_QUOTA = "day_quota"  # 429, daily_limit_exceeded
    UNAVAILABLE = "unavailable"  # 503 before any effect
    INTERNAL = "internal"  # 500 before any effect
    SLOW = "slow"  # answered after `seconds`
    DROP_BEFORE = "drop_before"  # the connection ends and nothing happened
    DROP_AFTER = "drop_after"  # it happened, and the answer is lost


@dataclass(slots=True)
class Fault:
    """Applies to methods that match `method` (such as `*Insert*`): the next `times` calls, or `share` of all while `times` is None."""

    kind: FaultKind
    method: str = "*"
    times: int | None = None
    share: float = 1.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or not 0 <= self.seconds <= MAX_SLOW_SECONDS or (self.times is not None and self.times < 0):
            raise EmulatorIsMisused(
                f"a fault of {self.times} times, a share of {self.share} and {self.seconds} s cannot be",
                hint=f"share is 0 to 1, seconds 0 to {MAX_SLOW_SECONDS:g}, times 0 or more",
            )


class FaultPlan:
    """The faults that are set, in order; the first that applies to a call is spent."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._faults = list(faults)
        self._random = random.Random(seed)  # noqa: S311 - decides test failures, protects nothing

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, counted down; None when it goes well."""
        for fault in self._faults:
            if fault.times == 0 or not fnmatch.fnmatchcase(method, fault.method):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None


def refusal_of(kind: FaultKind) -> Refused | None:
    """The status a fault answers with; None for slow and dropped calls."""
    if kind is FaultKind.MINUTE_QUOTA:
        return Refused("RESOURCE_EXHAUSTED", "too many requests this minute", "quota/request_rate_too_high")
    if kind is FaultKind.DAY_QUOTA:
        return Refused("RESOURCE_EXHAUSTED", "the daily quota is used up", "quota/daily_limit_exceeded")
    if kind is FaultKind.UNAVAILABLE:
        return Refused("UNAVAILABLE", "the service is unavailable", "backendError")
    if kind is FaultKind.INTERNAL:
        return Refused("INTERNAL", "internal error", "internalError")
    return None
