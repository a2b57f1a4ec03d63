"""The desk's pages: runs, the wall of chosen and left out, the story of a product, and the decisions that wait for a person."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.offers import store
from tradewind.pipeline import reading, story
from tradewind.settings import Settings
from tradewind.web import render
from tradewind.web.desk.entry import checked_form, keys_of, visit_of
from tradewind.web.desk.keys import Role
from tradewind.web.desk.view import ACTIONS, DeskPage, consequence, market_of
from tradewind.web.errors import DeskRefused, PageNotFound
from tradewind.web.house import House

RUNS_SHOWN = 30
SIDE_SIZE = 8
PAGE_SIZE = 48
MARKETS_COMPARED = 6
TEXT_LIMIT = 300
routes = APIRouter(include_in_schema=False, prefix="/desk")


class Runs(Protocol):
    """What the desk may do with runs (pipeline.Runs does it)."""

    def approve(self, run_id: str, markets: list[str], by: str) -> Any: ...

    def reject(self, run_id: str, markets: list[str], by: str) -> Any: ...

    def roll_back(self, market: str, by: str) -> Any: ...


class OpenRuns(Protocol):
    """Opens the runs of a workspace; the composition root hands it in."""

    def __call__(self, settings: Settings) -> AbstractContextManager[Runs]: ...


@routes.get("")
async def desk(request: Request) -> Response:
    """What waits for a decision, what is shown now, and the newest runs."""
    visit_of(request)
    house: House = request.app.state.house
    found = await run_in_threadpool(reading.runs, house.settings.home, RUNS_SHOWN)
    waiting = [(run, part) for run in found for part in run.markets if part.state == "waiting"]
    return await desk_page("desk/runs.html", request, runs=found, waiting=waiting)


@routes.get("/runs/{run_id}")
async def run(run_id: str, request: Request) -> Response:
    """One run, market by market."""
    visit_of(request)
    house: House = request.app.state.house
    found = await run_in_threadpool(reading.summary, house.settings.home, run_id)
    return await desk_page("desk/run.html", request, run=found)


@routes.get("/runs/{run_id}/{market}")
async def wall(run_id: str, market: str, request: Request) -> Response:
    """The wall: counts by reason, chosen and left out side by side, and the gate's report."""
    visit_of(request)
    house: House = request.app.state.house
    home = house.settings.home
    found = await run_in_threadpool(reading.summary, home, run_id)
    part = market_of(found, market)
    chosen = await run_in_threadpool(lambda: reading.decisions(home, run_id, market, chosen=True, limit=SIDE_SIZE))
    left_out = await run_in_threadpool(lambda: reading.decisions(home, run_id, market, chosen=False, limit=SIDE_SIZE))
    return await desk_page("desk/wall.html", request, run=found, part=part, chosen=chosen, left_out=left_out)


@routes.get("/runs/{run_id}/{market}/products")
async def products(run_id: str, market: str, request: Request) -> Response:
    """The products of a side, or of a reason, page by page."""
    visit_of(request)
    house: House = request.app.state.house
    asked = request.query_params
    reason, after = (asked.get(name, "")[:TEXT_LIMIT] or None for name in ("reason", "after"))
    side = {"chosen": True, "left_out": False}.get(asked.get("side", ""))
    found = await run_in_threadpool(reading.summary, house.settings.home, run_id)
    part = market_of(found, market)
    listed = await run_in_threadpool(
        lambda: reading.decisions(house.settings.home, run_id, market, reason=reason, chosen=side, after=after, limit=PAGE_SIZE + 1)
    )
    more, listed = len(listed) > PAGE_SIZE, listed[:PAGE_SIZE]
    words = reading.words(reason) if reason else None
    following = listed[-1].sku if more else None
    return await desk_page(
        "desk/products.html",
        request,
        run=found,
        part=part,
        listed=listed,
        reason=words,
        side=asked.get("side", ""),
        following=following,
        first=after is None,
    )


@routes.get("/runs/{run_id}/{market}/story")
async def product_story(run_id: str, market: str, request: Request, sku: str = "") -> Response:
    """Source row, facts with where they come from, decision, price, attributes, verdict; and the price in the run's other markets."""
    visit_of(request)
    house: House = request.app.state.house
    home = house.settings.home
    found = await run_in_threadpool(reading.summary, home, run_id)
    part = market_of(found, market)
    others = [one.market for one in found.markets if one.market != market][: MARKETS_COMPARED - 1]
    told = await run_in_threadpool(lambda: {code: story.story(home, run_id, code, sku[:TEXT_LIMIT]) for code in (market, *others)})
    return await desk_page("desk/story.html", request, run=found, part=part, story=told[market], told=told)


@routes.get("/runs/{run_id}/{market}/decide/{action}")
async def confirm(run_id: str, market: str, action: str, request: Request) -> Response:
    """States the consequence in numbers and asks once more."""
    visit = visit_of(request)
    if action not in ACTIONS:
        raise PageNotFound(f'there is no decision "{action}"', hint="approve, reject or rollback")
    house: House = request.app.state.house
    home = house.settings.home
    found = await run_in_threadpool(reading.summary, home, run_id)
    part = market_of(found, market)
    async with house.database.transaction() as tx:
        shown = next((one for one in await store.publications(tx) if one.market == market), None)
    lines = consequence(action, part, shown)
    allowed = visit.role is Role.OPERATOR
    return await desk_page(
        "desk/confirm.html", request, run=found, part=part, action=ACTIONS[action], lines=lines, allowed=allowed, shown=shown
    )


@routes.post("/runs/{run_id}/{market}/decide/{action}")
async def decide(run_id: str, market: str, action: str, request: Request) -> Response:
    """Carries the decision out in the name of the visitor, if the market still shows what the visitor saw."""
    visit, form = await checked_form(request, Role.OPERATOR)
    house: House = request.app.state.house
    open_runs: OpenRuns | None = request.app.state.open_runs
    if action not in ACTIONS or open_runs is None:
        raise PageNotFound(f'there is no decision "{action}" here', hint="decide on the command line: tradewind run --help")
    async with house.database.transaction() as tx:
        shown = next((one.run_id for one in await store.publications(tx) if one.market == market), "")
    if form.get("shown", "") != shown:
        raise DeskRefused(f"{market} shows another run than when you looked", hint="open the market again and decide anew")

    def carry_out() -> None:
        with open_runs(house.settings) as runs:
            if action == "approve":
                runs.approve(run_id, [market], visit.name)
            elif action == "reject":
                runs.reject(run_id, [market], visit.name)
            else:
                runs.roll_back(market, visit.name)

    await run_in_threadpool(carry_out)
    return RedirectResponse(f"/desk/runs/{run_id}/{market}?done={action}", status_code=303)


async def desk_page(template: str, request: Request, **values: Any) -> Response:
    """A page of the desk for the visitor of this request."""
    house: House = request.app.state.house
    visit = visit_of(request)
    async with house.database.transaction() as tx:
        published = {one.market: one for one in await store.publications(tx)}
    page = DeskPage(house, visit, keys_of(request).form_token(visit))
    done = ACTIONS.get(request.query_params.get("done", ""))
    return render.page(template, "en", house=house, speech=page.speech, page=page, visit=visit, published=published, done=done, **values)
