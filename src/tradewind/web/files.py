"""Files that are served as they are: style, pictures, feeds, and the maps for crawlers."""

import re
from email.utils import formatdate
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from tradewind.offers import store
from tradewind.settings import Settings
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House

FEED_TYPES = {"tsv": "text/tab-separated-values; charset=utf-8", "xml": "application/xml; charset=utf-8", "gz": "application/gzip"}
_FEED = re.compile(r"^(products|supplemental)(-[0-9]{3})?\.(tsv|xml)(\.gz)?$", re.ASCII)
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", re.ASCII)
_MARKET = re.compile(r"^[a-z][a-z0-9-]{1,15}$", re.ASCII)
_XML = "application/xml; charset=utf-8"
_YEAR = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"
routes = APIRouter(include_in_schema=False)


class KeptFiles(StaticFiles):
    """Static files that browsers may keep."""

    def __init__(self, *, cache_control: str, **given: Any) -> None:
        super().__init__(**given)
        self.cache_control = cache_control

    def file_response(self, *given: Any, **named: Any) -> Response:
        answer = super().file_response(*given, **named)
        answer.headers["Cache-Control"] = self.cache_control
        return answer


def mount(app: FastAPI, settings: Settings) -> None:
    """Adds the folders: our own style (its address carries its hash) and the workspace's pictures. Links out of them are not followed."""
    own = Path(str(resources.files("tradewind.web").joinpath("static")))
    app.mount("/static", KeptFiles(directory=own, cache_control=_YEAR), name="static")
    app.mount("/media", KeptFiles(directory=settings.home / "media", check_dir=False, cache_control=_HOUR), name="media")


@routes.get("/feeds/{market}/{name}")
async def feed(market: str, name: str, request: Request) -> Response:
    """The published feed of a market, with validators, so that an unchanged file costs nothing."""
    house: House = request.app.state.house
    path = house.settings.home / "feeds" / market / name
    if not _FEED.match(name) or not _MARKET.match(market) or not path.is_file():
        raise PageNotFound(f"there is no feed {market}/{name}", hint="a published market has products.tsv and products.xml")
    return _served(path, request)


@routes.get("/feeds/{market}/{language}/{name}")
async def language_feed(market: str, language: str, name: str, request: Request) -> Response:
    """The same of one language, made by `tradewind listings publish-feeds`."""
    house: House = request.app.state.house
    path = house.settings.home / "feeds" / market / language / name
    if not _FEED.match(name) or not _MARKET.match(market) or not _LANGUAGE.match(language) or not path.is_file():
        raise PageNotFound(f"there is no feed {market}/{language}/{name}", hint="make them with: tradewind listings publish-feeds")
    return _served(path, request)


def _served(path: Path, request: Request) -> Response:
    """The file with validators; a Range is answered in part."""
    path = path.resolve()  # the link may move to the next run while this answer is sent
    stat = path.stat()
    headers = {
        "ETag": f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
        "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
        "Cache-Control": "no-cache",
    }
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    unchanged = headers["ETag"] in given or (given == [""] and request.headers.get("if-modified-since") == headers["Last-Modified"])
    if unchanged:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type=FEED_TYPES[path.suffix.removeprefix(".")])


@routes.get("/robots.txt")
async def robots(request: Request) -> Response:
    """Everything may be read but the desk."""
    house: House = request.app.state.house
    lines = ["User-agent: *", "Disallow: /desk", "", f"Sitemap: {house.settings.public_url}/sitemap.xml", ""]
    return Response("\n".join(lines), media_type="text/plain; charset=utf-8", headers={"Cache-Control": _HOUR})


@routes.get("/sitemap.xml")
async def sitemap_index(request: Request) -> Response:
    """The sitemap files of every published market."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        published = await store.publications(tx)
        starts = [(one, start) for one in published for start in await store.sitemap_starts(tx, one.market)]
    rows = [
        f"<sitemap><loc>{house.settings.public_url}/sitemaps/{one.market}/{escape(start)}.xml</loc>"
        f"<lastmod>{one.published_at.date().isoformat()}</lastmod></sitemap>"
        for one, start in starts
    ]
    return _xml("sitemapindex", rows)


@routes.get("/sitemaps/{market}/{start}.xml")
async def sitemap(market: str, start: str, request: Request) -> Response:
    """The pages of one sitemap file: its offers from `start` on."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        ids = await store.sitemap_page(tx, market, start.replace("\0", ""))
    if not ids or ids[0] != start:
        raise PageNotFound("there is no such sitemap", hint="see /sitemap.xml")
    return _xml("urlset", [f"<url><loc>{house.settings.public_url}/{market}/p/{escape(one)}</loc></url>" for one in ids])


def _xml(root: str, rows: list[str]) -> Response:
    body = "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n',
            "\n".join(rows),
            f"\n</{root}>\n",
        ]
    )
    return Response(body, media_type=_XML, headers={"Cache-Control": _HOUR})
