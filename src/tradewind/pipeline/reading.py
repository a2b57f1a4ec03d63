"""What pages and commands read of runs: the list, a summary for a merchandiser, and the decisions, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tradewind.assortment import explain_reason
from tradewind.assortment import reasons as known_reasons
from tradewind.db import duck
from tradewind.pipeline import manifest
from tradewind.pipeline.manifest import Manifest, MarketRun, Workspace
from tradewind.pipeline.rules import Finding

RUNS_LIMIT = 200
DECISIONS_LIMIT = 500
_WARNINGS = ("warning", "limited")


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many variants stayed at home for a reason, in words."""

    code: str
    text: str
    action: str
    count: int


@dataclass(frozen=True, slots=True)
class MarketSummary:
    """One market of a run. considered = chosen + the sum of left_out; offers = chosen."""

    market: str
    state: str
    currency: str
    considered: int
    chosen: int
    left_out: tuple[ReasonCount, ...]
    offers: int
    warnings: int
    errors: int
    computed: int
    new: int
    changed: int
    gone: int
    unchanged: int
    compared_with: str | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    decided_by: str | None
    decided_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as a merchandiser reads it."""

    run_id: str
    snapshot_id: str
    as_of: str
    created_at: datetime
    created_by: str
    computed_at: datetime | None
    seconds: float
    placement: str
    shard_count: int
    state: str
    markets: tuple[MarketSummary, ...]


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """Why a variant stayed at home, in words, and what to do about it."""

    code: str
    text: str
    action: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One variant in one market: chosen or left out, and why. The price is in minor units, None when it has no offer."""

    sku: str
    product_id: str
    offer_id: str
    title: str | None
    category: str | None
    image: str | None
    chosen: bool
    reasons: tuple[DecisionReason, ...]
    quality: int
    price_minor: int | None
    currency: str
    verdict: str | None


def runs(home: Path, limit: int = RUNS_LIMIT) -> list[RunSummary]:
    """The workspace's runs, newest first."""
    found = []
    for run in manifest.every(Workspace(home)):
        found.append(_summary(run))
        if len(found) >= limit:
            break
    return found


def summary(home: Path, run_id: str) -> RunSummary:
    """One run; RunNotFound."""
    return _summary(manifest.load(Workspace(home), run_id))


def next_request(home: Path) -> tuple[tuple[str, ...], str | None, str | None]:
    """What `tradewind run` means without options: (markets, as_of, snapshot) of the run that was interrupted, else the last markets."""
    newest = next(iter(manifest.every(Workspace(home))), None)
    if newest is None:
        return (), None, None
    markets = tuple(part.market for part in newest.markets)
    if newest.is_computed or newest.superseded:
        return markets, None, None
    return markets, newest.as_of, newest.snapshot_id


def decisions(
    home: Path,
    run_id: str,
    market: str,
    *,
    reason: str | None = None,
    chosen: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Decision]:
    """Decisions of a market in order of sku, those after the sku `after`; `reason` is any of a variant's reasons."""
    workspace = Workspace(home)
    run = manifest.load(workspace, run_id)
    currency = run.market(market).currency
    selection = workspace.rows(run_id, market, "selection.parquet")
    if not selection:
        return []
    wanted: list[Any] = [after or "", reason, reason, chosen, chosen, min(max(limit, 1), DECISIONS_LIMIT)]
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        connection.execute(
            f"CREATE TEMP TABLE page AS SELECT sku, product_id, offer_id, chosen, reasons, quality FROM {selection.sql}"
            " WHERE sku > ? AND (? IS NULL OR list_contains(reasons, ?)) AND (? IS NULL OR chosen = ?) ORDER BY sku LIMIT ?",
            wanted,
        )
        rows = connection.execute(_page_sql(workspace, run, market, _skus(connection))).fetchall()
    return [_decision(row, currency) for row in rows]


def words(code: str) -> DecisionReason:
    """A reason's code in words; the code itself when this version does not know it any more."""
    if code not in known_reasons():
        return DecisionReason(code, code.replace("_", " "), "")
    found = explain_reason(code)
    return DecisionReason(found.code, found.text, found.action)


def _skus(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row[0]) for row in connection.execute("SELECT sku FROM page").fetchall()]


def _page_sql(workspace: Workspace, run: Manifest, market: str, skus: Sequence[str]) -> str:
    # Literals let the reader skip the row groups that hold none of these skus; a join would read every file.
    listed = ", ".join("'" + sku.replace("'", "''") + "'" for sku in skus) or "''"
    products = duck.parquet(workspace.products(run.snapshot_id))
    offers = workspace.rows(run.run_id, market, "offers.parquet").sql
    return (
        "SELECT p.sku, p.product_id, p.offer_id, coalesce(o.title, f.titles[f.language], map_values(f.titles)[1]), f.category,"
        " coalesce(o.images[1], f.images[1]), p.chosen, p.reasons, p.quality, o.price_minor, o.verdict FROM page AS p"
        f" LEFT JOIN (SELECT sku, titles, language, category, images FROM {products} WHERE sku IN ({listed})) AS f USING (sku)"
        f" LEFT JOIN (SELECT sku, title, images, price_minor, verdict FROM {offers} WHERE sku IN ({listed})) AS o USING (sku)"
        " ORDER BY p.sku"
    )


def _decision(row: Sequence[Any], currency: str) -> Decision:
    sku, product_id, offer_id, title, category, image, chosen, reasons, quality, price, verdict = row
    told = tuple(words(code) for code in reasons or ())
    return Decision(
        sku=sku,
        product_id=product_id,
        offer_id=offer_id,
        title=title,
        category=category,
        image=image,
        chosen=chosen,
        reasons=told,
        quality=quality,
        price_minor=price,
        currency=currency,
        verdict=verdict,
    )


def _summary(run: Manifest) -> RunSummary:
    return RunSummary(
        run_id=run.run_id,
        snapshot_id=run.snapshot_id,
        as_of=run.as_of,
        created_at=run.created_at,
        created_by=run.created_by,
        computed_at=run.computed_at,
        seconds=run.seconds,
        placement=run.placement,
        shard_count=run.shard_count,
        state=_state(run),
        markets=tuple(_market(part) for part in run.markets),
    )


def _state(run: Manifest) -> str:
    if run.superseded:
        return "superseded"
    return "computed" if run.is_computed else "unfinished"


def _market(part: MarketRun) -> MarketSummary:
    reasons = sorted(part.left_out.items(), key=lambda entry: (-entry[1], entry[0]))
    return MarketSummary(
        market=part.market,
        state=part.state or "computing",
        currency=part.currency,
        considered=part.considered,
        chosen=part.chosen,
        left_out=tuple(ReasonCount(code, words(code).text, words(code).action, count) for code, count in reasons),
        offers=part.chosen,
        warnings=sum(part.verdicts.get(verdict, 0) for verdict in _WARNINGS),
        errors=part.verdicts.get("disapproved", 0),
        computed=part.computed,
        new=part.new,
        changed=part.changed,
        gone=part.gone,
        unchanged=part.unchanged,
        compared_with=part.gate.compared_with if part.gate else None,
        findings=part.gate.findings if part.gate else (),
        notes=part.notes,
        decided_by=part.decided_by,
        decided_at=part.decided_at,
        published_at=part.published_at,
    )
