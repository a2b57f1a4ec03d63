"""Everything about one variant in one market: source row, facts with provenance, decision, price build-up, attributes, verdict."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.catalog import load_snapshot, show_variant
from tradewind.db import duck
from tradewind.kit import Currency, Money
from tradewind.pipeline import books, manifest
from tradewind.pipeline.errors import RunNotFound
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.reading import DecisionReason, words
from tradewind.pricing import ExplainedLine, PriceInput, explain, price_notes

# The facts that a story tells with where they come from: (name, its columns, its provenance column).
FACTS = (
    ("category", ("category",), "category_from"),
    ("brand", ("brand",), "brand_from"),
    ("gtin", ("gtin",), "gtin_from"),
    ("cost", ("cost_minor", "cost_currency"), "cost_from"),
    ("weight", ("weight_g",), "weight_from"),
    ("dimensions", ("length_mm", "width_mm", "height_mm"), "dimensions_from"),
    ("hs_code", ("hs_code",), "hs_from"),
    ("origin", ("origin",), "origin_from"),
    ("image", ("image_width", "image_height"), "image_from"),
)
_UNITS = {"weight": " g", "dimensions": " mm"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a product, and where it comes from."""

    name: str
    value: str | None
    provenance: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a channel's rule says about the listing."""

    rule: str
    attribute: str
    severity: str
    value: str | None
    action: str


@dataclass(frozen=True, slots=True)
class Story:
    """The whole story. Price lines and amounts are minor units of `currency`; empty parts mean the variant has no offer."""

    run_id: str
    snapshot_id: str
    market: str
    currency: str
    sku: str
    product_id: str
    title: str | None
    source_row: int
    source: dict[str, Any]
    facts: tuple[Fact, ...]
    flags: tuple[str, ...]
    stock: dict[str, int]
    chosen: bool
    reasons: tuple[DecisionReason, ...]
    quality: int
    offer: dict[str, Any] | None
    price: tuple[ExplainedLine, ...]
    attributes: dict[str, Any]
    verdict: str | None
    issues: tuple[Issue, ...]
    price_notes: tuple[str, ...] = ()


def newest_run(home: Path, market: str) -> str:
    """The newest computed run that covers the market; RunNotFound."""
    for run in manifest.every(Workspace(home)):
        if run.is_computed and any(part.market == market for part in run.markets):
            return run.run_id
    raise RunNotFound(f'no run has computed the market "{market}" yet', hint=f"tradewind run --markets {market}")


def story(home: Path, run_id: str, market: str, sku: str) -> Story:
    """The story of a variant in a run's market; an unknown sku is an error that names those near to it."""
    workspace = Workspace(home)
    run = manifest.load(workspace, run_id)
    currency = run.market(market).currency
    facts = show_variant(load_snapshot(home, run.snapshot_id), sku)
    choice = _row(workspace, run_id, market, "selection.parquet", ("sku", sku)) or {}
    offer = _row(workspace, run_id, market, "offers.parquet", ("sku", sku))
    listing = (_row(workspace, run_id, market, "listings.parquet", ("offer_id", offer["offer_id"])) if offer else None) or {}
    issues, verdict = listing.pop("issues", None) or [], listing.pop("verdict", None)
    titles = facts.get("titles") or {}
    price, notes = _price(workspace, run_id, market, offer, facts)
    return Story(
        run_id=run_id,
        snapshot_id=run.snapshot_id,
        market=market,
        currency=currency,
        sku=sku,
        product_id=str(facts["product_id"]),
        title=offer["title"] if offer else next(iter(_mapping(titles).values()), None),
        source_row=_whole(facts["source_row"]),
        source=_source(_mapping(facts.get("source"))),
        facts=tuple(_fact(facts, name, columns, origin) for name, columns, origin in FACTS),
        flags=tuple(_listed(facts.get("flags"))),
        stock={place: _whole(quantity) for place, quantity in _mapping(_pinned(workspace, run_id, sku)).items()},
        chosen=bool(choice.get("chosen")),
        reasons=tuple(words(code) for code in choice.get("reasons") or ()),
        quality=int(choice.get("quality") or 0),
        offer=offer,
        price=price,
        attributes={name: value for name, value in listing.items() if value not in (None, "", [])},
        verdict=verdict,
        issues=tuple(Issue(**issue) for issue in issues),
        price_notes=notes,
    )


def _price(
    workspace: Workspace, run_id: str, market: str, offer: dict[str, Any] | None, facts: dict[str, Any]
) -> tuple[tuple[ExplainedLine, ...], tuple[str, ...]]:
    """The lines of the price, and what a person must know beside them."""
    book = books.load(workspace, run_id, market)
    if offer is None or book is None:
        return (), ()
    lane = next((lane for lane in book.lanes if lane.lane_id == offer["lane_id"]), None)
    names = ("category", "cost_minor", "cost_currency", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin")
    known = {name: facts[name] for name in names}
    told = PriceInput(
        sku=offer["sku"], location_id=offer["location_id"], lane_id=offer["lane_id"], imported=bool(lane and lane.imported), **known
    )
    return tuple(explain(offer, book, told)), tuple(price_notes(offer, book, told))


def _row(workspace: Workspace, run_id: str, market: str, name: str, key: tuple[str, str]) -> dict[str, Any] | None:
    rows = workspace.rows(run_id, market, name)
    if not rows:
        return None
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        found = connection.execute(f"SELECT * FROM {rows.sql} WHERE {key[0]} = ?", [key[1]])
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _pinned(workspace: Workspace, run_id: str, sku: str) -> dict[str, int]:
    files = [str(path) for path in workspace.run(run_id).glob("stock-*.parquet")]
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        rows = connection.execute("SELECT location_id, quantity FROM read_parquet(?) WHERE sku = ? ORDER BY 1", [files, sku]).fetchall()
    return {str(place): int(quantity) for place, quantity in rows}


def _source(row: dict[str, Any]) -> dict[str, Any]:
    """The fields as they were read; a record is opened up."""
    record = row.get("_record")
    fields = _mapping(record) if isinstance(record, str) else {name: value for name, value in row.items() if name != "_row"}
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _fact(facts: dict[str, Any], name: str, columns: tuple[str, ...], origin: str) -> Fact:
    values = [facts.get(column) for column in columns]
    value = None if values[0] is None else _shown(name, values) + _UNITS.get(name, "")
    note = str(facts.get({"cost": "cost_note", "gtin": "gtin_problem"}.get(name, "")) or "")
    return Fact(name, value, str(facts.get(origin) or "missing"), note)


def _shown(name: str, values: list[Any]) -> str:
    if name == "cost":
        return _money(int(values[0]), str(values[1]))
    return " × ".join(str(value) for value in values if value is not None)


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, Currency(currency)))


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = json.loads(value)
    return dict(value) if isinstance(value, dict) else {}


def _listed(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _whole(value: Any) -> int:
    return int(value)
