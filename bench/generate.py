"""Writes a realistic catalog of any size: `python -m bench.generate --products 1000000 --seed 7 catalog.parquet`.

Every value is a function of the row's number and the seed, so equal arguments give equal files, and a changed copy differs only
where it says so. The work is one SQL statement: a loop over rows would take longer than the import that it feeds.
"""

import argparse
import sys
import time
from pathlib import Path

import duckdb

from bench import words

BLOCK_ROWS, BLOCK_PRODUCTS, FIRST_VARIANT = 5, 3, 2  # of five rows two are lone products, three are the colors of one
GTIN_BASE = 952_000_000_000  # GS1 keeps prefix 952 for demonstrations and examples: no such product exists
RESERVED_STEP = 752_000_000_000  # down to prefix 200, which is for use inside a company
LOCATIONS = (("SZX-1", 100, 400), ("LAX-1", 35, 60), ("DUI-1", 30, 50), ("BKK-1", 25, 40))  # id, percent stocked, most units
ROW_GROUP = 50_000
SHARD_ROWS = 50_000
"""The setting shard_rows as it comes."""
DESCRIPTION_PARTS = 9


def main() -> None:
    """Reads the arguments, writes the file (and its stock, when asked) and says how fast."""
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__)
    parser.add_argument("target", type=Path, help="a .csv or .parquet file")
    parser.add_argument("--products", type=int, default=100_000, help="rows of the catalog; three in five are variants of a product")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--change", type=lambda text: float(text.rstrip("%")), default=0.0, help="percent of products to change")
    parser.add_argument("--one-shard", action="store_true", help="change products of one shard, instead of products spread over all")
    parser.add_argument("--stock", type=Path, help="also write the stock of every sku by location into this CSV")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.target.suffix not in {".csv", ".parquet"}:
        parser.error("the target must end in .csv or .parquet")
    started = time.perf_counter()
    generate(arguments.target, arguments.products, arguments.seed, arguments.change, arguments.one_shard, arguments.threads)
    seconds = time.perf_counter() - started
    if arguments.stock:
        generate_stock(arguments.stock, arguments.products, arguments.seed)
    size = arguments.target.stat().st_size / 1e6
    print(f"{arguments.target}: {arguments.products:,} rows, {size:,.0f} MB, {arguments.products / seconds:,.0f} rows/s", file=sys.stderr)


