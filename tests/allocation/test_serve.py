"""Which lane serves a variant, and why."""

from datetime import date

from tradewind.allocation import REASONS, lane_book, load, serve
from tradewind.db import duck
from tradewind.markets import load_market
from tradewind.network import load_network

ENGINE = duck.connect(threads=1, memory_limit_mb=512)
BOOK = lane_book(load_market("de"), load_network(), date(2026, 11, 23))


def served(weight_g: int | None = 400, battery: str | None = "none", **stock: int) -> tuple[str, int, bool, str] | None:
    ENGINE.execute(
        "CREATE OR REPLACE TEMP TABLE facts AS SELECT 'a' AS sku, ?::BIGINT AS weight_g, ?::VARCHAR AS battery", [weight_g, battery]
    )
    ENGINE.execute("CREATE OR REPLACE TEMP TABLE stock (sku VARCHAR, location_id VARCHAR, quantity BIGINT)")
    for location, quantity in stock.items():
        ENGINE.execute("INSERT INTO stock VALUES ('a', ?, ?)", [location.replace("_", "-"), quantity])
    load(ENGINE, BOOK)
    serve(ENGINE)
    return ENGINE.execute("SELECT lane_id, quantity, imported, reason FROM served").fetchone()


def test_imported_stock_serves_before_a_direct_parcel() -> None:
    assert served(DUI_1=2, SZX_1=90) == ("DUI-1.de", 2, True, "imported_stock_nearby")


def test_without_imported_stock_a_direct_parcel_serves() -> None:
    assert served(DUI_1=0, SZX_1=7) == ("SZX-1.de", 7, False, "direct_parcel_no_imported_stock")


def test_what_is_nowhere_in_stock_shows_the_lane_that_would_serve() -> None:
    assert served() == ("SZX-1.de", 0, False, "out_of_stock_everywhere")


def test_stock_without_a_lane_to_the_market_does_not_count() -> None:
    assert served(LAX_1=50, BKK_1=9) == ("SZX-1.de", 0, False, "out_of_stock_everywhere")


def test_what_no_lane_can_lift_says_so() -> None:
    found = served(weight_g=99_000, DUI_1=4)
    assert found is not None
    assert found[3] == "too_heavy_for_every_lane"


def test_every_reason_is_explained() -> None:
    seen = {found[3] for found in (served(DUI_1=1), served(SZX_1=1), served(), served(weight_g=99_000)) if found}
    assert seen == set(REASONS)
