"""One shard of a run: a pure function of its spec that leaves one finished folder, or nothing.

The decisions about every market come first, on narrow tables; then the texts of what was chosen are read once and rendered for
each market. All of the work is DuckDB statements of the rooms, in the order of docs/reference/batch-contract.md.
"""

import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Collection
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb

from tradewind import allocation, assortment, content, listings, offers, pricing
from tradewind.db import duck
from tradewind.kit import Currency
from tradewind.listings import ATTRIBUTES
from tradewind.pipeline import incremental
from tradewind.pipeline.errors import ShardFailed
from tradewind.pipeline.model import MarketPlan, ShardMarketResult, ShardResult, ShardSpec

RESULT_FILE: Final = "result.json"
_SQL = resources.files("tradewind.pipeline")
_INPUTS, _FACTS, _PRICE_INPUT, _SEAL, _DIFF = (
    _SQL.joinpath(f"{name}.sql").read_text("utf-8") for name in ("inputs", "facts", "price_input", "seal", "diff")
)
_EMPTY_PUBLICATION = "SELECT NULL::VARCHAR AS offer_id, NULL::VARCHAR AS content_hash WHERE false"
_MISPLACED = (
    "SELECT 1 FROM (SELECT o.offer_id AS a, l.offer_id AS b, lag(o.offer_id) OVER () AS previous"
    " FROM offers AS o POSITIONAL JOIN listings AS l) WHERE a IS DISTINCT FROM b OR previous >= a"
)


