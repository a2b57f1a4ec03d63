"""Search among generated offers: how fast an index is made and changed, how fast questions are answered with facets, beside PostgreSQL.

Questions are drawn from the offers' own words with a seed; a tenth has a slip in one word, half are narrowed by a filter. Each is timed
from its text to hits and facets in one thread, in wall and in CPU time; PostgreSQL answers some of the same ones with its own full-text
search (a GIN index made for it) and with ILIKE, both with a count and a brand facet.
Run: python -m bench.search [offers] [questions]
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from bench import words
from bench.generate import generate
from tradewind.bootstrap.searching import open_search
from tradewind.db import Database, open_database
from tradewind.search import Filters, Question, Search, price_steps, store
from tradewind.settings import Settings

OFFERS = 100_000
QUESTIONS = 1_000
FULL_TEXT_QUESTIONS, ILIKE_QUESTIONS = 60, 12
MISSPELT_SHARE = 10  # one question in this many
P99_LIMIT_MS = 80
CHANGED = 200
MARKET = "us"
SYLLABLES = (
    "ba",
    "cor",
    "dal",
    "fen",
    "gor",
    "hil",
    "jun",
    "kar",
    "lom",
    "mir",
    "nov",
    "pel",
    "quin",
    "ros",
    "sul",
    "tav",
    "ven",
    "wex",
    "yor",
    "zan",
)
_BY_TYPE = {"text": "'x'", "bigint": "0", "boolean": "false", "jsonb": "'{}'", "ARRAY": "'{}'"}
_NEEDED = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_name = 'offers_offer' AND is_nullable = 'NO' AND column_default IS NULL ORDER BY ordinal_position"
)
# A model's name of three syllables: eight thousand words that catalogs of brands have and dictionaries have not.
_MODEL = " || ".join(f"getvariable('syllables')[(hash(product_id, {place}) % {len(SYLLABLES)})::INT + 1]" for place in range(3))
_GIVEN = {
    "market": f"'{MARKET}'", "offer_id": "sku", "sku": "sku", "product_id": "product_id", "run_id": "'r'", "language": "'en'",
    "title": f"coalesce(title_en, brand || ' ' || category, category) || ', ' || {_MODEL}", "description": "coalesce(description_en, category)",
    "brand": "brand", "gtin": "gtin", "mpn": "mpn", "category": "category", "color": "color", "material": "material",
    "options": "coalesce(options, '{}')", "images": "'{x}'", "availability": "CASE WHEN hash(sku) % 10 = 0 THEN 'out_of_stock' ELSE 'in_stock' END",
    "price_minor": "(cost::DOUBLE * 40)::BIGINT + 300", "cost_amount": "(cost::DOUBLE * 40)::BIGINT + 300", "currency": "'USD'",
    "rating_milli": "(rating::DOUBLE * 1000)::BIGINT", "rating_count": "rating_count",
}  # fmt: skip
_FULL_TEXT = """
    WITH found AS MATERIALIZED (
        SELECT offer_id, brand, ts_rank(bench_words, query) AS rank FROM offers_offer, websearch_to_tsquery('english', %(text)s) AS query
         WHERE market = %(market)s AND withdrawn_at IS NULL AND bench_words @@ query
    ) SELECT (SELECT count(*) FROM found) AS total, (SELECT array_agg(offer_id) FROM (SELECT offer_id FROM found ORDER BY rank DESC LIMIT 24) AS t),
        (SELECT array_agg(b) FROM (SELECT brand AS b FROM found GROUP BY brand ORDER BY count(*) DESC LIMIT 12) AS f)
