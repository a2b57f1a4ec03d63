"""The desk's page on channels: what Google holds, waits for and refuses, stopped accounts, withdrawals, and how long changes take."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tradewind.db import Database
from tradewind.pipeline.outside import Outside, outside
from tradewind.web.desk.entry import visit_of
from tradewind.web.desk.routes import desk_page
from tradewind.web.house import House

routes = APIRouter(include_in_schema=False, prefix="/desk")


@routes.get("/channels")
async def channels(request: Request) -> Response:
    """Everything that the commands `google status`, `google issues`, `offer list-withdrawn` and `offer lag` tell, on one page."""
    visit_of(request)
    house: House = request.app.state.house
    database = await house.writer()
    return await desk_page("desk/channels.html", request, now=await run_in_threadpool(_read, house, database))


def _read(house: House, database: Database) -> Outside:
    with database.transaction() as tx:
        return outside(tx, house.clock())
