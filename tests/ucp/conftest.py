"""The protocol's schemas, a shop with products to look at, and a counter at which platforms buy."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checkout"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "web"))

from platform_desk import PlatformDesk, open_desk
from ucp_shop import UcpShop, open_shop
from web_builders import a_window, insert
from wire_schemas import VERSION, Wire, wire

from tradewind.bootstrap.searching import open_search
from tradewind.db import open_database
from tradewind.db.database import connect
from tradewind.db.embedded import EmbeddedServer
from tradewind.settings import Settings


@pytest.fixture
def schemas(shared_data: Path) -> Wire:
    """The schemas of the newest version that is served; skipped, and counted, when they are absent."""
    return wire(shared_data / "reference" / "ucp" / VERSION)


@pytest.fixture
def shop(workspace: Settings, shared_data: Path) -> Iterator[UcpShop]:
    """A shop with three articles in the United States and Germany, behind its window; every answer is validated against the schemas."""
    with open_shop(workspace, shared_data / "reference" / "ucp") as opened:
        yield opened


@pytest.fixture(scope="session")
def shelves(
    database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[PlatformDesk]:
    """Three markets with nine offers each, and their search; nothing of it changes."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    name = f"shelves_{worker}"
    with connect(database_server.address("postgres")) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_tradewind STRATEGY file_copy")
        settings = Settings(
            home=tmp_path_factory.mktemp("shelves"), public_url="https://shop.example", database_url=database_server.address(name)
        )
        with open_database(settings) as database:
            with database.transaction() as tx:
                insert(tx, a_window(settings.public_url))
            for market in ("us", "de", "th"):
                open_search(settings).build(database, market)
        with open_desk(settings) as desk:
            yield desk
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