def generate(target: Path, rows: int, seed: int, change: float = 0.0, one_shard: bool = False, threads: int = 2) -> None:
    """Writes `rows` variants to `target`; `change` percent of the products get another cost, title and sold count."""
    connection = _connect(threads)
    _load_words(connection)
    form = f"(FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})" if target.suffix == ".parquet" else "(FORMAT csv, HEADER)"
    products = max(1, rows * BLOCK_PRODUCTS // BLOCK_ROWS)
    spread = f"pick(p, 99, 100000) < {round(change * 1000)}"
    shards = max(1, round(rows / SHARD_ROWS))
    # The catalog's own way of sharding (catalog/normalize.sql), and of that shard as many products as `change` percent of all.
    in_first_shard = f"('0x' || substr(md5(product), 1, 8))::UBIGINT % {shards} = 0 AND p < {round(products * change / 100 * shards)}"
    changed = in_first_shard if one_shard else spread
    connection.execute(f"CREATE TEMP MACRO pick(number, salt, choices) AS (hash(number * 64 + salt, {seed}) % choices)::BIGINT")
    connection.execute(f"COPY ({_CATALOG.format(rows=rows, changed=changed)}) TO '{target}' {form}")


def generate_stock(target: Path, rows: int, seed: int) -> None:
    """Writes sku, location_id and on_hand of every variant, sorted by place in the catalog."""
    connection = _connect(2)
    connection.execute(f"CREATE TEMP MACRO pick(number, salt, choices) AS (hash(number * 64 + salt, {seed}) % choices)::BIGINT")
    connection.execute("CREATE TEMP TABLE location (place BIGINT, location_id VARCHAR, percent BIGINT, most BIGINT)")
    connection.executemany("INSERT INTO location VALUES (?, ?, ?, ?)", [(place, *entry) for place, entry in enumerate(LOCATIONS)])
    connection.execute(f"COPY ({_STOCK.format(rows=rows)}) TO '{target}' (FORMAT csv, HEADER)")


def _connect(threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": True})
    connection.execute("SET enable_progress_bar = false")
    return connection


def _load_words(connection: duckdb.DuckDBPyConnection) -> None:
    """The phrases as list variables: an index into a constant list costs nothing, a join would shuffle the rows."""
    columns = {
        "slugs": [kind.slug for kind in words.KINDS],
        "paths": [kind.path for kind in words.KINDS],
        "nouns_zh": [kind.noun_zh for kind in words.KINDS],
        "nouns_en": [kind.noun_en for kind in words.KINDS],
        "codes": [kind.hs for kind in words.KINDS],
        "weights": [kind.weight[0] for kind in words.KINDS],
        "weight_spans": [kind.weight[1] - kind.weight[0] for kind in words.KINDS],
        "costs": [kind.cost[0] for kind in words.KINDS],
        "cost_spans": [kind.cost[1] - kind.cost[0] for kind in words.KINDS],
        "batteries": [kind.battery for kind in words.KINDS],
        "brands": list(words.BRANDS),
        "colors_zh": [zh for zh, _ in words.COLORS],
        "colors_en": [en for _, en in words.COLORS],
        "materials": list(words.MATERIALS),
        "traits_zh": [zh for zh, _ in words.TRAITS],
        "traits_en": [en for _, en in words.TRAITS],
        "noise": list(words.NOISE),
        "texts_zh": list(words.SENTENCES_ZH),
        "texts_en": list(words.SENTENCES_EN),
    }
    for name, values in columns.items():
        connection.execute(f"SET VARIABLE {name} = ?", [values])
        connection.execute(f"CREATE TEMP MACRO {name}(place) AS getvariable('{name}')[place + 1]")


def _sentences(language: str, salt: int) -> str:
    """The description of one language: sentences with the noise of pasted web pages between them."""
    count = {"zh": len(words.SENTENCES_ZH), "en": len(words.SENTENCES_EN)}[language]
    parts = [
        f"texts_{language}((t + {place * 7}) % {count}), noise(pick(p, {salt + place}, {len(words.NOISE)}))"
        for place in range(DESCRIPTION_PARTS)
    ]
    chosen = parts if language == "zh" else parts[: DESCRIPTION_PARTS * 2 // 3 + 1]
    return f"concat(nouns_{language}(k), ' ', {', '.join(chosen)}, ' No.', p)"


_NUMBERED = f"""
    SELECT range AS i,
           (range // {BLOCK_ROWS}) * {BLOCK_PRODUCTS} + least(range % {BLOCK_ROWS}, {FIRST_VARIANT}) AS p,
           range % {BLOCK_ROWS} >= {FIRST_VARIANT} AS is_variant,
           'TW' || lpad(p::VARCHAR, 8, '0') AS product,
           CASE WHEN is_variant THEN product || '-' || (range % {BLOCK_ROWS} - {FIRST_VARIANT} + 1) ELSE product END AS sku
    FROM range({{rows}})
"""
_DIGIT_SUM = " + ".join(f"(body // {10**place} % 10) * {3 if place % 2 == 0 else 1}" for place in range(12))
_CATALOG = f"""
WITH numbered AS ({_NUMBERED}),
drawn AS (
    SELECT *, pick(p, 1, {len(words.KINDS)}) AS k, pick(p, 2, {len(words.TRAITS)}) AS t1, pick(p, 3, {len(words.TRAITS)}) AS t2,
           pick(p, 4, {len(words.BRANDS)}) AS b, (pick(p, 5, {len(words.COLORS)}) + i % {BLOCK_ROWS}) % {len(words.COLORS)} AS c,
           pick(p, 6, 997) AS t, pick(i, 7, 100) AS luck, pick(p, 8, 100) AS fate, {{changed}} AS is_changed,
           {GTIN_BASE} + CASE WHEN luck = 12 THEN i % 90 ELSE 1000 + (i * 7919) % 999000937 END
           - CASE WHEN luck = 11 THEN {RESERVED_STEP} ELSE 0 END AS body
    FROM numbered
),
priced AS (
    SELECT *, costs(k) + pick(p, 9, 1000000) * cost_spans(k) // 1000000 + is_changed::BIGINT * (100 + pick(p, 10, 400)) AS fen,
           weights(k) + pick(p, 11, 1000) * weight_spans(k) // 1000 AS grams, 60 + pick(p, 12, 300) AS side,
           (10 - ({_DIGIT_SUM}) % 10) % 10 AS check_digit
    FROM drawn
)
SELECT sku, product AS product_id,
       paths(k) AS home_category, slugs(k) AS category,
       CASE WHEN fate < 94 THEN brands(b) END AS brand,
       CASE WHEN luck < 8 THEN NULL
            WHEN luck < 11 THEN body::VARCHAR || (check_digit + 1) % 10
            ELSE body::VARCHAR || check_digit END AS gtin,
       CASE WHEN luck % 3 = 0 THEN 'M' || p END AS mpn,
       'zh' AS language,
       concat(CASE WHEN fate = 3 THEN '【全网低价】!!!' END, brands(b), ' ', nouns_zh(k), ' ', traits_zh(t1), ' ', traits_zh(t2), ' ',
              colors_zh(c), CASE WHEN is_changed THEN ' 新' END, CASE WHEN fate = 4 THEN '<font color=red>包邮</font>' END) AS title_zh,
       CASE WHEN fate < 5 THEN NULL WHEN fate = 5 THEN upper(concat(brands(b), ' ', nouns_en(k), ' hot sale free shipping'))
            ELSE concat(brands(b), ' ', nouns_en(k), ', ', traits_en(t1), ', ', traits_en(t2), ', ', colors_en(c)) END AS title_en,
       {_sentences("zh", 20)} AS description_zh,
       CASE WHEN fate >= 5 THEN {_sentences("en", 40)} END AS description_en,
       colors_en(c) AS color,
       CASE WHEN fate < 70 THEN materials(t1 % {len(words.MATERIALS)}) END AS material,
       CASE WHEN is_variant THEN '{{{{"color":"' || colors_en(c) || '"}}}}' END AS options,
       '{{{{"型号":"M' || p || '","材质":"' || materials(t1 % {len(words.MATERIALS)}) || '","净重":"' || grams || ' g"}}}}' AS specs,
       'https://img.tradewind.example/' || product || '-' || c || '.webp' AS images,
       800 + 200 * (t % 4) AS image_width, 800 + 200 * (t % 4) AS image_height,
       CASE WHEN fate <> 6 THEN fen // 100 || '.' || lpad((fen % 100)::VARCHAR, 2, '0') END AS cost,
       'CNY' AS cost_currency,
       (fen * 18 // 1000) || '.90' AS home_price, 'CNY' AS home_price_currency,
       CASE WHEN fate NOT IN (7, 8) THEN grams END AS weight_g,
       CASE WHEN fate < 80 THEN side END AS length_mm, CASE WHEN fate < 80 THEN side * 3 // 4 END AS width_mm,
       CASE WHEN fate < 80 THEN side // 2 END AS height_mm,
       CASE WHEN fate < 90 THEN codes(k) || '9000' END AS hs_code,
       CASE WHEN fate <> 9 THEN 'CN' END AS origin,
       'new' AS condition, batteries(k) AS battery,
       CASE WHEN fate < 85 THEN '4.' || (t % 10) END AS rating, CASE WHEN fate < 85 THEN pick(p, 13, 4000) END AS rating_count,
       pick(p, 14, 20000) + is_changed::BIGINT AS sold_count
FROM priced
"""
_STOCK = f"""
SELECT sku, location_id, pick(i, 60 + place, 1000) * most // 1000 AS on_hand
FROM ({_NUMBERED}) AS numbered CROSS JOIN location
WHERE pick(i, 50 + place, 100) < percent
ORDER BY i, place
"""

if __name__ == "__main__":
    main()