"""
_ILIKE = """
    WITH found AS MATERIALIZED (
        SELECT offer_id, brand, rating_count FROM offers_offer WHERE market = %(market)s AND withdrawn_at IS NULL AND title ILIKE ALL(%(like)s)
    ) SELECT (SELECT count(*) FROM found) AS total,
        (SELECT array_agg(offer_id) FROM (SELECT offer_id FROM found ORDER BY rating_count DESC NULLS LAST LIMIT 24) AS t),
        (SELECT array_agg(b) FROM (SELECT brand AS b FROM found GROUP BY brand ORDER BY count(*) DESC LIMIT 12) AS f)
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question, what it would be without its slip, and whether it has one."""

    question: Question
    meant: str

    @property
    def misspelt(self) -> bool:
        return self.question.text != self.meant


def fill(database: Database, folder: Path, offers: int) -> None:
    """Publishes generated offers in one market, by COPY."""
    catalog, rows = folder / "catalog.parquet", folder / "offers.csv"
    generate(catalog, offers, 7)
    with database.transaction(timeout_seconds=3600) as tx:
        needed = {row["column_name"]: row["data_type"] for row in tx.execute(_NEEDED)}
        given = {**{name: _BY_TYPE[kind] for name, kind in needed.items()}, **_GIVEN}
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET VARIABLE syllables = ?", [list(SYLLABLES)])
            chosen = ", ".join(f"{text} AS {name}" for name, text in given.items())
            source = (
                f"(SELECT * REPLACE (CASE WHEN cost IS NULL THEN '9.90' ELSE cost END AS cost) FROM '{catalog}' WHERE category IS NOT NULL)"
            )
            connection.execute(f"COPY (SELECT {chosen} FROM {source}) TO '{rows}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
        into = f"COPY offers_offer ({', '.join(given)}) FROM STDIN (FORMAT csv, NULL '\\N')"
        with tx.cursor() as cursor, rows.open("rb") as file, cursor.copy(into) as target:
            while block := file.read(1 << 20):
                target.write(block)
        tx.execute(
            "INSERT INTO offers_publication (market, run_id, published_at, offers_count) SELECT %s, 'r', now(), count(*) FROM offers_offer",
            (MARKET,),
        )
        tx.execute("ANALYZE offers_offer")


def drawn(questions: int, seed: int = 7) -> list[Drawn]:
    """Questions of two to four of the offers' own words; the same seed gives the same ones."""
    chance = random.Random(seed)
    found = []
    for number in range(questions):
        kind = chance.choice(words.KINDS)
        parts = chance.sample(kind.noun_en.lower().split(), k=min(chance.choice((1, 2, 2)), len(kind.noun_en.split())))
        extra = [chance.choice(words.COLORS)[1], chance.choice(words.TRAITS)[1].lower(), chance.choice(words.BRANDS).lower()]
        parts += chance.sample(extra, k=chance.choice((0, 1, 1, 2)))
        if chance.random() < 0.1:
            parts = ["".join(chance.choice(SYLLABLES) for _ in range(3))]
        filters = Filters()
        if chance.random() < 0.5:
            filters = chance.choice((Filters(category=kind.slug), Filters(in_stock=True), Filters(price_from=1000, price_to=9999)))
        meant = " ".join(parts)
        text = _slipped(meant, chance) if number % MISSPELT_SHARE == 0 else meant
        found.append(Drawn(Question(text, filters, price_steps=price_steps(2)), meant))
    return found


def _slipped(text: str, chance: random.Random) -> str:
    """One letter left out, doubled, or changed places, in a word of five letters or more."""
    parts = text.split()
    long = [place for place, word in enumerate(parts) if len(word) >= 5 and word.isalpha()]
    if not long:
        return text
    place = chance.choice(long)
    word, at = parts[place], chance.randint(1, len(parts[place]) - 2)
    parts[place] = chance.choice(
        (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])
    )
    return " ".join(parts)


