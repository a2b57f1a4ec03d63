"""Sending what waits: claim a batch, send it within quota, write down how it ended; and find out what became of lost sends."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tradewind.db import Database
from tradewind.kit import Clock, new_id
from tradewind.listings.sync import store
from tradewind.listings.sync.accounts import frozen
from tradewind.listings.sync.errors import AccountIsFrozen
from tradewind.listings.sync.model import Budget, Outcome, Result, Send, Target, Urgency, Way
from tradewind.listings.sync.pace import Pace
from tradewind.listings.sync.ports import ListingRow, ListingRows, MerchantPort
from tradewind.listings.sync.rules import LAST_URGENT, MAX_ATTEMPTS, QUOTA, wait_after

# Below this share of the day's quota only urgent changes go: what would be sold wrongly must never wait for what reads better.
URGENT_RESERVE_PERCENT = 20


@dataclass(frozen=True, slots=True)
class PushTerms:
    """How a push behaves. A send is lost when it has no end after `lost_after`; processing may hide it until `processing`."""

    batch: int = 500
    concurrency: int = 24
    lost_after: timedelta = timedelta(minutes=2)
    processing: timedelta = timedelta(minutes=30)
    urgent_reserve_percent: int = URGENT_RESERVE_PERCENT
    read_ahead: int = 10_000  # listings held in memory; about 3 kB each


@dataclass(slots=True)
class PushReport:
    """What a push did: sends by result, reasons of failures, what was found of lost sends, and why it stopped."""

    results: Counter[Result] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    recovered: Counter[Result] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def sent(self) -> int:
        return self.results[Result.SUCCEEDED]


class Pusher:
    """Brings one channel up to date with the ledger. Several may run at once: a change is claimed by one of them."""

    def __init__(  # noqa: PLR0917 - the four things it stands between, and what is injected
        self,
        database: Database,
        port: MerchantPort,
        rows: ListingRows,
        clock: Clock,
        chance: random.Random,
        terms: PushTerms = PushTerms(),
    ) -> None:
        self._database = database
        self._port = port
        self._rows = rows
        self._clock = clock
        self._random = chance
        self._terms = terms
        self._ahead: Mapping[str, ListingRow] = {}

    async def push(self, target: Target, limit: int | None = None, *, last: Urgency = Urgency.REFRESH) -> PushReport:
        """Sends what is as urgent as `last` or more, until nothing may go any more, the quota is used up, or `limit` sends were made. AccountIsFrozen."""
        self._refuse_frozen(target.account)
        report = PushReport()
        self._ahead = {}  # ids are those of another feed, or of another run
        await self._recover(target, report)
        budget = await self._port.budget(target)
        pace = Pace(budget.per_minute)
        left = limit
        while left is None or left > 0:
            sends = self._claim(target, budget, report, left, last=last)
            if not sends:
                break
            whole = [send for send in sends if send.content_hash is not None and target.primary is Way.API]
            outcomes = await self._send(target, sends, self._rendered(target, whole, last), pace)
            self._settle(target, outcomes, report)
            left = None if left is None else left - len(sends)
            budget = _spent(budget, len(sends))
            if self._must_stop(outcomes, report):
                break
        return report

    def _refuse_frozen(self, account: str) -> None:
        with self._database.transaction() as tx:
            found = frozen(tx, account)
        if found is not None:
            raise AccountIsFrozen(
                f"{account} is frozen: {found.reason}",
                hint=f"tradewind google appeal {account}; when it is settled: tradewind google thaw {account}",
            )

    def _claim(self, target: Target, budget: Budget, report: PushReport, left: int | None, *, last: Urgency) -> list[Send]:
        size = self._terms.batch if left is None else min(self._terms.batch, left)
        ways: tuple[Way, ...] = (Way.API, Way.SUPPLEMENTAL)
        only_urgent = False
        if budget.left_today is not None:
            size = min(size, budget.left_today)
            only_urgent = budget.left_today <= self._reserve(budget)
        if size <= 0:
            report.stopped = "the daily quota is used up"
            return []
        with self._database.transaction(timeout_seconds=store.PLAN_SECONDS) as tx:
            found = store.claim(
                tx, target, ways, self._clock(), new_id("batch"), size, last=min(last, LAST_URGENT) if only_urgent else last
            )
        if not found and only_urgent:
            report.stopped = "what is left of the daily quota is kept for selling out and price rises"
        return found

    def _reserve(self, budget: Budget) -> int:
        return (budget.per_day or 0) * self._terms.urgent_reserve_percent // 100

    async def _send(self, target: Target, sends: Sequence[Send], rows: Mapping[str, ListingRow], pace: Pace) -> list[Outcome]:
        gate = asyncio.Semaphore(self._terms.concurrency)

        async def one(send: Send) -> Outcome:
            async with gate:
                await pace.step()
                return await self._dispatch(target, send, rows.get(send.offer_id))

        return list(await asyncio.gather(*(one(send) for send in sends)))

    def _rendered(self, target: Target, sends: Sequence[Send], last: Urgency) -> Mapping[str, ListingRow]:
        """The listings of a batch. Finding them takes a look at every listing of the market, so those of the next batches come along.

        One whose hash is not the one that is to be held was read from another run than was planned: it is not sent.
        """
        if any(not _is_fresh(self._ahead.get(send.offer_id), send) for send in sends):
            with self._database.transaction(timeout_seconds=store.PLAN_SECONDS) as tx:
                ahead = store.upcoming(tx, target, self._clock(), self._terms.read_ahead, last)
            self._ahead = self._rows(target, sorted({*(send.offer_id for send in sends), *ahead}))
        return {send.offer_id: self._ahead[send.offer_id] for send in sends if _is_fresh(self._ahead.get(send.offer_id), send)}

    async def _dispatch(self, target: Target, send: Send, row: ListingRow | None) -> Outcome:
        if send.content_hash is None:
            way = Way.API if target.primary is Way.API else Way.SUPPLEMENTAL
            return await self._port.delete(target, send, way)
        if target.primary is Way.FILE:
            return await self._port.overlay(target, send, row)
        if row is None:
            return Outcome(
                send.offer_id,
                send.version,
                Result.RETRY,
                "listing_not_rendered",
                "the published run has no such listing, or another text than was planned",
            )
        return await self._port.insert(target, send, row)

    def _settle(self, target: Target, outcomes: Sequence[Outcome], report: PushReport) -> None:
        now = self._clock()
        with self._database.transaction(timeout_seconds=store.PLAN_SECONDS) as tx:
            tried = store.attempts(tx, target.feed, [outcome.offer_id for outcome in outcomes])
            timed = [(_given_up(outcome, tried), self._next_try(outcome, tried, now)) for outcome in outcomes]
            store.settle(tx, target.feed, timed, now)
        for outcome, _ in timed:
            report.results[outcome.result] += 1
            if outcome.result is not Result.SUCCEEDED:
                report.reasons[outcome.reason or "unknown"] += 1

    def _next_try(self, outcome: Outcome, tried: dict[str, int], now: datetime) -> datetime | None:
        if outcome.result is not Result.RETRY:
            return None
        return now + wait_after(tried.get(outcome.offer_id, 0), self._random.random())

    async def _recover(self, target: Target, report: PushReport) -> None:
        """Asks the channel after every send that has no end: held means done; hidden longer than processing takes means again."""
        now = self._clock()
        with self._database.transaction() as tx:
            lost = store.lost(tx, target.feed, now - self._terms.lost_after, self._terms.batch * 20)
        if not lost:
            return
        gate = asyncio.Semaphore(self._terms.concurrency)

        async def one(send: Send, since: datetime) -> Outcome | None:
            async with gate:
                version = await self._port.held_version(target, send.offer_id)
            if send.content_hash is None:
                return Outcome(send.offer_id, send.version, Result.SUCCEEDED if version is None else Result.RETRY, "lost")
            if version is not None and version >= send.version:
                return Outcome(send.offer_id, send.version, Result.SUCCEEDED)
            if now - since >= self._terms.processing:
                return Outcome(send.offer_id, send.version, Result.RETRY, "lost", "the answer was lost and the channel does not show it")
            return None

        found = [outcome for outcome in await asyncio.gather(*(one(send, since) for send, since in lost)) if outcome is not None]
        with self._database.transaction() as tx:
            store.settle(tx, target.feed, [(outcome, None) for outcome in found], now)
        report.recovered.update(outcome.result for outcome in found)

    @staticmethod
    def _must_stop(outcomes: Sequence[Outcome], report: PushReport) -> bool:
        reasons = {outcome.reason for outcome in outcomes}
        if "quota/daily_limit_exceeded" in reasons:
            report.stopped = "the daily quota is used up"
        elif all(outcome.result is not Result.SUCCEEDED for outcome in outcomes):
            report.stopped = f"no send of the last batch succeeded: {', '.join(sorted(reasons))}"
        return bool(report.stopped)


def _is_fresh(row: ListingRow | None, send: Send) -> bool:
    return row is not None and row.get("content_hash", send.content_hash) == send.content_hash


def _given_up(outcome: Outcome, tried: dict[str, int]) -> Outcome:
    if outcome.result is Result.RETRY and not outcome.reason.startswith(QUOTA) and tried.get(outcome.offer_id, 0) + 1 >= MAX_ATTEMPTS:
        return Outcome(outcome.offer_id, outcome.version, Result.FAILED, outcome.reason, outcome.detail)
    return outcome


def _spent(budget: Budget, count: int) -> Budget:
    left = None if budget.left_today is None else max(budget.left_today - count, 0)
    return Budget(budget.per_minute, left, budget.read_at, budget.per_day)
