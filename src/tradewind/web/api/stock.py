"""Stock: what lies where, what moved, and changes of levels, thin over the pipeline's live service."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from tradewind import stock
from tradewind.db import Database, idempotency
from tradewind.network import load_network
from tradewind.pipeline import live
from tradewind.pipeline.live import LiveTerms
from tradewind.web.api import paging
from tradewind.web.api.door import IdempotencyKey, needs, told
from tradewind.web.api.keys import STOCK_READ, STOCK_WRITE, Caller
from tradewind.web.house import House

CHANGES_LIMIT = 500
DELTA_ID_LIMIT = 120
MOVEMENTS_SHOWN = 100
_HOUR = timedelta(hours=1)
PLAIN = r"^[^\x00-\x1f\x7f]+$"
# The database keeps no such character, not even in the answer that refuses its row; other control characters are refused row by row.
NO_NUL = r"^[^\x00]+$"

routes = APIRouter(tags=["stock"])
Name = Annotated[str, Query(min_length=1, max_length=200, pattern=PLAIN)]


class StockChange(BaseModel):
    """A change of one level: by `change` units, or to `on_hand` (only where `expected` is there now, when it is given), or what is expected."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"delta_id": "till-7-182", "sku": "HX-1", "location_id": "SZX-1", "on_hand": 0, "expected": 1}]},
    )

    sku: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
    location_id: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
    delta_id: Annotated[
        str,
        Field(
            min_length=1, max_length=DELTA_ID_LIMIT, pattern=NO_NUL, description="Made by the caller; the same id counts once for a week."
        ),
    ]
    change: Annotated[int | None, Field(ge=-1_000_000_000, le=1_000_000_000)] = None
    on_hand: Annotated[int | None, Field(ge=0, le=1_000_000_000)] = None
    expected: Annotated[int | None, Field(ge=0, le=1_000_000_000)] = None
    expected_on: Annotated[
        str | None, Field(pattern=r"^(\d{4}-\d{2}-\d{2}|none)$", description='When more is to come; "none" takes it back. May stand alone.')
    ] = None
    moved_at: Annotated[AwareDatetime | None, Field(description="When it happened; now when it is left out.")] = None


class StockChanges(BaseModel):
    """At most 500 changes, booked in their order, together."""

    model_config = ConfigDict(extra="forbid")

    changes: Annotated[list[StockChange], Field(min_length=1, max_length=CHANGES_LIMIT)]


class Refused(BaseModel):
    """A change that was not booked, by its place in the list."""

    index: int
    field: str
    value: str
    reason: str


class StockAnswer(BaseModel):
    """What became of the changes."""

    applied: int
    repeated: int
    refused: list[Refused]


class Level(BaseModel):
    """The units of a SKU at a location: available = on_hand − reserved − allocated − unavailable."""

    sku: str
    location_id: str
    on_hand: int
    reserved: Annotated[int, Field(description="Held for checkouts on their way.")]
    allocated: Annotated[int, Field(description="Owed to orders.")]
    unavailable: int
    available: int
    updated_at: AwareDatetime
    counted_at: AwareDatetime


class Levels(BaseModel):
    """A page of levels, by SKU and location."""

    items: list[Level]
    next: str | None


class Movement(BaseModel):
    """A row of the ledger: by how much each counter moved, and why."""

    sku: str
    location_id: str
    on_hand: int
    reserved: int
    allocated: int
    unavailable: int
    reason: str
    reference: str
    moved_at: AwareDatetime


class Sku(BaseModel):
    """A SKU's levels, and its newest movements."""

    sku: str
    levels: list[Level]
    movements: list[Movement]


class Location(BaseModel):
    """Where stock lies. `stock_authority` says whose figure holds: ours, or the retailer's own system's."""

    location_id: str
    name: str
    country: str
    timezone: str
    stock_authority: str
    buffer: Annotated[int, Field(description="Units of each SKU that are never sold from here.")]
    max_age_hours: Annotated[int | None, Field(description="A figure older than this counts as out of stock.")]


class Locations(BaseModel):
    """Every location."""

    items: list[Location]


