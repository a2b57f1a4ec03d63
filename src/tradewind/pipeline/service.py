"""The run: planned, computed in shards, joined to feeds, judged by the gate, published. Each step can be done again after a crash."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from tradewind.catalog import Snapshot, load_snapshot
from tradewind.kit import Clock, new_id, system_clock
from tradewind.offers import publish
from tradewind.pipeline import books, compare, manifest, pastprices, stocktaking
from tradewind.pipeline.errors import ApproverMissing, FeedsAreNotWhole
from tradewind.pipeline.locking import alone, stoppable
from tradewind.pipeline.manifest import Gate, Manifest, MarketRun, Workspace
from tradewind.pipeline.model import MarketPlan, ShardSpec
from tradewind.pipeline.ports import (
    FeedAssembler,
    FeedsFollow,
    LeaveOut,
    Placement,
    Progress,
    ShardFunction,
    keep_all,
    nobody_follows,
    silent,
)
from tradewind.pipeline.publishing import Decision, Publisher
from tradewind.pipeline.rules import GateLimits, judge
from tradewind.pipeline.shard import read_result
from tradewind.pipeline.totals import total
from tradewind.settings import Settings

GATE = "gate"
# The rooms whose code decides what stands in a row: rows made by other code are not carried over.
ROW_ROOMS = ("allocation", "assortment", "content", "listings", "offers", "pipeline", "pricing", "adapters/feeds")

Planner = Callable[[Sequence[str], date], tuple[MarketPlan, ...]]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is to be run. `fresh` begins anew instead of resuming, and carries no earlier row over."""

    markets: tuple[str, ...]
    as_of: date
    by: str
    snapshot_id: str | None = None
    publish: bool = True
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Runs:
    """Everything that can be done with the runs of a workspace; bootstrap.open_runs builds it."""

    settings: Settings
    publisher: Publisher
    planner: Planner
    placement: Placement
    shard_function: ShardFunction
    assemble: FeedAssembler
    leave_out: LeaveOut = keep_all
    feeds_follow: FeedsFollow = nobody_follows
    clock: Clock = system_clock
    progress: Progress = silent
    say: Callable[[str], None] = print

    @property
    def workspace(self) -> Workspace:
        return self.publisher.workspace

    def run(self, request: RunRequest) -> Manifest:
        """From a snapshot to feeds, and to the window where the gate agrees. Resumes what was interrupted under equal rules."""
        with alone(self.workspace), stoppable():
            for line in self.publisher.repair():
                self.say(f"repaired: {line}")
            snapshot = load_snapshot(self.settings.home, request.snapshot_id)
            with self.placement.ready(self.shard_function, snapshot.shard_count):
                plans = self.planner(request.markets, request.as_of)
                run = self._resumed(request, snapshot, plans) or self._begun(request, snapshot, plans)
                if not run.is_computed:
                    run = self._computed(run, snapshot, plans, fresh=request.fresh)
            run = self._judged(run)
            if request.publish:
                run = self._published(run)
            self._prune()
            return run

    def approve(self, run_id: str, markets: Sequence[str], by: str) -> Manifest:
        """Publishes the waiting markets of a run (all of them when none is named) in the name of `by`."""
        with alone(self.workspace), stoppable():
            self.publisher.repair()
            run = manifest.load(self.workspace, run_id)
            for market in markets or _in_state(run, "waiting", "computed", "approved"):
                if run.market(market).state != "approved":
                    run = run.fired(market, "approve", decided_by=_named(by), decided_at=self.clock())
                    manifest.save(self.workspace, run)
            return self._published(run)

    def reject(self, run_id: str, markets: Sequence[str], by: str) -> Manifest:
        """The waiting markets of a run stay as they are shown now; the decision is recorded."""
        with alone(self.workspace):
            run = manifest.load(self.workspace, run_id)
            for market in markets or _in_state(run, "waiting", "computed"):
                run = run.fired(market, "reject", decided_by=_named(by), decided_at=self.clock())
                self.publisher.note(run_id, market, Decision("run.reject", by, self.clock()))
                manifest.save(self.workspace, run)
            return run

    def roll_back(self, market: str, by: str) -> Manifest:
        """Pages and feeds of the market show its previous run again."""
        with alone(self.workspace), stoppable():
            self.publisher.repair()
            now = self.publisher.current().get(market)
            if now is not None and now.previous_run_id in {run.run_id for run in manifest.every(self.workspace)}:
                self._drop_withdrawn(manifest.load(self.workspace, now.previous_run_id), market)
            shown = self.publisher.roll_back(market, Decision("run.rollback", _named(by), self.clock()))
            self.feeds_follow(market)
            return shown

    def renew_feeds(self, market: str) -> bool:
        """The published feeds of the market leave out what is withdrawn now, and hold what is not any more. False when nothing is published.

        It waits for no run: a recall cannot.
        """
        now = self.publisher.current().get(market)
        if now is None or not self.workspace.rows(now.run_id, market, "offers.parquet"):
            return False
        self._assemble(manifest.load(self.workspace, now.run_id), market, self.publisher.withdrawn_ids(market))
        manifest.sync(self.workspace.run_feeds(now.run_id, market))
        self.feeds_follow(market)
        return True

    def _drop_withdrawn(self, run: Manifest, market: str) -> None:
        """What was withdrawn after the run's feeds were made leaves them before they are shown; feeds cut short by a power cut are made again."""
        withdrawn, made = self.publisher.withdrawn_ids(market), run.market(market).feeds
        short = made != self._sizes(run, market, made)
        if not (withdrawn or short) or not self.workspace.rows(run.run_id, market, "offers.parquet"):
            return
        if self._assemble(run, market, withdrawn) != made and short:
            raise FeedsAreNotWhole(
                f"the feeds of {market} in {run.run_id} are shorter than when it was computed",
                hint="compute all anew: tradewind run --fresh",
            )

    def _sizes(self, run: Manifest, market: str, names: Collection[str]) -> dict[str, int]:
        files = [self.workspace.run_feeds(run.run_id, market) / name for name in names]
        return {path.name: path.stat().st_size for path in files if path.is_file()}

    def _resumed(self, request: RunRequest, snapshot: Snapshot, plans: Sequence[MarketPlan]) -> Manifest | None:
        """The newest unfinished run when it was planned from the same inputs and rules; unfinished ones that were not are superseded."""
        digest, found = _plan_digest(snapshot, plans), None
        for run in list(manifest.every(self.workspace)):
            unfinished = not run.is_computed or bool(_in_state(run, "approved")) or any(part.state is None for part in run.markets)
            if run.superseded or not unfinished:
                continue
            if found is None and run.plan_digest == digest and not request.fresh:
                found = run
                done = sum(read_result(self.workspace.shard(run.run_id, shard)) is not None for shard in range(run.shard_count))
                self.say(
                    f"resuming {run.run_id}: {done} of {run.shard_count} shards are done, its stock is that of {run.created_at:%F %H:%M} UTC"
                )
            elif not run.is_computed:
                manifest.save(self.workspace, replace(run, superseded=True))
        return found

    def _begun(self, request: RunRequest, snapshot: Snapshot, plans: Sequence[MarketPlan]) -> Manifest:
        now = self.clock()
        run_id = new_id("run", clock=self.clock)
        locations = tuple(self.publisher.terms.locations.values())
        pinned = stocktaking.pin(self.workspace, run_id, snapshot, self.publisher.database, locations=locations, at=now)
        run = Manifest(
            run_id=run_id,
            snapshot_id=snapshot.snapshot_id,
            as_of=request.as_of.isoformat(),
            created_at=now,
            created_by=request.by,
            plan_digest=_plan_digest(snapshot, plans),
            code_digest=code_digest(),
            shard_count=snapshot.shard_count,
            placement=self.placement.name,
            markets=tuple(
                MarketRun(plan.market, _market_digest(plan), plan.currency, notes=(*plan.price.issues, *plan.notes)) for plan in plans
            ),
            stock_sha256=pinned,
            prices_sha256=pastprices.pin_prices(self.workspace, run_id, plans, self.publisher.database, now),
        )
        for plan in plans:
            books.save(self.workspace, run_id, plan.price)
        manifest.save(self.workspace, run)
        return run

    def _computed(self, run: Manifest, snapshot: Snapshot, plans: Sequence[MarketPlan], *, fresh: bool) -> Manifest:
        started = self.clock()
        specs = self._specs(run, snapshot, plans, fresh=fresh)
        results = {spec.shard: done for spec in specs if (done := read_result(spec.target))}
        self.progress(len(results), len(specs), None)
        left = [spec for spec in specs if spec.shard not in results]
        for result in self.placement.run(self.shard_function, left) if left else ():
            results[result.shard] = result
            self.progress(len(results), len(specs), result)
        ordered = [results[shard] for shard in sorted(results)]
        sizes = self._assemble_all(run)
        counted = tuple(replace(total(part, ordered), feeds=sizes[part.market]) for part in run.markets)
        run = replace(
            run,
            markets=counted,
            shards=tuple(asdict(replace(result, markets=())) for result in ordered),
            computed_at=self.clock(),
            seconds=round(run.seconds + (self.clock() - started).total_seconds(), 1),
        )
        manifest.save(self.workspace, run)
        return run

    def _specs(self, run: Manifest, snapshot: Snapshot, plans: Sequence[MarketPlan], *, fresh: bool) -> list[ShardSpec]:
        reusable = {} if fresh else self._reusable(run)
        shown = {market: publication.run_id for market, publication in self.publisher.current().items()}
        withdrawn = {plan.market: self.publisher.withdrawn(plan.market) for plan in plans}
        threads = max(1, (os.cpu_count() or 1) // self.settings.workers)
        return [
            ShardSpec(
                run_id=run.run_id,
                shard=shard,
                shard_count=run.shard_count,
                products=snapshot.products(shard).absolute(),
                stock=self.workspace.stock(run.run_id, shard).absolute(),
                target=self.workspace.shard(run.run_id, shard).absolute(),
                plans=tuple(plans),
                reusable={
                    market: folder
                    for market, earlier in reusable.items()
                    if (folder := self.workspace.shard(earlier, shard).absolute() / market).is_dir()
                },
                published=self._published_folders(run, shown, shard),
                threads=threads,
                memory_limit_mb=self.settings.memory_limit_mb,
                withdrawn=withdrawn,
                prices=pastprices.pinned(self.workspace, run.run_id),
                pinned_at=run.created_at,
            )
            for shard in range(run.shard_count)
        ]

    def _reusable(self, run: Manifest) -> dict[str, str]:
        """By market, the newest computed run whose rules, code and sharding are this run's."""
        found: dict[str, str] = {}
        for earlier in manifest.every(self.workspace):
            if earlier.run_id == run.run_id or not earlier.is_computed or earlier.shard_count != run.shard_count:
                continue
            for part in earlier.markets:
                if part.plan_digest == run_market_digest(run, part.market):
                    found.setdefault(part.market, earlier.run_id)
        return found

    def _published_folders(self, run: Manifest, shown: dict[str, str], shard: int) -> dict[str, tuple[Path, ...]]:
        folders: dict[str, tuple[Path, ...]] = {}
        for part in run.markets:
            folder = self.workspace.shard(shown.get(part.market, ""), shard).absolute() / part.market
            if part.market in shown and (folder / "offers.parquet").is_file():
                folders[part.market] = (folder,)
        return folders

    def _assemble_all(self, run: Manifest) -> dict[str, dict[str, int]]:
        """Every market's feeds, several at once; their bytes."""
        withdrawn = {part.market: self.publisher.withdrawn_ids(part.market) for part in run.markets}
        with ThreadPoolExecutor(self.settings.workers) as pool:
            return dict(zip(withdrawn, pool.map(lambda market: self._assemble(run, market, withdrawn[market]), withdrawn), strict=True))

    def _assemble(self, run: Manifest, market: str, withdrawn: frozenset[str]) -> dict[str, int]:
        """Makes the market's feeds; the bytes of each before anything withdrawn was left out."""
        shards = [self.workspace.shard(run.run_id, shard) / market for shard in range(run.shard_count)]
        feeds = self.workspace.run_feeds(run.run_id, market)
        # Made aside: what is withdrawn must not stand in a published feed even for a moment.
        scratch = feeds.with_name(f".{feeds.name}.{os.getpid()}")
        shutil.rmtree(scratch, ignore_errors=True)
        self.assemble(shards, scratch, market)
        sizes = {made.name: made.stat().st_size for made in scratch.iterdir()}
        if withdrawn:
            self.leave_out(scratch, withdrawn)
        feeds.mkdir(parents=True, exist_ok=True)
        for made in scratch.iterdir():
            made.replace(feeds / made.name)
        scratch.rmdir()
        return sizes

    def _judged(self, run: Manifest) -> Manifest:
        """The gate's word on every market that has none yet."""
        shown = self.publisher.current()
        for part in run.markets:
            if part.state is None:
                gate = self._gate(run, part, shown.get(part.market))
                counts = self._recounted(run, part, shown.get(part.market))
                run = run.with_market(replace(counts, state="computed", gate=gate))
                run = run.fired(part.market, "hold") if gate.findings else run
                self._supersede_waiting(run, part.market)
        manifest.save(self.workspace, run)
        return run

    def _gate(self, run: Manifest, part: MarketRun, shown: publish.Publication | None) -> Gate:
        if shown is None or not self.workspace.rows(shown.run_id, part.market, "offers.parquet"):
            return Gate(None, ())
        limits = GateLimits(
            self.settings.gate_vanished_ppm,
            self.settings.gate_median_price_ppm,
            self.settings.gate_single_price_ppm,
            self.settings.gate_category_shift_ppm,
        )
        before = manifest.load(self.workspace, shown.run_id)
        seen = compare.comparison(
            self.workspace, part.market, shown.run_id, run.run_id, single_price_ppm=limits.single_price_ppm, currency=part.currency
        )
        shifts = compare.shifts(self.workspace.products(before.snapshot_id), self.workspace.products(run.snapshot_id))
        return Gate(shown.run_id, judge(replace(seen, shifts=shifts), limits))

    def _recounted(self, run: Manifest, part: MarketRun, shown: publish.Publication | None) -> MarketRun:
        """Shards compare with the same shard of what is shown; with another number of shards only the whole can be compared."""
        if shown is None or len(self.workspace.rows(shown.run_id, part.market, "offers.parquet")) in {0, run.shard_count}:
            return part
        new, changed, gone, unchanged = compare.counts(compare.sides(self.workspace, part.market, shown.run_id, run.run_id))
        return replace(part, new=new, changed=changed, gone=gone, unchanged=unchanged)

    def _supersede_waiting(self, run: Manifest, market: str) -> None:
        """An earlier proposal for the market that nobody decided on gives way to this one."""
        for other in list(manifest.every(self.workspace)):
            states = {part.market: part.state for part in other.markets}
            if other.run_id < run.run_id and states.get(market) in {"waiting", "computed", "approved"}:
                manifest.save(self.workspace, other.fired(market, "supersede"))

    def _published(self, run: Manifest) -> Manifest:
        """Every market that may be published is; those that the gate holds stay as they are."""
        for part in run.markets:
            if part.state == "computed":
                run = run.fired(part.market, "pass", decided_by=GATE, decided_at=self.clock())
                manifest.save(self.workspace, run)
        for market in _in_state(run, "approved"):
            self._drop_withdrawn(run, market)
            by = run.market(market).decided_by or GATE
            decision = Decision("run.publish" if by == GATE else "run.approve", by, self.clock())
            run = self.publisher.publish(run, market, decision)
            self.feeds_follow(market)
        return run

    def _prune(self) -> None:
        """Old runs leave the disk, but never one that is shown, waits, or is what a rollback would show."""
        kept = {run_id for one in self.publisher.current().values() for run_id in (one.run_id, one.previous_run_id)}
        runs = list(manifest.every(self.workspace))
        kept |= {run.run_id for run in runs if _in_state(run, "waiting", "approved", "computed")}
        kept |= {run.run_id for run in [run for run in runs if run.is_computed][: self.settings.keep_runs]}
        for run in runs:
            if run.run_id not in kept and (run.is_computed or run.superseded):
                # Renamed first: a run that is half deleted must not be taken for a whole one.
                trash = self.workspace.runs / f".trash-{run.run_id}"
                self.workspace.run(run.run_id).rename(trash)
        for trash in self.workspace.runs.glob(".trash-*"):
            shutil.rmtree(trash, ignore_errors=True)


@cache
def code_digest() -> str:
    """sha256 over the code and the data of the rooms that make rows."""
    digest = hashlib.sha256()
    for room in ROW_ROOMS:
        folder = Path(str(resources.files("tradewind").joinpath(room)))
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".sql", ".toml"}):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def run_market_digest(run: Manifest, market: str) -> str:
    """The digest of a market's rules in a run; empty when the run does not cover it."""
    return next((part.plan_digest for part in run.markets if part.market == market), "")


def _market_digest(plan: MarketPlan) -> str:
    return hashlib.sha256(f"{plan.digest} {code_digest()}".encode()).hexdigest()


def _plan_digest(snapshot: Snapshot, plans: Sequence[MarketPlan]) -> str:
    facts = [snapshot.snapshot_id, snapshot.shard_count, [(plan.market, plan.as_of.isoformat(), _market_digest(plan)) for plan in plans]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _in_state(run: Manifest, *states: str) -> list[str]:
    return [part.market for part in run.markets if part.state in states]


def _named(by: str) -> str:
    if not by.strip():
        raise ApproverMissing("a decision about publishing needs a name", hint="add --by NAME")
    return by.strip()
