"""Publishing one market: its rows and its publication in one transaction, then the link to its feeds. Never half of it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tradewind.db import Database, Transaction, audit
from tradewind.offers import live, public_id, publish, withdrawal
from tradewind.offers.publish import Publication
from tradewind.pipeline import compare, manifest
from tradewind.pipeline.errors import NothingToRollBackTo, PublishedStateChanged, RunNotFound
from tradewind.pipeline.live import NO_TERMS, LiveTerms, refresh_published, tell_search
from tradewind.pipeline.manifest import Manifest, Workspace
from tradewind.pricing import record_prices
from tradewind.search import store

# Copying a first publication of a large market takes minutes; the usual limit of a statement is for shoppers' requests.
PUBLISH_SECONDS = 3600
FOLLOWED_AT_ONCE = 20_000
"""Changed offers up to which a publication brings search along itself: some seconds."""

Checkpoint = Callable[[str], None]


def passing(_name: str) -> None:
    """The checkpoint of a process that is not being tested for crashes."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A publication to be made: who decided, when, and what the audit trail calls it."""

    action: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Publisher:
    """Brings what a run made in front of shoppers, and back."""

    workspace: Workspace
    database: Database
    threads: int = 2
    memory_limit_mb: int = 1024
    checkpoint: Checkpoint = passing
    terms: LiveTerms = NO_TERMS
    follow: Callable[[str], object] = passing
    """Told of a market when all of its publication is done, unless too much of it changed: search follows at once, else by its job."""
    say: Callable[[str], object] = passing
    followed_at_once: int = FOLLOWED_AT_ONCE

    def withdrawn(self, market: str) -> tuple[str, ...]:
        """The skus that may not be sold in the market, sorted."""
        with self.database.transaction() as tx:
            return tuple(sorted(withdrawal.withdrawn_skus(tx, market)))

    def withdrawn_ids(self, market: str) -> frozenset[str]:
        """The same as offer ids."""
        return frozenset(public_id(sku) for sku in self.withdrawn(market))

    def current(self) -> dict[str, Publication]:
        """What every market shows now."""
        with self.database.transaction() as tx:
            return publish.publications(tx)

    def note(self, run_id: str, market: str, decision: Decision) -> None:
        """A decision that changes nothing that is shown, in the audit trail."""
        with self.database.transaction() as tx:
            audit.record(tx, decision.by, decision.action, run_id, {"market": market})

    def publish(self, run: Manifest, market: str, decision: Decision) -> Manifest:
        """The approved market of the run becomes what is shown; the one shown before becomes superseded."""
        now = self.current().get(market)
        run = run.with_market(replace(run.market(market), previous_run_id=now.run_id if now and now.run_id != run.run_id else None))
        manifest.save(self.workspace, run)
        written = self._write(run, market, now, decision)
        settled = self._settled(market, run.run_id, "supersede")
        self._follow(market, 0 if now is None else written)
        return settled

    def roll_back(self, market: str, decision: Decision) -> Manifest:
        """The market shows its previous run again."""
        now = self.current().get(market)
        if now is None or now.previous_run_id is None:
            raise NothingToRollBackTo(
                f"{market} has no earlier publication to go back to", hint=f"see what was published: tradewind run list --market {market}"
            )
        try:
            run = manifest.load(self.workspace, now.previous_run_id)
        except RunNotFound:
            raise NothingToRollBackTo(
                f"{now.previous_run_id}, which {market} showed before, is no longer on disk",
                hint="raise TRADEWIND_KEEP_RUNS to keep more, and run on an earlier snapshot: tradewind run --snapshot ID",
            ) from None
        written = self._write(run, market, now, decision)
        settled = self._settled(market, run.run_id, "roll_back")
        self._follow(market, written)
        return settled

    def _follow(self, market: str, written: int) -> None:
        """Nobody waits for an index of many offers: pages show what the database says, and the old index finds until the new one is there.

        A first publication has no index before it, and counts as nothing `written`.
        """
        if written <= self.followed_at_once:
            self.follow(market)
        else:
            self.say(f"{market}: search follows by its job, some minutes for {written:,} offers; tradewind worker does it")

    def repair(self) -> list[str]:
        """After a crash: links and manifests follow the publications again. Says what was repaired."""
        repaired = []
        for market, publication in self.current().items():
            if not self.workspace.run_feeds(publication.run_id, market).is_dir():
                continue
            if self._link(market, publication.run_id):
                repaired.append(f"the feeds of {market} now follow {publication.run_id}")
            if manifest.load(self.workspace, publication.run_id).market(market).state != "published":
                self._settled(market, publication.run_id, "supersede")
                repaired.append(f"{publication.run_id} is marked as published in {market}")
        return repaired

    def _write(self, run: Manifest, market: str, now: Publication | None, decision: Decision) -> int:
        """How many offers came or went."""
        scratch, feeds = self.workspace.run(run.run_id) / f".publish-{market}.csv", self.workspace.run_feeds(run.run_id, market)
        if feeds.is_dir():
            manifest.sync(feeds)  # the run itself did not wait for the disk
        try:
            base = now.run_id if now and self._is_whole(market, now) else None
            pair = compare.sides(self.workspace, market, base, run.run_id)
            difference = compare.changes(pair, scratch, threads=self.threads, memory_limit_mb=self.memory_limit_mb)
            self.checkpoint("compared")
            self._transact(run, market, now, difference, decision)
        finally:
            scratch.unlink(missing_ok=True)
        self.checkpoint("committed")
        self._link(market, run.run_id)
        self.checkpoint("linked")
        return difference.written + len(difference.gone)

    def _is_whole(self, market: str, now: Publication) -> bool:
        """Whether the table holds what was published and its files are still there; else everything is copied anew."""
        with self.database.transaction(timeout_seconds=PUBLISH_SECONDS) as tx:
            stands = publish.count(tx, market) == now.offers_count
        return stands and bool(self.workspace.rows(now.run_id, market, "offers.parquet"))

    def _transact(self, run: Manifest, market: str, now: Publication | None, difference: compare.Changes, decision: Decision) -> None:
        with self.database.transaction(timeout_seconds=PUBLISH_SECONDS) as tx:
            shown = publish.lock(tx, market)
            if shown != (now.run_id if now else None):
                raise PublishedStateChanged(
                    f"{market} shows {shown} since a moment ago", hint="look at it, then decide again: tradewind run list"
                )
            if difference.whole:
                aside = publish.build_aside(tx, market, difference.csv)
                found = aside.offers_count
                record_prices(tx, market, run.run_id, decision.at, published=aside.table)
                self.checkpoint("copied")
                publish.hold(tx)
                moved = live.changed_skus(tx, market)
                publish.swap(tx, aside)
            else:
                moved = live.changed_skus(tx, market)
                publish.copy_changes(tx, market, difference.csv, difference.gone)
                found = publish.count(tx, market)
                record_prices(tx, market, run.run_id, decision.at, published="offers_offer")
                self.checkpoint("copied")
            withdrawal.keep_withdrawn(tx, market)
            refresh_published(tx, moved, self.terms, since=run.created_at, at=decision.at)
            _tell_search(tx, market, difference, decision.at)
            previous = run.market(market).previous_run_id
            publish.record(tx, Publication(market, run.run_id, decision.at, decision.by, difference.offers_count, previous), found)
            facts: dict[str, object] = {
                "market": market,
                "before": now.run_id if now else None,
                "offers": difference.offers_count,
                "written": difference.written,
                "gone": len(difference.gone),
            }
            audit.record(tx, decision.by, decision.action, run.run_id, facts)

    def _link(self, market: str, run_id: str) -> bool:
        """Points feeds/<market> at the run's feeds in one step; False when it already did."""
        link = self.workspace.feeds_link(market)
        target = Path("..") / "runs" / run_id / "feeds" / market
        if link.is_symlink() and link.readlink() == target:
            return False
        link.parent.mkdir(parents=True, exist_ok=True)
        scratch = link.with_name(f".{market}.{os.getpid()}")
        scratch.unlink(missing_ok=True)
        scratch.symlink_to(target)
        scratch.replace(link)
        return True

    def _settled(self, market: str, run_id: str, leave: str) -> Manifest:
        """The manifests after a publication: this run is published, every other one that was is not any more."""
        for other in manifest.every(self.workspace):
            part = next((part for part in other.markets if part.market == market), None)
            if part and part.state == "published" and other.run_id != run_id:
                manifest.save(self.workspace, other.fired(market, leave))
        run = manifest.load(self.workspace, run_id)
        state = run.market(market).state
        at = self.current()[market].published_at
        if state != "published":
            step = "publish" if state == "approved" else "restore"
            run = run.fired(market, step, published_at=at)
            manifest.save(self.workspace, run)
        return run


def _tell_search(tx: Transaction, market: str, difference: compare.Changes, at: datetime) -> None:
    """The market's search index looks at what differs, or at everything where that is most of it."""
    changed = None if difference.differing is None else (*difference.differing, *difference.gone)
    if changed is None or len(changed) * store.REBUILD_SHARE > difference.offers_count:
        tell_search(tx, [(market, store.EVERYTHING)], at)
    else:
        tell_search(tx, [(market, offer_id) for offer_id in changed], at)
