"""What a product page and a category page cost the server with a million offers in the database, and what a second node adds.

Run: python -m bench.pages [offers] [pages] [clients]
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bench.checkout import cpu_of, postgres_cpu
from bench.checkout_stage import articles, stage
from bench.http_client import Wire
from tradewind.db import Database, open_database
from tradewind.settings import Settings

OFFERS, PAGES, CLIENTS, BASE = 1_000_000, 2_000, 4, 500
VARIANTS = 4
NARROWED = ("", "?brand=Anker", "?color=blue")
LIMIT_MS, P95_LIMIT_MS, NODES_WANTED = 3, 100, 1.7
START_SECONDS, FILL_SECONDS = 180, 3_600
FIRST_PORT = 18_680
# Bodies as suppliers write them: 1.2 KB of description in eight paragraphs, ten specifications, five pictures, four variants a product.
_GIVEN = {
    "offer_id": "'P' || n",
    "sku": "'P' || n",
    "product_id": f"'G' || n / {VARIANTS}",
    "title": "brand_of || ' ' || o.category || ' model ' || n % 9973 || ', ' || color_of",
    "description": "(SELECT string_agg('This article ' || md5((n * 8 + k)::text) || ' is made for every day: strong seams, soft edges, and '"
    " || 'a finish that stays as it is after ' || (n + k) % 90 || ' washes, tested in the house for a year.', chr(10)) FROM generate_series(1, 8) AS k)",
    "brand": "brand_of",
    "gtin": "lpad((400000000000 + n)::text, 13, '0')",
    "color": "color_of",
    "size": "(ARRAY['S', 'M', 'L', 'XL'])[1 + n % 4]",
    "options": "jsonb_build_object('color', color_of)",
    "specs": "(SELECT jsonb_object_agg('Property ' || k, 'value ' || (n * k) % 997) FROM generate_series(1, 10) AS k)",
    "images": "(SELECT array_agg('https://pictures.example/' || n || '-' || k || '.jpg') FROM generate_series(1, 5) AS k)",
    "rating_milli": "3000 + n % 2000",
    "rating_count": "n % 400",
    "text_from": "'supplier'",
    "condition": "'new'",
}
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'offers_offer' AND is_generated = 'NEVER' ORDER BY ordinal_position"


@dataclass(frozen=True, slots=True)
class Served:
    """What so many pages cost: processor milliseconds a page in the servers and in PostgreSQL, and how long each took."""

    server_ms: float
    database_ms: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    kilobytes: float
    errors: int


def fill(database: Database, offers: int) -> float:
    """Writes so many offers of one market; the seconds that it took."""
    stage(database, ("us",), articles(BASE, 1_000))
    begun = time.perf_counter()
    with database.transaction(timeout_seconds=FILL_SECONDS) as tx:
        names = [row["column_name"] for row in tx.execute(_COLUMNS)]
        values = ", ".join(_GIVEN.get(name, f"o.{name}") for name in names).replace("%", "%%")
        tx.execute(
            f"INSERT INTO offers_offer ({', '.join(names)}) SELECT {values} FROM generate_series(1, %s::bigint) AS n"
            f" JOIN offers_offer AS o ON o.market = 'us' AND o.offer_id = 'S' || (1 + n %% {BASE})"
            " CROSS JOIN LATERAL (SELECT (ARRAY['Anker', 'Baseus', 'Xiaomi', 'Ugreen'])[1 + n %% 4] AS brand_of,"
            " (ARRAY['black', 'white', 'blue', 'red', 'green'])[1 + n %% 5] AS color_of) AS words",
            (offers,),
        )
        tx.execute("UPDATE offers_publication SET offers_count = %s, published_at = %s", (offers, datetime.now(UTC)))
        tx.execute("ANALYZE offers_offer")
    return time.perf_counter() - begun


async def _drive(ports: Sequence[int], paths: Sequence[str], clients: int) -> tuple[list[float], int, int, float]:
    left, took, size, errors = iter(paths), list[float](), 0, 0

    async def client(port: int) -> None:
        nonlocal size, errors
        wire = Wire(port)
        for path in left:
            begun = time.perf_counter()
            status, body = await wire.page(path)
            took.append(time.perf_counter() - begun)
            size += len(body)
            errors += status != 200
        wire.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client(ports[number % len(ports)]) for number in range(clients)))
    return took, size, errors, time.perf_counter() - begun


async def _ready(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        wire = Wire(port)
        try:
            await wire.page("/healthz")
            return
        except ConnectionError:
            await asyncio.sleep(0.3)
        finally:
            wire.close()
    raise RuntimeError(f"no server on port {port} within {START_SECONDS} s")


def _categories(database: Database) -> list[str]:
    with database.transaction(timeout_seconds=FILL_SECONDS) as tx:
        return [str(row["category"]) for row in tx.execute("SELECT DISTINCT category FROM offers_offer ORDER BY category")]


def serve(environment: dict[str, str], address: str, paths: Sequence[str], nodes: int, clients: int, warm: Sequence[str] = ()) -> Served:
    """Starts so many `tradewind serve`, warms them (with some of the pages, or with `warm`), asks for the pages and ends them."""
    ports = [FIRST_PORT + number for number in range(nodes)]
    command = [sys.executable, "-m", "tradewind", "serve", "--port"]
    servers = [
        subprocess.Popen([*command, str(port)], env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for port in ports
    ]
    try:
        for port in ports:
            asyncio.run(_ready(port))
            asyncio.run(_drive([port], warm or paths[:60], clients))
        before = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
        took, size, errors, wall = asyncio.run(_drive(ports, paths, clients))
        after = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
    finally:
        for one in servers:
            one.terminate()
        for one in servers:
            one.wait()
    took.sort()
    count = len(took)
    quantiles = (took[count * part // 100] * 1000 for part in (50, 95, 99))
    return Served(
        (after[0] - before[0]) / count * 1000, (after[1] - before[1]) / count * 1000, count / wall, *quantiles, size / count / 1000, errors
    )


def report(offers: int = OFFERS, pages: int = PAGES, clients: int = CLIENTS) -> Iterator[tuple[str, dict[str, float]]]:
    """One node, then two on the same PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            filled, address = fill(database, offers), database.address()
            environment = {"TRADEWIND_HOME": str(home), "TRADEWIND_DATABASE_URL": SecretStr(address).get_secret_value()}
            chosen = random.Random(7)
            paths = [f"/us/p/P{chosen.randint(1, offers)}" for _ in range(pages)]
            one, two = (serve(environment, address, paths, nodes, clients * nodes) for nodes in (1, 2))
            listed = [f"/us/c/{category}{narrowed}" for category in _categories(database) for narrowed in NARROWED]
            category = serve(environment, address, [chosen.choice(listed) for _ in range(pages // 2)], 1, clients, warm=listed)
    yield (
        (
            f"product page among {offers:,} offers (filled in {filled:.0f} s), {pages:,} pages, {clients} clients: {one.server_ms:.2f} ms CPU a page in"
            f" the server (wanted <= {LIMIT_MS}), {one.database_ms:.2f} in PostgreSQL, p50 {one.p50_ms:.1f} ms, p95 {one.p95_ms:.1f} (wanted <="
            f" {P95_LIMIT_MS}), p99 {one.p99_ms:.1f}, {one.kilobytes:.0f} kB, {one.errors + two.errors} errors;\n"
            f"   two nodes on one PostgreSQL: {two.per_second:.0f} pages/s, one {one.per_second:.0f}: {two.per_second / one.per_second:.2f} times (wanted >="
            f" {NODES_WANTED} where cores allow; here {os.cpu_count()} cores hold nodes, PostgreSQL and the clients);\n"
            f"   category page, each seen before since the publication: {category.server_ms:.2f} ms CPU a page in the server, {category.database_ms:.2f} in"
            f" PostgreSQL, p50 {category.p50_ms:.1f} ms, p95 {category.p95_ms:.1f} (wanted <= {P95_LIMIT_MS}), p99 {category.p99_ms:.1f},"
            f" {category.errors} errors"
        ),
        {
            "page_cpu_ms": one.server_ms,
            "page_database_cpu_ms": one.database_ms,
            "page_p95_ms": one.p95_ms,
            "pages_per_second": one.per_second,
            "category_cpu_ms": category.server_ms,
            "category_p95_ms": category.p95_ms,
            "pages_two_nodes_over_one": two.per_second / one.per_second,
        },
    )


if __name__ == "__main__":
    for told, _figures in report(*(int(text) for text in sys.argv[1:4])):
        print(told)
