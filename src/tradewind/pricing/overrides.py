"""Set prices inside a shard: the few products that have one are made again by the scalar form and take their place."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date

import duckdb

from tradewind.pricing.making import PriceFinding, PriceTable, SetPrice, make_price
from tradewind.pricing.model import Landed, PriceBook, PriceInput
from tradewind.pricing.rules import landed

_INPUT = ", ".join(field.name for field in fields(PriceInput))
_KEPT = [field.name for field in fields(Landed) if field.name not in {"sku", "currency", "problem"}]
_UPDATE = f"UPDATE price_output SET {', '.join(f'{name} = ?' for name in _KEPT)} WHERE sku = ?"


def override(connection: duckdb.DuckDBPyConnection, book: PriceBook, rows: Sequence[SetPrice], day: date) -> tuple[PriceFinding, ...]:
    """Put the set prices of a day into `price_output`, after `price` made it; says which were refused and why."""
    table = PriceTable([row for row in rows if row.market == book.market and row.holds(day)])
    if not table.rows:
        return ()
    asked = f"SELECT {_INPUT} FROM price_input WHERE sku IN (SELECT unnest(?::VARCHAR[]))"
    items = [PriceInput(*row) for row in connection.execute(asked, [list(table.skus(book.market))]).fetchall()]
    findings = list[PriceFinding]()
    for item in items:
        computed = landed(item, book)
        made = make_price(computed, item, book, table, day)
        findings += made.findings
        if made.landed is not computed:
            values = [getattr(made.landed, name) for name in _KEPT]
            connection.execute(_UPDATE, [*(list(one) if isinstance(one, tuple) else one for one in values), item.sku])
    return tuple(findings)