class FeedFragments(Protocol):
    """What writes a channel's feed fragments; adapters/feeds keeps the promise."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The fragments' file names."""

    def write(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Write the fragments of the temp table `listings` into `folder`, sorted by id."""

    def merge(self, earlier: Path, fresh: Path, replaced: Collection[str], target: Path) -> None:
        """Write to `target` the earlier fragments without the ids in `replaced`, together with the fresh ones."""


def run_shard(spec: ShardSpec, feeds: FeedFragments) -> ShardResult:
    """Do contract steps 1 to 8 for every market of one shard; the folder `spec.target` appears when all of it is written."""
    finished = read_result(spec.target)
    if finished is not None:
        return finished
    started = time.perf_counter()
    scratch = _scratch_folder(spec.target)
    try:
        with duck.connect(
            threads=spec.threads, memory_limit_mb=spec.memory_limit_mb, temp_folder=scratch / "spill", preserve_insertion_order=True
        ) as connection:
            markets = _Shard(spec, feeds, connection, scratch).run()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        result = ShardResult(spec.shard, round(time.perf_counter() - started, 3), peak, markets)
        shutil.rmtree(scratch / "spill", ignore_errors=True)
        _finish(scratch, spec.target, result)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return result


def read_result(folder: Path) -> ShardResult | None:
    """The result of a finished shard folder; None when it is not finished."""
    path = folder / RESULT_FILE
    if not path.is_file():
        return None
    values = json.loads(path.read_text("utf-8"))
    return ShardResult(**values | {"markets": tuple(ShardMarketResult(**market) for market in values["markets"])})


def _scratch_folder(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    # What a killed attempt left behind is of no use to anyone.
    for stale in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))


def _finish(scratch: Path, target: Path, result: ShardResult) -> None:
    with (scratch / RESULT_FILE).open("w", encoding="utf-8") as file:
        json.dump(asdict(result), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    scratch.rename(target)


class _Shard:
    """The state of one shard's work: its connection, and where the results gather."""

    def __init__(self, spec: ShardSpec, feeds: FeedFragments, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self.spec, self.feeds, self.db, self.scratch = spec, feeds, connection, scratch

    def run(self) -> tuple[ShardMarketResult, ...]:
        offers.load_macros(self.db)
        self._read_inputs()
        for number, plan in enumerate(self.spec.plans):
            self._decide(number, plan)
        self._read_texts()
        return tuple(self._render(number, plan) for number, plan in enumerate(self.spec.plans))

    def _read_inputs(self) -> None:
        stock, inputs = _INPUTS.split(";\n\n")
        self.db.execute(stock, [str(self.spec.stock)])
        self.db.execute(inputs, [str(self.spec.products)])
        for number, plan in enumerate(self.spec.plans):
            incremental.find_changes(self.db, number, self.spec.reusable.get(plan.market))
        anew = " UNION ".join(f"SELECT * FROM anew_{number}" for number in range(len(self.spec.plans)))
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE needed AS {anew}")
        source, facts = _FACTS.split(";\n\n")
        self.db.execute(source, [str(self.spec.products)])
        self.db.execute(facts)

    def _decide(self, number: int, plan: MarketPlan) -> None:
        """Steps 1 to 5: who serves, what it costs, what is chosen."""
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM facts_all SEMI JOIN anew_{number} USING (sku)")
        if self._rows("facts_all") == self._rows(f"anew_{number}"):
            self.db.execute("CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM facts_all")
        self._load_words(plan)
        allocation.load(self.db, plan.lanes)
        allocation.serve(self.db)
        self.db.execute(_PRICE_INPUT)
        pricing.load(self.db, plan.price)
        pricing.price(self.db)
        offers.choose_texts(self.db)
        assortment.load(self.db, plan.policy)
        assortment.select(self.db)
        offers.keep_chosen(self.db)
        for table in ("selection", "chosen"):
            self.db.execute(f"ALTER TABLE {table} RENAME TO {table}_{number}")

    def _read_texts(self) -> None:
        chosen = " UNION ".join(f"SELECT sku, language, supplied FROM chosen_{number}" for number in range(len(self.spec.plans)))
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE wanted_text AS {chosen}")
        offers.load_texts(self.db)

    def _render(self, number: int, plan: MarketPlan) -> ShardMarketResult:
        """Steps 6 to 8: offers, listings and the difference, as files."""
        folder, earlier = self.scratch / plan.market, self.spec.reusable.get(plan.market)
        folder.mkdir()
        if earlier is not None and incremental.nothing_changed(self.db, number):
            incremental.link(earlier, folder, self.feeds.parts)
        else:
            self._make(number, plan)
            fresh = folder if earlier is None else self.scratch / "fresh"
            self._write(number, fresh)
            if earlier is not None:
                incremental.merge(self.db, f"replaced_{number}", earlier, fresh, folder)
                self.feeds.merge(earlier, fresh, incremental.replaced_ids(self.db, number), folder)
                shutil.rmtree(fresh)
        self._diff(folder, plan)
        return self._result(number, folder, plan)

    def _make(self, number: int, plan: MarketPlan) -> None:
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW chosen_now AS SELECT * FROM chosen_{number}")
        self._load_words(plan)
        offers.make_offers(self.db)
        digits = Currency(plan.currency).digits
        terms = listings.ChannelTerms(plan.market, plan.country, plan.currency, digits, plan.public_url, plan.languages)
        listings.load_terms(self.db, terms)
        listings.make_listings(self.db, listings.resolve(plan.country, plan.as_of))
        if self._rows(f"({_MISPLACED})"):
            raise ShardFailed(
                f"shard {self.spec.shard}, market {plan.market}: its rows are not in the order of their ids",
                hint="this is a fault in offers.sql or listings.sql: report it with the catalog that shows it",
            )

    def _load_words(self, plan: MarketPlan) -> None:
        content.load(self.db, plan.glossary)
        terms = offers.MarketTerms(
            plan.market, self.spec.run_id, plan.currency, plan.tax_included, plan.return_days, plan.public_url, plan.languages
        )
        offers.load_terms(self.db, terms)

    def _write(self, number: int, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        incremental.copy(self.db, f"SELECT * FROM selection_{number}", folder / "selection.parquet")
        incremental.copy(self.db, _SEAL, folder / "offers.parquet")
        incremental.copy(
            self.db, f"SELECT offer_id, {', '.join(ATTRIBUTES)}, verdict, issues, content_hash FROM listings", folder / "listings.parquet"
        )
        self.feeds.write(self.db, folder)

    def _diff(self, folder: Path, plan: MarketPlan) -> None:
        hashes = "SELECT offer_id, content_hash FROM read_parquet(?)"
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE current_offers AS {hashes}", [str(folder / "offers.parquet")])
        published = [str(place / "offers.parquet") for place in self.spec.published.get(plan.market, ())]
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE published_offers AS {hashes if published else _EMPTY_PUBLICATION}",
            [published] if published else None,
        )
        self.db.execute(_DIFF)
        incremental.copy(self.db, "SELECT * FROM diff", folder / "diff.parquet")

    def _result(self, number: int, folder: Path, plan: MarketPlan) -> ShardMarketResult:
        reasons = self._counts("primary_reason", folder / "selection.parquet")
        verdicts = self._counts("verdict", folder / "offers.parquet")
        changes = {str(name): int(count) for name, count in self.db.execute("SELECT change, count(*) FROM diff GROUP BY 1").fetchall()}
        chosen = reasons.pop("", 0)
        return ShardMarketResult(
            market=plan.market,
            considered=chosen + sum(reasons.values()),
            chosen=chosen,
            left_out=reasons,
            verdicts=verdicts,
            computed=self._rows(f"anew_{number}"),
            new=changes.get("new", 0),
            changed=changes.get("changed", 0),
            gone=changes.get("gone", 0),
            unchanged=self._rows("current_offers") - changes.get("new", 0) - changes.get("changed", 0),
        )

    def _counts(self, column: str, path: Path) -> dict[str, int]:
        rows = self.db.execute(f"SELECT coalesce({column}, ''), count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 1", [str(path)])
        return {str(name): int(count) for name, count in rows.fetchall()}

    def _rows(self, table: str) -> int:
        row: tuple[Any, ...] | None = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
