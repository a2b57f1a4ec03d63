"""A feed file of any origin, judged by the rules as if it were listed in a country."""

import csv
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tradewind.adapters.feeds.reading import read_feed
from tradewind.db import duck
from tradewind.kit import Currency
from tradewind.listings import check
from tradewind.listings.conditions import Scope
from tradewind.listings.specification import Requirement, specification

_MEMORY_MB = 512


def judge_file(path: Path, country: str, currency: Currency, days: tuple[date, date], own: Sequence[Requirement] = ()) -> check.Judgement:
    """What the rules of today and another day (`days`) say of a feed file; FeedIsBroken when it cannot be read. Pictures are not fetched: their size is unknown."""
    with tempfile.TemporaryDirectory(prefix="tradewind-feed-") as folder:
        columns = _spooled(path, Path(folder) / "items.csv")
        read = (
            f"read_csv('{folder}/items.csv', header = true, all_varchar = true, parallel = false, delim = ',', quote = '\"', escape = '\"')"
        )
        attributes = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in columns)
        digits = 10**currency.digits
        amount = "split_part(price, ' ', 1)" if "price" in columns else "null"
        source = (
            f"SELECT coalesce(nullif(id, ''), '(no id)') AS offer_id, {attributes}, null::bigint AS image_width, null::bigint AS image_height,"
            f" []::varchar[] AS recorded, (try_cast({amount} AS decimal(18, 3)) * {digits})::bigint AS price_minor, null::bigint AS sold"
            f" FROM {read}"
        )
        with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
            check.prepare(connection, source, columns)
            return check.judge_checked(connection, Scope(country, currency.code, frozenset(columns), tuple(own)), path.name, *days)


def _spooled(path: Path, target: Path) -> list[str]:
    """Writes the known attributes of the items as CSV; the columns that have any value (id always)."""
    known = list(specification().attributes)
    used = {"id"}
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, known, extrasaction="ignore", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for item in read_feed(path):
            used.update(item)
            writer.writerow(item)
    return [name for name in known if name in used]
