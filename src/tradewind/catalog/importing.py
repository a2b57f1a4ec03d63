"""From staged tables to the files of a snapshot: chunks, decisions, shards. Bounded by the chunk and the shard, not by the catalog."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import duckdb

from tradewind.catalog.compiling import literal
from tradewind.catalog.defaults import Defaults, fill_category_defaults, fill_given_facts
from tradewind.catalog.errors import NothingWasAccepted, RowsDoNotAddUp
from tradewind.catalog.lookups import fill_lookups, resolve_categories
from tradewind.catalog.model import CatalogMapping, Counts
from tradewind.catalog.ports import StagedTable
from tradewind.catalog.raw_facts import RawFacts
from tradewind.catalog.sql import run, statements
from tradewind.catalog.texts import description_columns, descriptions_map, entity_macro, text_columns, text_statements
from tradewind.db import duck

CHUNK_ROWS = 131_072
ROW_GROUP = 12_288  # several row groups in a shard: a file with one is read by one thread
MAX_SHARDS = 4096
RUNS_OF_A_CHUNK = 1 << 32  # more than a chunk can have: runs keep their numbers where chunks meet
MIN_ROWS_SIDE_BY_SIDE = 8_192  # below that, a second connection costs more than it saves
MIN_NORMALIZER_MB = 512
Step = Callable[[str, int, int], None]
"""Called with (phase, done, total)."""

_PART_KINDS = ("parts", "texts", "stock")
_NOT_STORED = [
    "unit_row",
    "table_name",
    "left_out",
    "any_title",
    "category_text",
    "stock",
    "gtin_text",
    "description_length",
    "bad_images",
    "image_entries",
    "cost_text",
    "cost_wanted",
    "home_price_text",
    "home_price_read",
    "home_price_wanted",
    "weight_text",
    "weight_read",
    "dimensions_text",
    "hs_given",
    "hs_code_text",
    "origin_found",
    "origin_given",
    "rating_text",
    "dimensions_incomplete",
    "shard",
    "problem",
]


@dataclass(frozen=True, slots=True)
class Work:
    """What one import needs: the mapping, its staged tables, and the folders it writes into."""

    mapping: CatalogMapping
    staged: Mapping[str, StagedTable]
    defaults: Defaults | None
    facts: Path | None
    target: Path
    temporary: Path
    shard_count: int
    threads: int
    memory_limit_mb: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """The primary table's rows with start <= _row < end."""

    number: int
    start: int
    end: int


def write_snapshot(work: Work, step: Step) -> Counts:
    """Writes every file of the snapshot but the manifest, and counts what became of the rows."""
    connection = duck.connect(threads=work.threads, memory_limit_mb=work.memory_limit_mb, temp_folder=work.temporary / "spill")
    try:
        raw = _prepare(connection, work)
        _normalize(connection, work, raw, step)
        run(connection, "decide.sql")
        _quarantine_duplicates(connection)
        _write_shards(connection, work, raw.compiler.languages(), step)
        counts = _counts(connection, work)
        _write_quarantine(connection, work)
        return counts
    finally:
        connection.close()


def _prepare(connection: duckdb.DuckDBPyConnection, work: Work) -> RawFacts:
    fill_lookups(connection)
    for name in ("macros.sql", "normalize_macros.sql"):
        run(connection, name)
    fill_category_defaults(connection, work.defaults)
    fill_given_facts(connection, work.facts)
    connection.execute("SET VARIABLE shard_count = ?", [work.shard_count])
    connection.execute("CREATE TEMP TABLE accepted_rows (source_row BIGINT)")
    columns = "row BIGINT, table_name VARCHAR, field VARCHAR, value VARCHAR, reason VARCHAR, hint VARCHAR, quarantine_id VARCHAR"
    connection.execute(f"CREATE TEMP TABLE quarantine_rows ({columns}, source_row BIGINT)")
    connection.execute(f"CREATE TEMP TABLE issue_rows ({columns})")
    connection.execute(
        "CREATE TEMP TABLE variant_keys (sku VARCHAR, product_id VARCHAR, source_row BIGINT, unit_row BIGINT, table_name VARCHAR, gtin VARCHAR, quality_facts BIGINT, rating_milli BIGINT, price_minor BIGINT)"
    )
    raw = RawFacts(work.mapping, work.staged)
    for statement in raw.table_statements():
        connection.execute(statement)
    return raw


