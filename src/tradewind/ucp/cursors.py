"""Where a page of search results goes on: opaque to platforms, bound to its question, and steady while products come and go. Pure."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

OVERLAP = 10
"""So many places results may move between two pages without one being shown twice or left out."""
DEEPEST = 1_000
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which result the next page begins: how many came before, and which one was the last."""

    offset: int = 0
    last: str = ""

    @property
    def start(self) -> int:
        """From where the results are asked for, so that the last one is found again although it moved."""
        return max(0, self.offset - OVERLAP - 1)

    def page(self, found: Sequence[str], limit: int) -> tuple[list[str], "Cursor"]:
        """The next page out of what was found from `start` on, and where the page after it goes on."""
        first = found.index(self.last) + 1 if self.last in found else self.offset - self.start
        page = list(found[first : first + limit])
        return page, Cursor(self.start + first + len(page), page[-1]) if page else self


def question_digest(*parts: object) -> str:
    """What a cursor is bound to: everything that decides the results."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def written(cursor: Cursor, question: str) -> str:
    """The cursor as a platform carries it."""
    text = json.dumps([question, cursor.offset, cursor.last], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, question: str) -> Cursor | None:
    """The cursor that we wrote for this question; None for any other text."""
    try:
        held = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))) if len(text) <= _LONGEST else None
    except (ValueError, binascii.Error, RecursionError):
        return None
    match held:
        case [str(bound), int(offset), str(last)] if bound == question and 0 <= offset <= DEEPEST:
            return Cursor(offset, last)
    return None
