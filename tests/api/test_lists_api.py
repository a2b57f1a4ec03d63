"""Catalog, stock and payments through the API; every list is served by an index, also when there are thousands of rows."""

from collections.abc import Mapping
from typing import Any

import pytest
from api_desk import ApiDesk

from tradewind.db import AsyncTransaction
from tradewind.offers import store as offers
from tradewind.orders import store as orders
from tradewind.payments import payments_page
from tradewind.stock import levels_page

MANY = 4_000


def test_offers_are_listed_by_market_and_shown_with_their_price_lines(desk: ApiDesk) -> None:
    first = desk.get("/catalog/offers", market="us", limit=2)
    rest = desk.get("/catalog/offers", market="us", limit=2, cursor=first["next"])
    assert [one["offer_id"] for one in first["items"] + rest["items"]] == ["S1", "S2", "S3"]
    offer = desk.get("/catalog/offers/us/S1")
    lines = offer["price_lines"]
    assert sum(lines[name] for name in ("cost", "freight", "duty", "fee", "margin", "tax", "ending")) == offer["price_minor"]
    assert [one["market"] for one in desk.get("/catalog/markets")["items"]] == ["de", "us"]
    assert desk.ask("GET", "/catalog/offers/us/S9").json()["code"] == "offer_unknown"


def test_stock_is_read_as_levels_and_as_a_ledger(desk: ApiDesk) -> None:
    desk.bought(("S1", 3))
    level = desk.get("/stock/levels")["items"][0]
    assert (level["sku"], level["on_hand"], level["allocated"], level["available"]) == ("S1", 100, 3, 97)
    assert desk.get("/stock/skus/S1")["movements"][-1]["reason"] == "count"
    assert "SZX-1" in [one["location_id"] for one in desk.get("/stock/locations")["items"]]
    assert desk.ask("GET", "/stock/skus/none").status_code == 404


@pytest.mark.parametrize("name", ["sku", "location_id", "delta_id"])
def test_a_stock_change_with_a_character_that_cannot_be_kept_is_refused(desk: ApiDesk, name: str) -> None:
    change = {"delta_id": "d1", "sku": "S1", "location_id": "SZX-1", "on_hand": 3}
    answer = desk.post("/stock", {"changes": [change | {name: "a\x00b"}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "body_not_json")
    assert desk.post("/stock", {"changes": [change | {name: "a\x01b"}]}).json()["refused"][0]["field"] == name


def test_payments_are_listed_newest_first(desk: ApiDesk) -> None:
    order = desk.bought()
    desk.counter.clock.now = desk.counter.clock.now.replace(hour=13)
    desk.bought(("S1", 1))
    found = desk.get("/payments")["items"]
    assert len(found) == 2
    assert found[1]["order_id"] == order


class Explaining:
    """A transaction that explains statements instead of carrying them out."""

    def __init__(self, tx: AsyncTransaction) -> None:
        self.tx, self.plans = tx, list[str]()

    async def execute(self, query: str, values: Mapping[str, Any]) -> Any:
        rows = await (await self.tx.execute(f"EXPLAIN {query}", values)).fetchall()  # type: ignore[arg-type]
        self.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
        return await self.tx.execute("SELECT 1 WHERE false")


@pytest.fixture
def filled(desk: ApiDesk) -> ApiDesk:
    """A shop with thousands of orders, levels, offers and payments."""
    desk.bought()
    for table, columns in {
        "orders_order": {"order_id": "'o' || n", "number": "200000 + n", "session_id": "'s' || n", "payment_id": "'p' || n"},
        "payments_payment": {"payment_id": "'p' || n", "session_id": "'s' || n", "live": "false"},
        "stock_level": {"sku": "'A' || n", "available": None},
        "offers_offer": {"offer_id": "'A' || n", "sku": "'A' || n", "product_id": "'A' || n"},
    }.items():
        with desk.counter.sync.transaction() as tx:
            held = tx.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)).fetchall()
            names = [row["column_name"] for row in held if columns.get(row["column_name"], "") is not None]
            values = ", ".join(columns.get(name) or f"t.{name}" for name in names)
            tx.execute(  # type: ignore[call-overload]
                f"INSERT INTO {table} ({', '.join(names)}) OVERRIDING SYSTEM VALUE SELECT {values}"
                f" FROM (SELECT * FROM {table} LIMIT 1) AS t, generate_series(1, {MANY}) AS n"
            )
            tx.execute(f"ANALYZE {table}")  # type: ignore[call-overload]
    return desk


def test_every_list_is_read_from_an_index(filled: ApiDesk) -> None:
    async def plans() -> list[str]:
        async with filled.counter.database.transaction() as tx:
            explaining: Any = Explaining(tx)
            await orders.orders(explaining, before=203_000, limit=51)
            await orders.orders(explaining, market="us", status="open", before=203_000, limit=51)
            await payments_page(explaining, before="p2", limit=51)
            await levels_page(explaining, after=("A2", ""), limit=51)
            await offers.offers_page(explaining, "us", after="A2", limit=51)
            return list(explaining.plans)

    found = filled.counter.run(plans())
    assert len(found) == 5
    for plan in found:
        assert "Index Scan" in plan
        assert "Seq Scan" not in plan
        assert "Sort" not in plan
