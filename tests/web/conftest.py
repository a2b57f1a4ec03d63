"""A real server over a real database: three published markets, pictures and feeds."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
from bench.checkout_stage import articles, stage
from pydantic import SecretStr

from tradewind.bootstrap.searching import open_search
from tradewind.bootstrap.window import window_parts
from tradewind.db import open_database
from tradewind.db.database import connect
from tradewind.db.embedded import EmbeddedServer
from tradewind.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from web_builders import a_waiting_run, a_window, draw_pictures, insert
from web_running import Running, free_port, serve

TEMPLATE = "template_tradewind"
# A faster lane beside the one that prices hold, so that the United States have a delivery to choose.
EXPRESS = """
[[rate_card]]
id = "szx-us-express"
currency = "CNY"
bands = [[1000, 19900], [30000, 399000]]
volumetric_divisor = 5000
valid_from = 2025-01-01
invented = true
signed_by = "test"
source = "invented for a test"

[[lane]]
id = "SZX-1.us.express"
location = "SZX-1"
market = "us"
imported = false
preference = 90
takes_batteries = true
transit_days = [2, 4]
handling_days = [1, 1]
cut_off = 12:00:00
rate_cards = ["szx-us-express"]
"""


@contextmanager
def a_database(server: EmbeddedServer, name: str) -> Iterator[SecretStr]:
    """A migrated database that lives as long as the session's window."""
    with connect(server.address("postgres")) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield SecretStr(server.address(name))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shop(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Running]:
    """Three markets with nine offers each."""
    home, port = tmp_path_factory.mktemp("shop"), free_port()
    with a_database(database_server, f"shop_{worker}") as address:
        settings = Settings(home=home, port=port, public_url=f"http://127.0.0.1:{port}", database_url=address)
        draw_pictures(home / "media")
        for market in ("us", "de", "th"):
            folder = home / "feeds" / market
            folder.mkdir(parents=True)
            (folder / "products.tsv").write_text("id\tprice\nHX-4411-BLK\t56.44 USD\n", encoding="utf-8")
        search = open_search(settings)
        with open_database(settings) as database:
            with database.transaction() as tx:
                insert(tx, a_window(settings.public_url))
            for market in ("us", "de", "th"):
                search.build(database, market)
        yield from serve(settings, search=search)


@pytest.fixture(scope="session")
def desk(shop: Running) -> Running:
    """The same window with a run that waits for a decision."""
    a_waiting_run(shop.settings.home)
    return shop


@pytest.fixture(scope="session")
def empty_shop(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Running]:
    """A workspace before its first run."""
    with a_database(database_server, f"empty_shop_{worker}") as address:
        yield from serve(Settings(home=tmp_path_factory.mktemp("empty"), port=0, database_url=address))


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this pytest-xdist worker."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "alone"))


@pytest.fixture(scope="session")
def demo_shop(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Running]:
    """What `tradewind demo` leaves behind for three markets, served by the real app under the address that its feeds name."""
    home, port = tmp_path_factory.mktemp("demo"), free_port()
    with a_database(database_server, f"demo_{worker}") as address:
        settings = Settings(home=home, port=port, public_url=f"http://127.0.0.1:{port}", database_url=address)
        given = {"HOME": str(home), "PUBLIC_URL": settings.public_url, "DATABASE_URL": address.get_secret_value()}
        environment = os.environ | {f"TRADEWIND_{name}": value for name, value in given.items()}
        done = subprocess.run(
            [sys.executable, "-m", "tradewind", "demo", "--no-serve"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield from serve(settings)


@pytest.fixture(scope="session")
def store(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[Running]:
    """A shop that sells in three markets, with an express delivery in the United States; article S20 has one unit only."""
    home, port = tmp_path_factory.mktemp("store"), free_port()
    with a_database(database_server, f"store_{worker}") as address:
        settings = Settings(home=home, port=port, public_url=f"http://127.0.0.1:{port}", database_url=address)
        settings.rules_folder.mkdir()
        network = resources.files("tradewind.network").joinpath("data", "network.toml").read_text("utf-8")
        (settings.rules_folder / "network.toml").write_text(network + EXPRESS, "utf-8")
        with open_database(settings) as database:
            goods = articles(20, units=500)
            stage(database, ("us", "de", "th"), [*goods[:-1], *articles(20, units=1)[-1:]])
            with database.transaction() as tx:
                tx.execute("UPDATE offers_offer SET text_from = 'supplier', condition = 'new', verdict = 'ok'")
        yield from serve(settings, open_till=window_parts(settings)["open_till"])


@pytest.fixture(scope="session")
def real_database(database_server: EmbeddedServer, worker: str) -> Iterator[SecretStr]:
    """A migrated database for a workspace that outlives one test."""
    with a_database(database_server, f"real_{worker}") as address:
        yield address
