"""The slider over the days: the price of a product by the rules of another day, and what changed since the day before."""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tradewind.markets import Market, Rule, TariffLayer
from tradewind.pipeline import reading, retelling
from tradewind.pipeline.planning import rule_sources
from tradewind.pricing import PROBLEMS, RateHistory, load_prices
from tradewind.settings import Settings
from tradewind.web.desk.entry import visit_of
from tradewind.web.desk.routes import TEXT_LIMIT, desk_page
from tradewind.web.desk.view import market_of
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House

YEARS_SHOWN = 2
_YEAR_DAYS = 366
_DAY = timedelta(days=1)
routes = APIRouter(include_in_schema=False, prefix="/desk")

OpenRates = Callable[[Settings], RateHistory]
"""Opens the exchange rates of an installation; the composition root hands it in."""


@routes.get("/runs/{run_id}/{market}/days")
async def days(run_id: str, market: str, request: Request, sku: str = "") -> Response:
    """The price on one day beside what differs from its eve; asked by `step`, the slider's place, or `day`, a date written out."""
    visit_of(request)
    step, day = (request.query_params.get(name, "")[:TEXT_LIMIT] for name in ("step", "day"))
    house: House = request.app.state.house
    open_rates: OpenRates | None = request.app.state.open_rates
    settings = house.settings
    found = await run_in_threadpool(reading.summary, settings.home, run_id)
    part = market_of(found, market)
    rules = house.rules.get(market)
    if open_rates is None or rules is None:
        raise PageNotFound("no exchange rates are at hand here", hint=f"tradewind price explain {sku} --market {market} --as-of DATE")
    stops = turning_days(rules, house.clock().date())
    chosen = _chosen(stops, step, day, house.clock().date())

    def computed() -> tuple[retelling.Retold, retelling.Retold]:
        sources = rule_sources(settings.home, settings.own_rules, open_rates(settings), settings.public_url)
        facts = retelling.facts_of(settings.home, market, sku[:TEXT_LIMIT], found.snapshot_id)
        books, table = [retelling.book_of(rules, one, sources) for one in (chosen - _DAY, chosen)], load_prices(sources.folder)
        eve, told = (retelling.retell(facts, book, _lane(request), table) for book in books)
        return eve, told

    eve, told = await run_in_threadpool(computed)
    changes = {one.label: one for one in retelling.differences(eve.lines, told.lines)}
    return await desk_page(
        "desk/days.html",
        request,
        run=found,
        part=part,
        told=told,
        eve=eve,
        changes=changes,
        stops=stops,
        chosen=chosen,
        place=max((at for at, one in enumerate(stops) if one <= chosen), default=0),
        problem=PROBLEMS.get(told.problem or "", told.problem),
        lane=_lane(request),
    )


def turning_days(market: Market, today: date) -> list[date]:
    """The days on which a rule or tariff layer of the market begins, each with its eve, and today, within two years around it."""
    dated: list[Rule | TariffLayer] = [*market.rules, *market.tariff]
    begins = {one.valid_from for one in dated} | {
        one.valid_to + _DAY for one in dated if one.valid_to is not None and one.valid_to < date.max
    }
    first, last = today - YEARS_SHOWN * _YEAR_DAYS * _DAY, today + YEARS_SHOWN * _YEAR_DAYS * _DAY
    near = {one for one in begins if first <= one <= last}
    return sorted(near | {one - _DAY for one in near} | {today})


def _lane(request: Request) -> str | None:
    return request.query_params.get("lane", "")[:TEXT_LIMIT] or None


def _chosen(stops: list[date], step: str, day: str, today: date) -> date:
    if step.isascii() and step.isdigit() and int(step) < len(stops):
        return stops[int(step)]
    try:
        return max(date.fromisoformat(day), retelling.EARLIEST + _DAY) if day else today
    except ValueError:
        raise PageNotFound(f'"{day[:20]}" is not a day', hint="write it like 2026-07-01") from None
