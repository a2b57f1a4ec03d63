"""Puts the window together: pages, desk, files, health, and what happens when something goes wrong."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tradewind.accounts import Accounts
from tradewind.db import open_async_database
from tradewind.kit import Clock, TradewindError, system_clock
from tradewind.markets import Market, load_confirmations, load_markets, load_seller
from tradewind.search import Search
from tradewind.settings import Settings
from tradewind.web import files, health, paying, render, storefront, ucp
from tradewind.web.api import api_app, problem_of
from tradewind.web.desk import channels, days, entry
from tradewind.web.desk import orders as desk_orders
from tradewind.web.desk import payments as desk_payments
from tradewind.web.desk import routes as desk
from tradewind.web.desk.days import OpenRates
from tradewind.web.desk.routes import OpenRuns
from tradewind.web.house import House, MarketWindow
from tradewind.web.middleware import Guard
from tradewind.web.shopping import OpenTill, account, cart, checkout, handover, orders
from tradewind.web.speech import speech
from tradewind.web.ucp import OpenUcp

ROUTERS = (
    *(health.routes, files.routes, entry.routes, desk.routes, days.routes, channels.routes, paying.routes),
    *(desk_orders.routes, desk_payments.routes),
    *(account.routes, handover.routes, cart.routes, checkout.routes, orders.routes),
    storefront.routes,  # the shop's last: its addresses begin with any market
)
_log = structlog.get_logger("tradewind.web")


def create_app(
    settings: Settings,
    *,
    open_runs: OpenRuns | None = None,
    open_rates: OpenRates | None = None,
    search: Search | None = None,
    open_till: OpenTill | None = None,
    open_ucp: OpenUcp | None = None,
    clock: Clock = system_clock,
    markets: Mapping[str, MarketWindow] | None = None,
) -> FastAPI:
    """The store window as an ASGI application. `markets` names countries and languages; a market not named is taken for its country.

    `open_runs` opens the workspace's runs, so that the desk can carry out decisions; without it the desk only shows them.
    `open_rates` opens the exchange rates, so that the desk can tell a price by the rules of another day.
    `search` answers the search box; without it there is none.
    `open_till` opens what takes orders; without it the window only shows.
    `open_ucp` opens what speaks the Universal Commerce Protocol; without it there is no profile.
    """
    rules = load_markets(settings.own_rules)
    house = House(
        settings,
        clock,
        markets if markets is not None else _windows(rules),
        rules=rules,
        seller=load_seller(settings.rules_folder),
        confirmations=load_confirmations(settings.home / "confirmations"),
        search=search,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with open_async_database(settings) as database:
            house.database = database
            if open_till:
                house.till = open_till(database)
                house.accounts = Accounts(database, house.till.sealer, clock)
            if open_ucp:
                house.ucp = await open_ucp(database)
            yield
            await house.close()
            if house.till:
                house.till.close()

    app = FastAPI(title="Tradewind", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.house = house
    app.state.open_runs = open_runs
    app.state.open_rates = open_rates
    app.add_middleware(ucp.Door)
    app.add_middleware(Guard, failure=_known)
    app.add_exception_handler(TradewindError, _known)
    app.add_exception_handler(HTTPException, _http)
    _add_routes(app, house)
    return app


def _add_routes(app: FastAPI, house: House) -> None:
    files.mount(app, house.settings)
    app.mount("/api/v1", api_app(house))
    app.router.routes.extend((*storefront.often, *ucp.routes))  # what is asked for most is tried first
    for router in ROUTERS:
        # Not include_router: it matches every route twice, which was an eighth of a page.
        app.router.routes.extend(router.routes)


def _windows(rules: Mapping[str, Market]) -> dict[str, MarketWindow]:
    return {code: MarketWindow(code, market.country, market.languages, market.currency.code) for code, market in rules.items()}


async def _known(request: Request, error: Exception) -> Response:
    if not isinstance(error, TradewindError):
        return await _unknown(request, error)
    if _is_call(request):
        return problem_of(request, error)
    if error.http_status >= 500:
        _log.error("page failed", code=error.code, message=error.message)
    return _problem(
        request, error.http_status, error.message if error.http_status < 500 else "", error.hint if error.http_status < 500 else ""
    )


async def _http(request: Request, error: Exception) -> Response:
    return _problem(request, error.status_code if isinstance(error, HTTPException) else 500)


async def _unknown(request: Request, error: Exception) -> Response:
    _log.error("page failed", exc_info=error)
    if _is_call(request):
        return problem_of(request, TradewindError("something failed inside"))
    return _problem(request, 500)


def _is_call(request: Request) -> bool:
    """Whether a program asks, which wants no page."""
    return request.url.path.startswith("/api/v1/")


def _problem(request: Request, status: int, message: str = "", hint: str = "") -> Response:
    """The page for what does not exist or does not work, in the language of the market it was asked of."""
    house: House = request.app.state.house
    code = request.url.path.split("/")[1] if request.url.path.count("/") > 1 else ""
    market = house.market(code) if code in house.known or code in house.held() else None
    words = speech(market.language, market.country) if market else speech("en", "US")
    return render.page(
        "storefront/problem.html",
        words.language,
        status=status,
        house=house,
        speech=words,
        status_code=status,
        message=message,
        hint=hint,
        home=f"/{market.code}/" if market and status == 404 and code in house.held() else "/",
        request_id=request.scope.get("state", {}).get("request_id", ""),
    )