@routes.post("/stock", response_model=StockAnswer, summary="Change stock levels", **told(STOCK_WRITE, 409))
async def change_stock(
    request: Request, body: StockChanges, idempotency_key: IdempotencyKey, caller: Annotated[Caller, Depends(needs(STOCK_WRITE))]
) -> JSONResponse:
    """Books the changes; pages, JSON-LD and the channels' queues have them when the answer comes."""
    house: House = request.app.state.house
    call = _Call(await house.writer(), house.live_terms)
    answer = await run_in_threadpool(call.answer, caller, idempotency_key, body, house.clock())
    return JSONResponse(answer.response, status_code=answer.http_status)


@routes.get("/stock/levels", response_model=Levels, summary="List stock levels", **told(STOCK_READ))
async def list_levels(
    request: Request,
    caller: Annotated[Caller, Depends(needs(STOCK_READ))],
    location_id: Name | None = None,
    limit: paging.Limit = paging.PAGE,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """Every level, by SKU and location, page by page."""
    del caller
    house: House = request.app.state.house
    after = paging.behind(cursor, (str, str), "levels", location_id)
    async with house.database.statements() as tx:
        found = await stock.levels_page(tx, location_id=location_id, after=(after[0], after[1]) if after else None, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    follows = paging.cursor((last.sku, last.location_id), "levels", location_id) if last else None
    return {"items": [asdict(one) for one in found[:limit]], "next": follows}


@routes.get("/stock/skus/{sku}", response_model=Sku, summary="A SKU's levels and movements", **told(STOCK_READ, 404))
async def show_sku(
    request: Request,
    sku: Annotated[str, Path(min_length=1, max_length=200, pattern=PLAIN)],
    caller: Annotated[Caller, Depends(needs(STOCK_READ))],
) -> dict[str, Any]:
    """Its levels at every location that counted it, and its newest movements, newest first."""
    del caller
    house: House = request.app.state.house
    async with house.database.statements() as tx:
        levels, moved = await stock.story(tx, sku, MOVEMENTS_SHOWN)
    return {"sku": sku, "levels": [asdict(one) for one in levels], "movements": [asdict(one) for one in moved]}


@routes.get("/stock/locations", response_model=Locations, summary="List locations", **told(STOCK_READ))
async def list_locations(request: Request, caller: Annotated[Caller, Depends(needs(STOCK_READ))]) -> dict[str, Any]:
    """Every location of the network, as network.toml describes it."""
    del caller
    house: House = request.app.state.house
    network = await run_in_threadpool(load_network, house.settings.own_rules)
    names = ("location_id", "name", "country", "timezone", "stock_authority", "buffer")
    return {
        "items": [
            {name: getattr(one, name) for name in names} | {"max_age_hours": one.max_age // _HOUR if one.max_age else None}
            for one in network.locations
        ]
    }


class _Call:
    def __init__(self, database: Database, terms: LiveTerms) -> None:
        self._database, self._terms = database, terms

    def answer(self, caller: Caller, key: str, body: StockChanges, at: datetime) -> idempotency.StoredResponse:
        """The answer, stored in the transaction of the changes."""
        content = body.model_dump(mode="json")
        with self._database.transaction() as tx:
            scope = f"stock/{caller.name}"
            found = idempotency.find(tx, scope, key, content)
            if found is not None:
                return found
            checked = [_delta(index, change, caller.name, at) for index, change in enumerate(body.changes)]
            done = live.change_stock(tx, [one for one in checked if isinstance(one, stock.StockDelta)], self._terms, at)
            bad = sorted([*done.bad, *(one for one in checked if isinstance(one, stock.BadRow))], key=lambda one: one.row)
            refused = [{"index": one.row, **{name: text for name, text in asdict(one).items() if name != "row"}} for one in bad]
            made = idempotency.StoredResponse(200, {"applied": done.applied, "repeated": done.repeated, "refused": refused})
            idempotency.store(tx, scope, key, content, made)
            return made


def _delta(index: int, change: StockChange, caller: str, at: datetime) -> stock.StockDelta | stock.BadRow:
    """The same rules as for a row of a file; ids of two callers never meet."""
    given = {name: str(value) for name, value in change.model_dump(exclude_none=True).items()}
    found = stock.checked_delta(index, given, change.delta_id, at)
    return found if isinstance(found, stock.BadRow) else stock.named(found, f"{caller}/{found.delta_id}")