def timed(search: Search, asked: list[Drawn]) -> tuple[list[float], list[float]]:
    """Milliseconds of wall and of CPU for each question."""
    wall, cpu = [], []
    for one in asked:
        started, used = time.perf_counter(), time.process_time()
        search.answer(MARKET, one.question)
        cpu.append((time.process_time() - used) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    return wall, cpu


def repaired(search: Search, asked: list[Drawn]) -> tuple[int, int]:
    """Of the misspelt questions, how many find at least half of the first ten that the right words find; and how many there are."""
    right = 0
    misspelt = [one for one in asked if one.misspelt]
    for one in misspelt:
        wanted = {hit.product_id for hit in search.answer(MARKET, replace(one.question, text=one.meant)).hits[:10]}
        got = {hit.product_id for hit in search.answer(MARKET, one.question).hits[:10]}
        right += len(wanted & got) * 2 >= len(wanted)
    return right, len(misspelt)


def peers(database: Database, asked: list[Drawn]) -> tuple[list[float], list[float], float]:
    """Milliseconds of PostgreSQL's full-text search and of ILIKE, and the seconds that its index took."""
    started = time.perf_counter()
    with database.transaction(timeout_seconds=3600) as tx:
        made = "to_tsvector('english', title || ' ' || coalesce(brand, '') || ' ' || category)"
        tx.execute(f"ALTER TABLE offers_offer ADD COLUMN bench_words tsvector GENERATED ALWAYS AS ({made}) STORED")
        tx.execute("CREATE INDEX bench_words_index ON offers_offer USING gin (bench_words)")
        tx.execute("ANALYZE offers_offer")
    indexing = time.perf_counter() - started
    full, like = [], []
    for number, one in enumerate(asked[:FULL_TEXT_QUESTIONS]):
        with database.transaction(timeout_seconds=600) as tx:
            started = time.perf_counter()
            tx.execute(_FULL_TEXT, {"text": one.question.text, "market": MARKET}).fetchall()
            full.append((time.perf_counter() - started) * 1000)
            if number < ILIKE_QUESTIONS:
                started = time.perf_counter()
                tx.execute(_ILIKE, {"like": [f"%{word}%" for word in one.question.text.split()], "market": MARKET}).fetchall()
                like.append((time.perf_counter() - started) * 1000)
    return full, like, indexing


def report(offers: int = OFFERS, questions: int = QUESTIONS, home: Path | None = None) -> Iterator[tuple[str, dict[str, float]]]:
    """Lines with their figures: building, changing, asking, and PostgreSQL's own ways."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = Settings(home=home or folder / "home")
        with open_database(settings) as database:
            fill(database, folder, offers)
            search, asked = open_search(settings), drawn(questions)
            used = sum(os.times()[:2])
            built = search.build(database, MARKET)
            cpu = sum(os.times()[:2]) - used
            size = sum(one.stat().st_size for one in (settings.home / "search").rglob("*") if one.is_file())
            line = (
                f"{built.offers:,} offers of {built.products:,} products indexed in {built.seconds:.1f} s: {built.offers / built.seconds:,.0f} offers/s,"
                f" {cpu:.0f} s CPU, {size / 1e6:,.0f} MB"
            )
            yield line, {"search_offers_per_second": built.offers / built.seconds, "search_build_cpu": cpu}
            yield _changed(search, database)
            timed(search, asked[:50])  # the first questions read the files
            wall, spent = (sorted(one) for one in timed(search, asked))
            right, misspelt = repaired(search, asked)
            p50, p99 = _at(wall, 50), _at(wall, 99)
            line = (
                f"{len(asked):,} questions with facets, {misspelt} of them misspelt: p50 {p50:.1f} ms, p99 {p99:.1f} ms (wanted < {P99_LIMIT_MS}),"
                f" slowest {wall[-1]:.1f} ms; CPU p50 {_at(spent, 50):.1f} ms, p99 {_at(spent, 99):.1f} ms;"
                f" {right} of the misspelt found what was meant"
            )
            yield (
                line,
                {
                    "search_p50_ms": p50,
                    "search_p99_ms": p99,
                    "search_cpu_p99_ms": _at(spent, 99),
                    "search_repaired": right / max(misspelt, 1),
                },
            )
            full, like, indexing = peers(database, asked)
            full, like = sorted(full), sorted(like)
            line = (
                f"PostgreSQL on the same questions, without repairing slips: full-text p50 {_at(full, 50):.0f} ms, p99 {_at(full, 99):.0f} ms"
                f" (its index took {indexing:.0f} s); ILIKE p50 {_at(like, 50):.0f} ms, slowest {like[-1]:.0f} ms"
            )
            yield (
                line,
                {
                    "postgres_full_text_p50_ms": _at(full, 50),
                    "postgres_full_text_p99_ms": _at(full, 99),
                    "postgres_ilike_p50_ms": _at(like, 50),
                },
            )


def _changed(search: Search, database: Database) -> tuple[str, dict[str, float]]:
    """How long a change of some offers takes into the index that is read."""
    with database.transaction() as tx:
        rows = tx.execute("SELECT offer_id FROM offers_offer WHERE market = %s LIMIT %s", (MARKET, CHANGED)).fetchall()
        store.note(tx, [(MARKET, row["offer_id"]) for row in rows], tx.execute("SELECT now() AS now").fetchone()["now"])  # type: ignore[index]
    started = time.perf_counter()
    search.follow(database, MARKET)
    seconds = time.perf_counter() - started
    return f"{CHANGED} changed offers reach the index in {seconds:.2f} s (wanted < 5)", {"search_change_seconds": seconds}


def _at(values: list[float], percent: int) -> float:
    return values[min(len(values) * percent // 100, len(values) - 1)]


def main() -> None:
    """Prints the lines."""
    given = [int(one) for one in sys.argv[1:]]
    for line, _ in report(*given):
        print(line, flush=True)


if __name__ == "__main__":
    main()
