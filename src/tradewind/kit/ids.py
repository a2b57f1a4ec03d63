"""Identifiers with a prefix, sortable by the time they were made: `run_01k3…`."""

import secrets
from collections.abc import Callable

from tradewind.kit.clock import Clock, system_clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARS = 9  # 45 bits of milliseconds: until the year 3084
_RANDOM_CHARS = 10
_BITS = 5

RandomBits = Callable[[int], int]


def new_id(prefix: str, *, clock: Clock = system_clock, random_bits: RandomBits = secrets.randbits) -> str:
    """A new identifier: the prefix, the time in milliseconds and 50 random bits, in Crockford's base 32."""
    millis = int(clock().timestamp() * 1000)
    return f"{prefix}_{_encode(millis, _TIME_CHARS)}{_encode(random_bits(_RANDOM_CHARS * _BITS), _RANDOM_CHARS)}"


def _encode(number: int, width: int) -> str:
    chars = [_ALPHABET[(number >> shift) & 31] for shift in range((width - 1) * _BITS, -1, -_BITS)]
    return "".join(chars)
