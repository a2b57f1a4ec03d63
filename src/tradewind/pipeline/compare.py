"""A run's offers beside those that are published: what publishing would change, and what the gate must know."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from tradewind.db import duck
from tradewind.kit import PPM
from tradewind.offers import publish
from tradewind.pipeline.manifest import SAMPLES_LIMIT, Workspace
from tradewind.pipeline.rows import Rows
from tradewind.pipeline.rules import Comparison, Sample, Shift, shown

GONE_LIMIT = 5_000_000
# Measured: a row replaced in its place costs twice a row written anew, so half of them is where writing all becomes faster.
WHOLE_FROM_ONE_IN: Final = 2


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes one run's offers out of another's: rows to write (a CSV file) and offers that leave."""

    csv: Path
    gone: tuple[str, ...]
    differing: tuple[str, ...] | None
    """The offers that differ; None when all do, because nothing is published."""
    offers_count: int
    written: int
    whole: bool
    """Whether the file holds every offer of the new run: where most of them differ, writing all is faster than replacing some."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A market's rows of the published run (none at first) and of the new one."""

    market: str
    before: Rows
    after: Rows


def sides(workspace: Workspace, market: str, before: str | None, after: str, name: str = "offers.parquet") -> Sides:
    """The rows of two runs for one market."""
    return Sides(market, workspace.rows(before, market, name) if before else Rows(()), workspace.rows(after, market, name))


def changes(pair: Sides, target: Path, *, threads: int, memory_limit_mb: int) -> Changes:
    """Writes the rows that differ as CSV for COPY. `run_id` alone is no difference."""
    with duck.connect(threads=threads, memory_limit_mb=memory_limit_mb) as connection:
        held = _held(connection, pair.after)
        connection.execute(f"CREATE TEMP TABLE coming AS SELECT offer_id, {_content(held)} FROM {pair.after.beside(pair.before)}")
        if pair.before:
            earlier = _content(_held(connection, pair.before))
            connection.execute(f"CREATE TEMP TABLE shown AS SELECT offer_id, {earlier} FROM {pair.before.beside(pair.after)}")
        else:
            connection.execute("CREATE TEMP TABLE shown (offer_id VARCHAR, content UBIGINT)")
        connection.execute("CREATE TEMP TABLE differing AS SELECT offer_id FROM coming ANTI JOIN shown USING (offer_id, content)")
        gone = connection.execute(f"SELECT offer_id FROM shown ANTI JOIN coming USING (offer_id) LIMIT {GONE_LIMIT}").fetchall()
        differing = connection.execute("SELECT offer_id FROM differing").fetchall() if pair.before else None
        offers_count, written = _one(connection, pair.after.sql), _one(connection, "differing")
        whole = not pair.before or (written + len(gone)) * WHOLE_FROM_ONE_IN > offers_count
        chosen = pair.after.sql if whole else f"{pair.after.beside(pair.before)} SEMI JOIN differing USING (offer_id)"
        rendered = ", ".join(_rendered(column, held) for column in publish.COLUMNS)
        connection.execute(
            f"COPY (SELECT {rendered} FROM {chosen}) TO '{_quoted(target)}' (FORMAT csv, HEADER false, NULLSTR '{publish.NULL_MARK}')"
        )
        return Changes(
            csv=target,
            gone=tuple(row[0] for row in gone),
            differing=None if differing is None else tuple(row[0] for row in differing),
            offers_count=offers_count,
            written=written,
            whole=whole,
        )


def _held(connection: duckdb.DuckDBPyConnection, rows: Rows) -> frozenset[str]:
    """The columns that the rows have: a run of an earlier release lacks those that came later."""
    return frozenset(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {rows.sql}").fetchall())


def _content(held: frozenset[str]) -> str:
    columns = (column if column in held else "NULL" for column in publish.COLUMNS if column != "run_id")
    return f"hash({', '.join(columns)}) AS content"


def _rendered(column: str, held: frozenset[str]) -> str:
    if column not in held:
        return f'NULL AS "{column}"'
    return _pg_list(column) if column in publish.LIST_COLUMNS else f'"{column}"'


def counts(pair: Sides) -> tuple[int, int, int, int]:
    """How many offers of the market are new, changed, gone and unchanged, by content."""
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (b.offer_id IS NULL), count(*) FILTER (a.content_hash <> b.content_hash),"
            " count(*) FILTER (a.offer_id IS NULL), count(*) FILTER (a.content_hash = b.content_hash)"
            f" FROM {pair.after.sql} AS a FULL JOIN {pair.before.sql} AS b USING (offer_id)"
        ).fetchone()
    new, changed, gone, unchanged = row or (0, 0, 0, 0)
    return int(new), int(changed), int(gone), int(unchanged)


