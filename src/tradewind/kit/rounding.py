"""The one place where numbers are rounded. The mode is named at the call."""

from enum import Enum


class Rounding(Enum):
    """How a quotient that is not whole becomes whole. HALF_UP rounds halves away from zero."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"  # towards zero
    UP = "up"  # away from zero


def divide(numerator: int, denominator: int, mode: Rounding) -> int:
    """The quotient as an integer, rounded by `mode`, the same for both signs: divide(-5, 2, HALF_UP) is -3."""
    if denominator == 0:
        raise ZeroDivisionError("divide: the denominator is zero")
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    whole, rest = divmod(abs(numerator), abs(denominator))
    size = abs(denominator)
    if mode is Rounding.UP:
        whole += rest > 0
    elif mode is Rounding.HALF_UP:
        whole += 2 * rest >= size
    elif mode is Rounding.HALF_EVEN:
        whole += 2 * rest > size or (2 * rest == size and whole % 2 == 1)
    return sign * whole
