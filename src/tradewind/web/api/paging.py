"""Pages of a list: each ends with a cursor that continues behind its last row, whatever was inserted meanwhile."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from tradewind.web.api.errors import CursorIsInvalid

PAGE = 50
PAGE_LIMIT = 200
CURSOR_LENGTH = 2400
_LARGEST = 2**62
_TEXT_LIMIT = 250

Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="How many rows at most.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=CURSOR_LENGTH, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before; opaque. Left out: the first page."
    ),
]


def cursor(last: Sequence[str | int], *asked: object) -> str:
    """What continues behind the row with these keys, in the list that was asked for by `asked`."""
    text = json.dumps([_print(asked), *last], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def behind(given: str | None, kinds: Sequence[type], *asked: object) -> list[Any] | None:
    """The keys of the row behind which the page begins; None for the first page. CursorIsInvalid."""
    if given is None:
        return None
    try:
        held = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid() from None
    if not isinstance(held, list) or len(held) != len(kinds) + 1 or held[0] != _print(asked):
        raise _invalid()
    if not all(_fits(value, kind) for value, kind in zip(held[1:], kinds, strict=True)):
        raise _invalid()
    return held[1:]


def _fits(value: Any, kind: type) -> bool:
    if type(value) is not kind:
        return False
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return isinstance(value, str) and len(value) <= _TEXT_LIMIT and value.isprintable()


def _print(asked: Sequence[object]) -> str:
    return hashlib.sha256(repr(tuple(asked)).encode()).hexdigest()[:8]


def _invalid() -> CursorIsInvalid:
    return CursorIsInvalid("the cursor is not one of this list", hint="begin with the first page, and keep filters while you page")
