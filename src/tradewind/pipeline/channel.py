"""The use cases of a channel: plan what the published runs want, push it, reconcile it with what is shown."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from tradewind.db import Database
from tradewind.kit import Clock
from tradewind.listings.sync import (
    Difference,
    HeldLag,
    IssueGroup,
    ItemIssue,
    Processed,
    ShownPort,
    SyncCounts,
    Target,
    Urgency,
    counts,
    held_lag,
    mark_fetched,
    plan,
    reconcile,
)
from tradewind.listings.sync.ports import ListingRow
from tradewind.pipeline import listed

PLAN_SECONDS = 600
BLOCK = 1000
PROCESSING = timedelta(minutes=30)
LAG_OVER = timedelta(hours=1)


class _OnlyLooked(Exception):
    """Takes a dry run's transaction back."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel should show, from the workspace `home`, and what the ledger knows of it."""

    database: Database
    home: Path
    clock: Clock

    def plan(self, target: Target, *, dry_run: bool = False) -> dict[Urgency, int]:
        """What waits after the ledger was compared with the published run, by urgency; a dry run writes nothing."""
        found: dict[Urgency, int] = {}
        with suppress(_OnlyLooked), self.database.transaction(timeout_seconds=PLAN_SECONDS) as tx:
            found = plan(tx, target.feed, listed.wanted(tx, self.home, target), self.clock())
            if dry_run:
                raise _OnlyLooked
        return found

    def rows(self, target: Target, offer_ids: Sequence[str]) -> Mapping[str, ListingRow]:
        """Rendered listings of the published run."""
        with self.database.transaction(timeout_seconds=PLAN_SECONDS) as tx:
            return listed.rows(tx, self.home, target, offer_ids)

    def fetched(self, target: Target, at: datetime) -> int:
        """The channel has read the target's file: what waited for it then is held. How many."""
        with self.database.transaction(timeout_seconds=PLAN_SECONDS) as tx:
            return mark_fetched(tx, target, at)

    def status(self, target: Target) -> SyncCounts:
        """The ledger in numbers."""
        with self.database.transaction(timeout_seconds=PLAN_SECONDS) as tx:
            return counts(tx, target.feed, self.clock())

    def lag(self, target: Target) -> HeldLag:
        """How long changes of the last hour took to be held."""
        with self.database.transaction() as tx:
            return held_lag(tx, target.feed, self.clock() - LAG_OVER)

    def issues(self, target: Target) -> list[IssueGroup]:
        """The inbox of the last reconcile."""
        with self.database.transaction() as tx:
            return reconcile.issues(tx, target.feed)

    async def reconcile(self, port: ShownPort, target: Target, digits: int, *, dry_run: bool = False) -> list[Difference]:
        """What the channel shows against the ledger; the ledger learns of it unless it is a dry run.

        The channel's pages are spooled to a file first: they take minutes, and no transaction stays open for an outside call.
        """
        with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
            async for one in port.processed(target):
                spool.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            spool.seek(0)
            return self._compare(target, digits, spool, dry_run=dry_run)

    def _compare(self, target: Target, digits: int, spool: Iterable[str], *, dry_run: bool) -> list[Difference]:
        found: list[Difference] = []
        now = self.clock()
        with suppress(_OnlyLooked), self.database.transaction(timeout_seconds=PLAN_SECONDS) as tx:
            reconcile.begin(tx, target.feed)
            lines = iter(spool)
            while block := [_shown(line) for line in islice(lines, BLOCK)]:
                reconcile.add(tx, target.feed, block, now)
            found = reconcile.differences(tx, target, digits, now - PROCESSING)
            if dry_run:
                raise _OnlyLooked
            reconcile.repair(tx, target, now, PROCESSING)
        return found


def _shown(line: str) -> Processed:
    fields = json.loads(line)
    issues = tuple(ItemIssue(**issue | {"countries": tuple(issue["countries"])}) for issue in fields.pop("issues"))
    return Processed(**fields, issues=issues)
