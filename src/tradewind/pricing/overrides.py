"""Set prices inside a shard: the few products that have one are made again by the scalar form and take their place."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime

import duckdb

from tradewind.pricing.announcing import announcement
from tradewind.pricing.making import PriceFinding, PriceTable, SetPrice, make_price
from tradewind.pricing.model import Landed, PriceBook, PriceInput
from tradewind.pricing.past import pasts
from tradewind.pricing.rules import landed

_INPUT = ", ".join(field.name for field in fields(PriceInput))
_KEPT = [field.name for field in fields(Landed) if field.name not in {"sku", "currency", "problem"}]
_UPDATE = f"UPDATE price_output SET {', '.join(f'{name} = ?' for name in _KEPT)} WHERE sku = ?"
_ANNOUNCED = {"list_price_minor": "BIGINT", "sale_starts": "DATE", "sale_ends": "DATE"}
_ANNOUNCE = f"UPDATE price_output SET {', '.join(f'{name} = ?' for name in _ANNOUNCED)} WHERE sku = ?"


def override(
    connection: duckdb.DuckDBPyConnection, book: PriceBook, rows: Sequence[SetPrice], day: date, at: datetime | None = None
) -> tuple[PriceFinding, ...]:
    """Put the set prices of a day into `price_output`, after `price` made it; says which were refused and why.

    With `at`, reductions are announced in its new columns (list_price_minor, sale_starts, sale_ends) by the history in `price_past`.
    """
    for name, kind in _ANNOUNCED.items():
        connection.execute(f"ALTER TABLE price_output ADD COLUMN {name} {kind}")
    table = PriceTable([row for row in rows if row.market == book.market and row.holds(day)])
    if not table.rows:
        return ()
    asked = f"SELECT {_INPUT} FROM price_input WHERE sku IN (SELECT unnest(?::VARCHAR[]))"
    items = [PriceInput(*row) for row in connection.execute(asked, [list(table.skus(book.market))]).fetchall()]
    histories = pasts(connection, book.market) if at is not None else {}
    findings = list[PriceFinding]()
    for item in items:
        computed = landed(item, book)
        made = make_price(computed, item, book, table, day)
        findings += made.findings
        if made.landed is not computed:
            values = [getattr(made.landed, name) for name in _KEPT]
            connection.execute(_UPDATE, [*(list(one) if isinstance(one, tuple) else one for one in values), item.sku])
        found = announcement(made, histories.get(item.sku, ()), at) if at is not None else None
        if found is not None:
            connection.execute(_ANNOUNCE, [found.list_price_minor, found.starts, found.ends, item.sku])
    return tuple(findings)