def _normalize(connection: duckdb.DuckDBPyConnection, work: Work, raw: RawFacts, step: Step) -> None:
    primary = work.staged[work.mapping.primary.name]
    lowest, highest = connection.execute(f"SELECT coalesce(min(_row), 0), coalesce(max(_row), -1) FROM {primary.relation}").fetchone() or (
        0,
        -1,
    )
    workers = _normalizers(work, primary.rows)
    size = _chunk_rows(highest - lowest + 1, workers)
    chunks = [Chunk(number, start, start + size) for number, start in enumerate(range(lowest, highest + 1, size))]

    def advance(done: int) -> None:
        step("normalize", min(done * size, primary.rows), primary.rows)

    if workers == 1:
        for done, chunk in enumerate(chunks, start=1):
            _normalize_chunk(connection, work, raw, chunk)
            advance(done)
    else:
        _normalize_side_by_side(connection, work, chunks, workers, advance)
    _refuse_nothing(connection, work)
    for name in ("chunk", "raw_chunk", "text_runs", "described"):
        connection.execute(f"DROP TABLE IF EXISTS {name} CASCADE")


def _chunk_rows(rows: int, workers: int) -> int:
    """The size of chunks that are all alike and as many for each worker: none of them waits for the last."""
    chunks = workers * max(1, -(-rows // (CHUNK_ROWS * workers)))
    return max(1, -(-rows // chunks))


def _normalizers(work: Work, rows: int) -> int:
    """A chunk keeps one core busy, so chunks run side by side; joined tables are held once, by the one connection that loaded them."""
    if rows < MIN_ROWS_SIDE_BY_SIDE or len(work.mapping.tables) > 1:
        return 1
    return max(1, min(work.threads, work.memory_limit_mb // MIN_NORMALIZER_MB))


def _normalize_chunk(connection: duckdb.DuckDBPyConnection, work: Work, raw: RawFacts, chunk: Chunk) -> None:
    languages = raw.compiler.languages()
    for statement in (raw.chunk_statement(), raw.texts_statement()):
        connection.execute(statement, [chunk.start, chunk.end])
    connection.execute(raw.runs_statement(), [chunk.number * RUNS_OF_A_CHUNK])
    entity_macro(connection, text_columns(languages))
    for statement in text_statements(languages):
        connection.execute(statement)
    connection.execute("DROP TABLE raw_texts")
    resolve_categories(connection, work.mapping.categories)
    run(connection, "normalize.sql")
    run(connection, "issues.sql")
    _keep(connection, work, chunk.number, languages)


def _normalize_side_by_side(
    connection: duckdb.DuckDBPyConnection, work: Work, chunks: Sequence[Chunk], workers: int, advance: Callable[[int], None]
) -> None:
    """Each worker has a database of its own, since temporary tables and macros belong to a connection; then their tables become one."""
    free: SimpleQueue[tuple[duckdb.DuckDBPyConnection, RawFacts]] = SimpleQueue()
    spill, share = work.temporary / "spill", work.memory_limit_mb // workers
    spill.mkdir(exist_ok=True)  # DuckDB makes one level of folders, not two
    with ExitStack() as stack:
        opened = []
        for number in range(workers):
            own = stack.enter_context(duck.connect(threads=1, memory_limit_mb=share, temp_folder=spill / str(number)))
            opened.append(own)
            free.put((own, _prepare(own, work)))

        def normalize(chunk: Chunk) -> None:
            own, raw = free.get()
            try:
                _normalize_chunk(own, work, raw, chunk)
            finally:
                free.put((own, raw))

        pool = stack.enter_context(ThreadPoolExecutor(workers))
        # Left by an error, the pool must not begin the chunks that still wait.
        stack.callback(pool.shutdown, cancel_futures=True)
        for done, future in enumerate(as_completed([pool.submit(normalize, chunk) for chunk in chunks]), start=1):
            future.result()
            advance(done)
        for number, own in enumerate(opened):
            _gather(connection, own, work.temporary / f"gathered-{number}.parquet")


def _gather(connection: duckdb.DuckDBPyConnection, own: duckdb.DuckDBPyConnection, passing: Path) -> None:
    """Moves what a worker found about its rows to the connection that decides over all of them."""
    for table in ("variant_keys", "quarantine_rows", "issue_rows"):
        own.execute(f"COPY {table} TO {literal(str(passing))} (FORMAT parquet)")
        connection.execute(f"INSERT INTO {table} SELECT * FROM read_parquet({literal(str(passing))})")
    passing.unlink()


def _refuse_nothing(connection: duckdb.DuckDBPyConnection, work: Work) -> None:
    if connection.execute("SELECT 1 FROM variant_keys LIMIT 1").fetchone() is not None:
        return
    worst = connection.execute(
        "SELECT field, reason, hint FROM quarantine_rows GROUP BY ALL ORDER BY count(*) DESC, field LIMIT 1"
    ).fetchone()
    field, reason, hint = worst or ("", "there are none", "")
    raise NothingWasAccepted(
        f"every row of {work.mapping.name} went to quarantine, most of them because of {field}: {reason}", hint=str(hint)
    )


def first_reject(staged: StagedTable) -> str:
    """Why the first rejected row of a staged table could not be read."""
    if staged.rejects is None:
        return "it could not be read"
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        row = connection.execute("SELECT reason FROM read_parquet(?) ORDER BY row LIMIT 1", [str(staged.rejects)]).fetchone()
    return str(row[0]) if row else "it could not be read"


def _keep(connection: duckdb.DuckDBPyConnection, work: Work, number: int, languages: Sequence[str]) -> None:
    """Puts the chunk's usable variants into parts by shard, and the rest into quarantine."""
    connection.execute(
        """INSERT INTO variant_keys SELECT sku, product_id, source_row, unit_row, table_name, gtin,
           (brand IS NOT NULL)::BIGINT + (weight_from IN ('measured', 'supplier', 'person'))::BIGINT + (hs_from IN ('measured', 'supplier', 'person'))::BIGINT
           + (cost_from IN ('supplier', 'person'))::BIGINT + (category IS NOT NULL)::BIGINT + (len(images) > 0)::BIGINT + (description_length >= 40)::BIGINT
           + (origin_from IN ('measured', 'supplier', 'person'))::BIGINT + (mpn IS NOT NULL)::BIGINT, rating_milli, home_price_minor
           FROM chunk WHERE problem IS NULL"""
    )
    connection.execute(
        """INSERT INTO quarantine_rows SELECT CASE WHEN unit_row > 0 THEN unit_row ELSE source_row END, table_name, problem.field, substr(problem.value, 1, 500), problem.reason, problem.hint,
           substr(md5(concat_ws(chr(31), table_name, source_row, unit_row, problem.field)), 1, 12), source_row FROM chunk WHERE problem IS NOT NULL"""
    )
    dropped = ", ".join(name for name in _NOT_STORED if name != "unit_row")
    texts = ", ".join(f"{name}_text" for name in description_columns(languages))
    # A statement for each shard: DuckDB's own partitioning copies every text once more, and took twice as long.
    for (shard,) in connection.execute("SELECT DISTINCT shard FROM chunk WHERE problem IS NULL").fetchall():
        part = _part(work, "parts", shard, number)
        connection.execute(
            f"COPY (SELECT * EXCLUDE ({dropped}) FROM chunk WHERE shard = {shard} AND problem IS NULL) TO {literal(part)} (FORMAT parquet, COMPRESSION lz4_raw)"
        )
        connection.execute(
            f"""COPY (SELECT text_run, {texts} FROM described WHERE text_run IN (SELECT text_run FROM chunk WHERE shard = {shard} AND problem IS NULL))
                TO {literal(_part(work, "texts", shard, number))} (FORMAT parquet, COMPRESSION lz4_raw)"""
        )
        if work.mapping.stock:
            connection.execute(
                f"""COPY (SELECT sku, source_row, unit_row, s.location AS location_id, whole_units(s.text) AS quantity
                    FROM (SELECT sku, source_row, unit_row, unnest(stock) AS s FROM chunk WHERE shard = {shard} AND problem IS NULL)
                    WHERE whole_units(s.text) IS NOT NULL) TO {literal(_part(work, "stock", shard, number))} (FORMAT parquet)"""
            )


def _part(work: Work, kind: str, shard: int, chunk: int) -> str:
    """Where a chunk leaves its rows of a shard."""
    folder = work.temporary / kind / f"{shard:05d}"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{chunk:05d}.parquet")


def _parts(work: Work, kind: str, shard: int) -> list[str]:
    return sorted(str(path) for path in (work.temporary / kind / f"{shard:05d}").glob("*.parquet"))


def _quarantine_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """INSERT INTO quarantine_rows SELECT CASE WHEN unit_row > 0 THEN unit_row ELSE source_row END, table_name, 'sku', sku, 'row ' || first_row || ' already has this id',
           'give each variant an id of its own, or map another column to sku', substr(md5(concat_ws(chr(31), table_name, source_row, unit_row, 'sku')), 1, 12), source_row FROM sku_losers"""
    )
    connection.execute(
        """INSERT INTO accepted_rows SELECT DISTINCT source_row FROM variant_keys k
           WHERE NOT EXISTS (SELECT 1 FROM sku_losers l WHERE l.source_row = k.source_row AND l.unit_row = k.unit_row)"""
    )


def _write_shards(connection: duckdb.DuckDBPyConnection, work: Work, languages: Sequence[str], step: Step) -> None:
    """Shards side by side: a sort keeps one core busy."""
    select = (
        statements("shard.sql")[0]
        .replace("$language", literal(work.mapping.language))
        .replace("$descriptions", descriptions_map(languages))
    )
    empty = {kind: _empty(connection, work, kind) for kind in ("parts", "texts")}
    done = count(1)

    def write(shard: int) -> None:
        with connection.cursor() as own:  # of the same database, whose decisions it reads
            _write_shard(own, work, shard, select, empty)
            _write_stock(own, work, shard)
        for kind in _PART_KINDS:
            shutil.rmtree(work.temporary / kind / f"{shard:05d}", ignore_errors=True)
        step("shards", next(done), work.shard_count)

    with ThreadPoolExecutor(max(1, min(work.threads, work.memory_limit_mb // MIN_NORMALIZER_MB))) as pool:
        for future in [pool.submit(write, shard) for shard in range(work.shard_count)]:
            future.result()


def _write_shard(connection: duckdb.DuckDBPyConnection, work: Work, shard: int, select: str, empty: Mapping[str, str]) -> None:
    """A shard without variants still has its file: readers need no special case."""
    for kind, nothing in empty.items():
        select = select.replace(f"${kind}", _listed(_parts(work, kind, shard)) or nothing)
    target = literal(str(work.target / f"products-{shard:05d}.parquet"))
    connection.execute(f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP})")


def _listed(parts: Sequence[str]) -> str:
    return "[" + ", ".join(literal(part) for part in parts) + "]" if parts else ""


def _empty(connection: duckdb.DuckDBPyConnection, work: Work, kind: str) -> str:
    """A part without rows, for the shards that have none."""
    target = literal(str(work.temporary / f"empty-{kind}.parquet"))
    some = next((work.temporary / kind).glob("*/*.parquet"))
    connection.execute(f"COPY (SELECT * FROM read_parquet({literal(str(some))}) LIMIT 0) TO {target} (FORMAT parquet)")
    return target


def _write_stock(connection: duckdb.DuckDBPyConnection, work: Work, shard: int) -> None:
    target = literal(str(work.target / f"stock-{shard:05d}.parquet"))
    parts = _parts(work, "stock", shard)
    if not parts:
        connection.execute(
            f"COPY (SELECT NULL::VARCHAR AS sku, NULL::VARCHAR AS location_id, NULL::BIGINT AS quantity LIMIT 0) TO {target} (FORMAT parquet)"
        )
        return
    connection.execute(
        f"""COPY (SELECT sku, location_id, sum(quantity)::BIGINT AS quantity FROM read_parquet({_listed(parts)}) s
            WHERE NOT EXISTS (SELECT 1 FROM sku_losers l WHERE l.source_row = s.source_row AND l.unit_row = s.unit_row)
            GROUP BY sku, location_id ORDER BY sku, location_id) TO {target} (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"""
    )


def _counts(connection: duckdb.DuckDBPyConnection, work: Work) -> Counts:
    """Counts, and the law: accepted + quarantined = rows read."""
    primary = work.staged[work.mapping.primary.name]

    def number(query: str, *values: object) -> int:
        row = connection.execute(query, list(values)).fetchone()
        return int(row[0]) if row else 0

    accepted = number("SELECT count(*) FROM accepted_rows")
    quarantined = primary.rejected_rows + number(
        "SELECT count(DISTINCT source_row) FROM quarantine_rows WHERE source_row NOT IN (SELECT source_row FROM accepted_rows)"
    )
    for table in work.staged.values():
        if table.rejects is not None:
            connection.execute(
                """INSERT INTO quarantine_rows SELECT row, ?, field, substr(value, 1, 500), reason, hint,
                   substr(md5(concat_ws(chr(31), ?, row, 'rejected', field)), 1, 12), NULL FROM read_parquet(?)""",
                [table.name, table.name, str(table.rejects)],
            )
    products = str(work.target / "products-*.parquet")
    if accepted + quarantined != primary.rows_read:
        raise RowsDoNotAddUp(
            f"{primary.name}: {accepted:,} accepted + {quarantined:,} quarantined is not {primary.rows_read:,} rows read",
            hint="this is a defect: report it with the mapping and the source's shape",
        )
    return Counts(
        rows_read=primary.rows_read,
        rows_accepted=accepted,
        rows_quarantined=quarantined,
        variants=number("SELECT count(*) FROM read_parquet(?)", products),
        products=number("SELECT count(DISTINCT product_id) FROM read_parquet(?)", products),
        stock_rows=number("SELECT count(*) FROM read_parquet(?)", str(work.target / "stock-*.parquet")),
        quarantine_entries=number("SELECT count(*) FROM quarantine_rows"),
        issues=number("SELECT count(*) FROM issue_rows"),
    )


def _write_quarantine(connection: duckdb.DuckDBPyConnection, work: Work) -> None:
    for name, table in (("quarantine", "quarantine_rows"), ("issues", "issue_rows")):
        select = (
            f"SELECT row, table_name, field, value, reason, hint, quarantine_id FROM {table} ORDER BY table_name, row, field, quarantine_id"
        )
        connection.execute(f"COPY ({select}) TO {literal(str(work.target / f'{name}.parquet'))} (FORMAT parquet)")
    source, target = literal(str(work.target / "quarantine.parquet")), literal(str(work.target / "quarantine.csv"))
    connection.execute(f"COPY (SELECT * FROM read_parquet({source})) TO {target} (FORMAT csv, HEADER)")
