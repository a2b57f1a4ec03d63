"""POST /api/v1/stock: changes of stock levels, thin over the pipeline's live service."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from tradewind import stock
from tradewind.db import Database, idempotency
from tradewind.pipeline import live
from tradewind.pipeline.live import LiveTerms
from tradewind.web.api.errors import IdempotencyKeyMissing
from tradewind.web.api.keys import STOCK_WRITE, Pace, caller_of
from tradewind.web.house import House

CHANGES_LIMIT = 500
DELTA_ID_LIMIT = 120

routes = APIRouter()


class StockChange(BaseModel):
    """A change of one level: by `change` units, or to `on_hand` (only where `expected` is there now, when it is given), or what is expected."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=200)]
    location_id: Annotated[str, Field(min_length=1, max_length=200)]
    delta_id: Annotated[str, Field(min_length=1, max_length=DELTA_ID_LIMIT, description="Made by the caller; the same id counts once.")]
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


@routes.post("/stock", response_model=StockAnswer, summary="Change stock levels")
async def change_stock(
    request: Request,
    body: StockChanges,
    authorization: Annotated[str, Header(max_length=300)] = "",
    idempotency_key: Annotated[str, Header(max_length=idempotency.KEY_LENGTH)] = "",
) -> JSONResponse:
    """Books the changes; pages, JSON-LD and the channels' queues have them when the answer comes. Needs the scope `stock:write`."""
    house: House = request.app.state.house
    if not idempotency_key.strip():
        raise IdempotencyKeyMissing("the call has no Idempotency-Key", hint="make one for each call, and send it again with each repeat")
    call = _Call(await house.writer(), house.live_terms, request.app.state.pace)
    answer = await run_in_threadpool(call.answer, authorization, idempotency_key, body, house.clock())
    return JSONResponse(answer.response, status_code=answer.http_status, headers={"Cache-Control": "no-store"})


class _Call:
    def __init__(self, database: Database, terms: LiveTerms, pace: Pace) -> None:
        self._database, self._terms, self._pace = database, terms, pace

    def answer(self, authorization: str, key: str, body: StockChanges, at: datetime) -> idempotency.StoredResponse:
        """The answer, stored in the transaction of the changes."""
        content = body.model_dump(mode="json")
        with self._database.transaction() as tx:
            caller = caller_of(tx, authorization, STOCK_WRITE)
            self._pace.step(caller.name)
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
