"""Keeping to a rate: calls are spread over a minute instead of being refused by it."""

import asyncio
import time

NANOSECONDS = 10**9
MINUTE = 60 * NANOSECONDS
# A tenth below the limit, because the channel's minute does not begin with ours.
CAUTION_PERCENT = 90


class Pace:
    """Lets at most `per_minute` calls pass a minute, evenly; None lets all pass."""

    def __init__(self, per_minute: int | None) -> None:
        self._gap = 0 if per_minute is None else MINUTE * 100 // max(per_minute * CAUTION_PERCENT, 1)
        self._next_at = 0

    async def step(self) -> None:
        """Waits for one's turn."""
        if not self._gap:
            return
        now = time.monotonic_ns()
        turn = max(now, self._next_at)
        self._next_at = turn + self._gap
        if turn > now:
            await asyncio.sleep((turn - now) / NANOSECONDS)
