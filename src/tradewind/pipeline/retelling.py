"""Time travel: what a product of a snapshot would cost by the rules of any day. Computes it anew and keeps nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tradewind.catalog import load_snapshot, show_variant
from tradewind.db import duck
from tradewind.kit import InputIsInvalid
from tradewind.markets import Market, load_market
from tradewind.network import load_network
from tradewind.pipeline.errors import RunNotFound
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.planning import RuleSources
from tradewind.pipeline.story import newest_run
from tradewind.pricing import (
    ExplainedLine,
    Landed,
    LaneTerms,
    PriceBook,
    PriceInput,
    PriceTable,
    explain,
    landed,
    landed_by_location,
    load_margins,
    make_price,
    price_book,
    price_notes,
)

_FACTS = ("category", "cost_minor", "cost_currency", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin")
EARLIEST = date(2015, 1, 1)
"""Before it hardly any rule of a market is held."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another lane that reaches the market: the product's own price over it, and what the business bears (negative: keeps more) when
    it serves over it at the price that is told; in minor units. `problem` replaces a price.
    """

    lane_id: str
    imported: bool
    price_minor: int | None
    difference: int | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Retold:
    """The price of one product by the rules of a day: amounts in minor units of `currency`; `problem` when it had none."""

    sku: str
    title: str | None
    market: str
    as_of: date
    snapshot_id: str
    lane_id: str
    currency: str
    price_minor: int | None
    customs_value_amount: int | None
    certainty: str
    problem: str | None
    lines: tuple[ExplainedLine, ...]
    notes: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a price on two days, when its amount, its formula or its rules differ."""

    label: str
    before: ExplainedLine | None
    after: ExplainedLine | None

    @property
    def change(self) -> int:
        """What it adds, in minor units."""
        return (self.after.amount if self.after else 0) - (self.before.amount if self.before else 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """A product as the newest snapshot knows it, and the lane that serves it in the market when a run has said so."""

    snapshot_id: str
    values: dict[str, Any]
    lane_id: str | None
    listed_minor: int | None = None  # the price that this run gave it


def book_of(market: Market, as_of: date, sources: RuleSources) -> PriceBook:
    """The rules of a market on a day, from the sources of a workspace."""
    if as_of < EARLIEST:
        raise InputIsInvalid(f"no rules are held for {as_of}", hint=f"give a day from {EARLIEST} on")
    network, margins = load_network(sources.folder), load_margins(sources.folder)
    return price_book(market, as_of, network, sources.rates, margins, sources.confirmations, sources.seller)


def facts_of(home: Path, market: str, sku: str, snapshot_id: str | None = None) -> Facts:
    """The product's facts in a snapshot (the newest by default); an unknown sku is an error that names those near to it."""
    snapshot = load_snapshot(home, snapshot_id)
    values = show_variant(snapshot, sku)
    return Facts(snapshot.snapshot_id, values, *_offered(home, market, sku))


def priced(facts: Facts, book: PriceBook) -> tuple[PriceInput, Landed]:
    """A product as a price sees it, and its computed price, over the lane that serves it, else the first that reaches the market."""
    item = _item(facts, _lane(book, None, facts.lane_id))
    return item, landed(item, book)


def retell(facts: Facts, book: PriceBook, lane_id: str | None = None, table: PriceTable | None = None) -> Retold:
    """The price of a product by a book; over the lane named, else the one that serves it, else the first that reaches the market.

    With a `table` of set prices the one that holds on the day stands in place of the computed one, as in a run.
    """
    lane = _lane(book, lane_id, facts.lane_id)
    others = [one for one in book.lanes if one.lane_id != lane.lane_id]
    item, *rest = (_item(facts, one) for one in (lane, *others))
    made = make_price(landed(item, book), item, book, table or PriceTable(()), book.as_of)
    row, sku = made.landed, item.sku
    _, *elsewhere = landed_by_location([item, *rest], book, row)
    refused = [f"A set price is not used: {one.message}" for one in made.findings]
    lines = tuple(explain(_as_row(row), book, item)) if row.problem is None else ()
    return Retold(
        sku=sku,
        title=next(iter((facts.values.get("titles") or {}).values()), None) if isinstance(facts.values.get("titles"), dict) else None,
        market=book.market,
        as_of=book.as_of,
        snapshot_id=facts.snapshot_id,
        lane_id=lane.lane_id,
        currency=book.currency,
        price_minor=row.price_minor,
        customs_value_amount=row.customs_value_amount,
        certainty=row.certainty,
        problem=row.problem,
        lines=lines,
        notes=(*refused, *price_notes(_as_row(row), book, item)) if row.problem is None else (),
        elsewhere=tuple(
            Elsewhere(one.lane_id, way.imported, one.landed.price_minor, one.difference, one.landed.problem)
            for one, way in zip(elsewhere, others, strict=True)
        ),
    )


def differences(before: Sequence[ExplainedLine], after: Sequence[ExplainedLine]) -> tuple[Difference, ...]:
    """The lines that differ between two prices, in the order of the later one."""
    earlier, later = ({line.label: line for line in lines} for lines in (before, after))
    found = [Difference(label, earlier.get(label), later.get(label)) for label in dict.fromkeys((*later, *earlier))]
    return tuple(one for one in found if one.before != one.after)


def load_market_of(code: str, sources: RuleSources) -> Market:
    """The market of this code, however it is written."""
    return load_market(code.strip().lower(), sources.folder)


def _offered(home: Path, market: str, sku: str) -> tuple[str | None, int | None]:
    """The lane that the newest run of the market chose for the product, and its price; None when no run offers it."""
    workspace = Workspace(home)
    try:
        offers = workspace.rows(newest_run(home, market), market, "offers.parquet")
    except RunNotFound:
        return None, None
    if not offers:
        return None, None
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        found = connection.execute(f"SELECT lane_id, price_minor FROM {offers.sql} WHERE sku = ?", [sku]).fetchone()
    return (str(found[0]), int(found[1])) if found else (None, None)


def _item(facts: Facts, lane: LaneTerms) -> PriceInput:
    known = {name: facts.values[name] for name in _FACTS}
    sku, location = str(facts.values["sku"]), lane.lane_id.partition(".")[0]
    return PriceInput(sku=sku, location_id=location, lane_id=lane.lane_id, imported=lane.imported, **known)


def _as_row(row: Landed) -> dict[str, Any]:
    return asdict(row)


def _lane(book: PriceBook, wanted: str | None, served: str | None) -> LaneTerms:
    by_id = {lane.lane_id: lane for lane in book.lanes}
    if wanted is not None and wanted not in by_id:
        raise InputIsInvalid(f'no lane "{wanted}" reaches {book.market} on {book.as_of}', hint=f"lanes: {', '.join(by_id) or 'none'}")
    found = by_id.get(wanted or served or "") or next(iter(book.lanes), None)
    if found is None:
        raise InputIsInvalid(f"no lane reaches {book.market} on {book.as_of}", hint="give the network a lane to it (network.toml)")
    return found