def comparison(workspace: Workspace, market: str, before: str, after: str, *, single_price_ppm: int, currency: str) -> Comparison:
    """What the gate must know of a market, read from the narrow columns of both runs."""
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        pair, choice = sides(workspace, market, before, after), sides(workspace, market, before, after, "selection.parquet")
        for name, rows in (("shown", pair.before), ("coming", pair.after)):
            connection.execute(f"CREATE TEMP TABLE {name} AS SELECT offer_id, sku, price_minor FROM {rows.sql}")
        connection.execute("CREATE TEMP TABLE vanished AS FROM shown ANTI JOIN coming USING (offer_id)")
        connection.execute(
            f"CREATE TEMP TABLE moved AS SELECT sku, b.price_minor AS before, a.price_minor AS after,"
            f" (abs(a.price_minor - b.price_minor) * {PPM} // b.price_minor)::BIGINT AS move_ppm"
            f" FROM shown AS b JOIN coming AS a USING (offer_id, sku) WHERE b.price_minor > 0"
        )
        vanished = connection.execute(
            "SELECT v.sku, v.price_minor, coalesce(s.primary_reason, 'not_in_catalog') FROM vanished AS v"
            f" LEFT JOIN {choice.after.sql} AS s USING (sku) ORDER BY 2 DESC, 1 LIMIT {SAMPLES_LIMIT}"
        ).fetchall()
        moved = connection.execute(
            f"SELECT sku, before, after FROM moved WHERE move_ppm > ? ORDER BY move_ppm DESC, sku LIMIT {SAMPLES_LIMIT}", [single_price_ppm]
        ).fetchall()
        beyond = connection.execute("SELECT count(*), coalesce(max(move_ppm), 0) FROM moved WHERE move_ppm > ?", [single_price_ppm])
        moved_count, moved_most = beyond.fetchone() or (0, 0)
        return Comparison(
            market=market,
            run_id=after,
            compared_with=before,
            before_count=_one(connection, "shown"),
            after_count=_one(connection, "coming"),
            vanished_count=_one(connection, "vanished"),
            vanished=tuple(Sample(sku, shown(price, currency), reason) for sku, price, reason in vanished),
            median_before=_median(connection, "shown"),
            median_after=_median(connection, "coming"),
            moved_count=moved_count,
            moved_most_ppm=moved_most,
            moved=tuple(Sample(sku, shown(old, currency), shown(new, currency)) for sku, old, new in moved),
            shifts=(),
            currency=currency,
        )


def shifts(before: Sequence[Path], after: Sequence[Path]) -> tuple[Shift, ...]:
    """Per category and fact, the medians over the products that two catalogs share; only where they differ."""
    if list(before) == list(after) or not before:
        return ()
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        for name, files in (("old", before), ("new", after)):
            connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT sku, coalesce(category, '(none)') AS category, cost_minor AS cost,"
                f" weight_g AS weight, cost_currency FROM {duck.parquet(files)}"
            )
        return tuple(shift for fact in ("cost", "weight") for shift in _shifts_of(connection, fact))


def _shifts_of(connection: duckdb.DuckDBPyConnection, fact: str) -> list[Shift]:
    same_unit = "AND o.cost_currency = n.cost_currency" if fact == "cost" else ""
    unit = "n.cost_currency" if fact == "cost" else "'g'"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE both_sides AS SELECT n.sku, n.category, o.{fact} AS before, n.{fact} AS after,"
        f" {unit} AS unit"
        f" FROM old AS o JOIN new AS n ON o.sku = n.sku {same_unit} WHERE o.{fact} > 0 AND n.{fact} > 0"
    )
    rows = connection.execute(
        "SELECT category, count(*), quantile_disc(before, 0.5)::BIGINT AS old_median, quantile_disc(after, 0.5)::BIGINT AS new_median,"
        " CASE WHEN count(DISTINCT unit) = 1 THEN min(unit) ELSE '' END"
        " FROM both_sides GROUP BY category HAVING old_median <> new_median ORDER BY count(*) DESC, category"
    ).fetchall()
    return [
        Shift(fact, category, products, old, new, _shift_samples(connection, category), unit) for category, products, old, new, unit in rows
    ]


def _shift_samples(connection: duckdb.DuckDBPyConnection, category: str) -> tuple[Sample, ...]:
    rows = connection.execute(
        "SELECT sku, before, after, unit FROM both_sides WHERE category = ? AND before <> after"
        f" ORDER BY greatest(before, after) * {PPM} // least(before, after) DESC, sku LIMIT {SAMPLES_LIMIT}",
        [category],
    )
    return tuple(Sample(sku, shown(old, unit), shown(new, unit)) for sku, old, new, unit in rows.fetchall())


def _one(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row: tuple[Any, ...] | None = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _median(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row: tuple[Any, ...] | None = connection.execute(f"SELECT coalesce(quantile_disc(price_minor, 0.5), 0)::BIGINT FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _pg_list(column: str) -> str:
    # PostgreSQL's array text: every value quoted, backslashes and quotes escaped.
    escaped = f"""list_transform("{column}", lambda v: '"' || replace(replace(v, '\\', '\\\\'), '"', '\\"') || '"')"""
    return f"""'{{' || array_to_string({escaped}, ',') || '}}' AS "{column}\""""
