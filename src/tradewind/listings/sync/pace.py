"""Keeping to a rate: calls are spread over a minute instead of being refused by it."""

import asyncio
import time

SECONDS = 60.0
# A tenth below the limit, because the channel's minute does not begin with ours.
CAUTION = 0.9


class Pace:
    """Lets at most `per_minute` calls pass a minute, evenly; None lets all pass."""

    def __init__(self, per_minute: int | None) -> None:
        self._gap = 0.0 if per_minute is None else SECONDS / max(per_minute * CAUTION, 1e-9)
        self._next_at = 0.0

    async def step(self) -> None:
        """Waits for one's turn."""
        if not self._gap:
            return
        now = time.monotonic()
        turn = max(now, self._next_at)
        self._next_at = turn + self._gap
        if turn > now:
            await asyncio.sleep(turn - now)
