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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb

from tradewind import allocation, assortment, content, listings, offers, pricing
from tradewind.db import duck
from tradewind.kit import Currency
from tradewind.pipeline import incremental
from tradewind.pipeline.model import MarketPlan, ShardMarketResult, ShardResult, ShardSpec

RESULT_FILE: Final = "result.json"
REFUSED_KEPT = 1_000
"""Set prices of a shard whose refusal is told; tradewind price check has them all."""
_SQL = resources.files("tradewind.pipeline")
_INPUTS, _FACTS, _PRICE_INPUT, _SEAL, _DIFF = (
    _SQL.joinpath(f"{name}.sql").read_text("utf-8") for name in ("inputs", "facts", "price_input", "seal", "diff")
)
_EMPTY_PUBLICATION = "SELECT NULL::VARCHAR AS offer_id, NULL::VARCHAR AS content_hash WHERE false"
_MISPLACED = "SELECT 1 FROM (SELECT offer_id, lag(offer_id) OVER () AS previous FROM {table}) WHERE previous >= offer_id"


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
    markets = tuple(
        ShardMarketResult(**market | {"refused_prices": tuple((sku, why) for sku, why in market.get("refused_prices", ()))})
        for market in values["markets"]
    )
    return ShardResult(**values | {"markets": markets})


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
        codes = sorted({code for plan in spec.plans for code in plan.languages})
        self.languages = {code: number for number, code in enumerate(codes)}
        self.refused: dict[str, tuple[tuple[str, str], ...]] = {}

    def run(self) -> tuple[ShardMarketResult, ...]:
        offers.load_macros(self.db)
        content.load(self.db, *(plan.glossary for plan in self.spec.plans))
        with self._in_order():
            self._read_inputs()
        for number, plan in enumerate(self.spec.plans):
            self._decide(number, plan)
        with self._in_order():
            self._make_sheet()
        return tuple(self._render(number, plan) for number, plan in enumerate(self.spec.plans))

    @contextmanager
    def _in_order(self) -> Iterator[None]:
        # Left to itself the optimizer turns joins around, and the order of the left side's rows would be lost.
        self.db.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
        yield
        self.db.execute("RESET disabled_optimizers")

    def _read_inputs(self) -> None:
        stock, inputs = _INPUTS.split(";\n\n")
        taken = [(sku, market) for market, skus in self.spec.withdrawn.items() for sku in skus]
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE withdrawn AS SELECT unnest(?::VARCHAR[]) AS sku, unnest(?::VARCHAR[]) AS market",
            [[sku for sku, _ in taken], [market for _, market in taken]],
        )
        pricing.load_past(self.db, self.spec.prices, self._pinned_on())
        self.db.execute(stock, [str(self.spec.stock)])
        self.db.execute(inputs, [str(self.spec.products)])
        for number, plan in enumerate(self.spec.plans):
            incremental.find_changes(self.db, number, self.spec.reusable.get(plan.market))
        anew = " UNION ".join(f"SELECT * FROM anew_{number}" for number in range(len(self.spec.plans)))
        whole = any(plan.market not in self.spec.reusable for plan in self.spec.plans)
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW needed AS {'SELECT * FROM inputs' if whole else anew}")
        source, facts = _FACTS.split(";\n\n")
        self.db.execute(source, [str(self.spec.products)])
        self._sort("source")
        self.db.execute(facts)

    def _pinned_on(self) -> date:
        return self.spec.pinned_at.date() if self.spec.pinned_at is not None else date.min

    def _sort(self, table: str) -> None:
        """Nearly always the rows are in the order of offer_id already; now and then a join hands one on late."""
        if self._rows(f"({_MISPLACED.format(table=table)})"):
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {table} ORDER BY offer_id")

    def _decide(self, number: int, plan: MarketPlan) -> None:
        """Steps 1 to 5: who serves, what it costs, what is chosen."""
        some = " SEMI JOIN anew_{number} USING (sku)" if plan.market in self.spec.reusable else ""
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM facts_all{some.format(number=number)}")
        offers.load_terms(self.db, self._terms(plan))
        allocation.load(self.db, plan.lanes)
        allocation.serve(self.db)
        self.db.execute(_PRICE_INPUT)
        pricing.load(self.db, plan.price)
        pricing.price(self.db)
        self.refused[plan.market] = self._refused(number, plan)
        offers.choose_texts(self.db)
        assortment.load(self.db, plan.policy, self.spec.withdrawn.get(plan.market, ()))
        assortment.select(self.db)
        self.db.execute(f"ALTER TABLE selection RENAME TO selection_{number}")

    def _refused(self, number: int, plan: MarketPlan) -> tuple[tuple[str, str], ...]:
        """Puts the set prices in; those refused, and what an earlier run refused of rows that are not judged anew."""
        found = [(one.sku, one.message) for one in pricing.override(self.db, plan.price, plan.set_prices, plan.as_of, self.spec.pinned_at)]
        earlier = self.spec.reusable.get(plan.market)
        result = read_result(earlier.parent) if earlier is not None and plan.set_prices else None
        if result is not None:
            judged = {str(sku) for (sku,) in self.db.execute(f"SELECT sku FROM anew_{number}").fetchall()}
            before = next((part.refused_prices for part in result.markets if part.market == plan.market), ())
            found += [one for one in before if one[0] not in judged]
        return tuple(found[:REFUSED_KEPT])

    def _terms(self, plan: MarketPlan) -> offers.MarketTerms:
        return offers.MarketTerms(plan.market, self.spec.run_id, plan.currency, plan.tax_included, plan.return_days, plan.languages)

    def _make_sheet(self) -> None:
        offers.load_words(self.db, self.languages)
        part = listings.sheet_part(self.db, self.languages)
        selections = [f"selection_{number}" for number in range(len(self.spec.plans))]
        # One setting, so the same in every plan.
        offers.make_sheet(self.db, self.languages, self.spec.plans[0].public_url, selections, part)
        self._sort("sheet")

    def _render(self, number: int, plan: MarketPlan) -> ShardMarketResult:
        """Steps 6 to 8: offers, listings and the difference, as files."""
        folder, earlier = self.scratch / plan.market, self.spec.reusable.get(plan.market)
        folder.mkdir()
        if earlier is not None and incremental.nothing_changed(self.db, number):
            incremental.link(earlier, folder, self.feeds.parts)
        else:
            fresh = folder if earlier is None else self.scratch / "fresh"
            self._write(number, plan, fresh)
            if earlier is not None:
                incremental.merge(self.db, f"replaced_{number}", earlier, fresh, folder)
                self.feeds.merge(earlier, fresh, incremental.replaced_ids(self.db, number), folder)
                shutil.rmtree(fresh)
        self._diff(folder, plan)
        return self._result(number, folder, plan)

    def _write(self, number: int, plan: MarketPlan, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW selection_now AS FROM selection_{number}")
        offers.align_chosen(self.db)
        shown, rules = offers.shown_languages(self.db, self.languages), listings.resolve(plan.country, plan.as_of)
        offers.make_offers(self.db, self._terms(plan), shown)
        terms = listings.ChannelTerms(plan.market, plan.country, plan.currency, Currency(plan.currency).digits, plan.public_url)
        listings.make_listings(self.db, terms, shown)
        listings.judge(self.db, rules)
        incremental.copy(self.db, f"SELECT {', '.join(assortment.COLUMNS)} FROM selection_{number}", folder / "selection.parquet")
        incremental.copy(self.db, _SEAL, folder / "offers.parquet")
        incremental.copy(self.db, listings.file_sql(self.db, rules), folder / "listings.parquet")
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
            refused_prices=self.refused[plan.market],
        )

    def _counts(self, column: str, path: Path) -> dict[str, int]:
        rows = self.db.execute(f"SELECT coalesce({column}, ''), count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 1", [str(path)])
        return {str(name): int(count) for name, count in rows.fetchall()}

    def _rows(self, table: str) -> int:
        row: tuple[Any, ...] | None = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
