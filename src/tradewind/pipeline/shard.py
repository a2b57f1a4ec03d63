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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final

import duckdb

from tradewind import allocation, assortment, content, listings, offers, pricing
from tradewind.db import duck
from tradewind.kit import Currency
from tradewind.pipeline import incremental
from tradewind.pipeline.errors import ShardFailed
from tradewind.pipeline.model import MarketPlan, ShardMarketResult, ShardResult, ShardSpec
from tradewind.pipeline.ports import FeedFragments
from tradewind.pipeline.rows import Rows

RESULT_FILE: Final = "result.json"
REFUSED_KEPT = 1_000
"""Set prices of a shard whose refusal is told; tradewind price check has them all."""
_SQL = resources.files("tradewind.pipeline")
_INPUTS, _FACTS, _PRICE_INPUT, _SEAL, _DIFF = (
    _SQL.joinpath(f"{name}.sql").read_text("utf-8") for name in ("inputs", "facts", "price_input", "seal", "diff")
)
_MISPLACED = "SELECT 1 FROM (SELECT offer_id, lag(offer_id) OVER () AS previous FROM {table}) WHERE previous >= offer_id"


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
        self.refused: dict[str, tuple[tuple[str, str], ...]] = {}
        # Markets whose rows come from the same earlier run have the same changes: they are looked for once.
        self.sources = list(dict.fromkeys(self._source(plan) for plan in spec.plans))

    def _source(self, plan: MarketPlan) -> Path | None:
        """The shard folder of the earlier run whose rows the market may keep."""
        earlier = self.spec.reusable.get(plan.market)
        return earlier.parent if earlier is not None else None

    def _change(self, plan: MarketPlan) -> int:
        """The number that ends the names of the tables with what changed for the market."""
        return self.sources.index(self._source(plan))

    def run(self) -> tuple[ShardMarketResult, ...]:
        offers.load_macros(self.db)
        changed = self._read_inputs()
        judged = [plan for plan in self.spec.plans if changed[self._change(plan)]]
        if judged:
            self._judge(judged)
        results = {plan.market: self._render(number, plan) for number, plan in enumerate(judged)}
        return tuple(results.get(plan.market) or self._carry_over(plan) for plan in self.spec.plans)

    def _judge(self, plans: Sequence[MarketPlan]) -> None:
        """What the plans' markets decide, and the sheet of what they chose."""
        codes = sorted({code for plan in plans for code in plan.languages})
        self.languages = {code: number for number, code in enumerate(codes)}
        content.load(self.db, *(plan.glossary for plan in plans))
        with self._in_order():
            self._read_facts(plans)
        for number, plan in enumerate(plans):
            self._decide(number, plan)
        with self._in_order():
            self._make_sheet(plans)

    @contextmanager
    def _in_order(self) -> Iterator[None]:
        # Left to itself the optimizer turns joins around, and the order of the left side's rows would be lost.
        self.db.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
        yield
        self.db.execute("RESET disabled_optimizers")

    def _read_inputs(self) -> list[bool]:
        """Fingerprints every variant; for each source of earlier rows, whether anything differs from it."""
        stock, inputs = _INPUTS.split(";\n\n")
        taken = [(sku, market) for market, skus in self.spec.withdrawn.items() for sku in skus]
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE withdrawn AS SELECT unnest(?::VARCHAR[]) AS sku, unnest(?::VARCHAR[]) AS market",
            [[sku for sku, _ in taken], [market for _, market in taken]],
        )
        pricing.load_past(self.db, self.spec.prices, self._pinned_on())
        self.db.execute(stock, [str(self.spec.stock)])
        self.db.execute(inputs, [str(self.spec.products)])
        changed = [incremental.find_changes(self.db, number, earlier) for number, earlier in enumerate(self.sources)]
        kept = next((earlier for earlier, differs in zip(self.sources, changed, strict=True) if earlier and not differs), None)
        if kept:
            os.link(kept / incremental.INPUTS, self.scratch / incremental.INPUTS)
        else:
            incremental.copy(self.db, "FROM inputs", self.scratch / incremental.INPUTS)
        return changed

    def _read_facts(self, plans: Sequence[MarketPlan]) -> None:
        numbers = sorted({self._change(plan) for plan in plans})
        anew = " UNION ".join(f"SELECT sku FROM anew_{number}" for number in numbers)
        whole = any(self.sources[number] is None for number in numbers)
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW needed AS {'SELECT sku FROM inputs' if whole else anew}")
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
        some = f" SEMI JOIN anew_{self._change(plan)} USING (sku)" if plan.market in self.spec.reusable else ""
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM facts_all{some}")
        offers.load_terms(self.db, self._terms(plan))
        allocation.load(self.db, plan.lanes)
        allocation.serve(self.db)
        self.db.execute(_PRICE_INPUT)
        pricing.load(self.db, plan.price)
        pricing.price(self.db)
        self.refused[plan.market] = self._refused(plan)
        offers.choose_texts(self.db)
        assortment.load(self.db, plan.policy, self.spec.withdrawn.get(plan.market, ()))
        assortment.select(self.db)
        self.db.execute(f"ALTER TABLE selection RENAME TO selection_{number}")

    def _refused(self, plan: MarketPlan) -> tuple[tuple[str, str], ...]:
        """Puts the set prices in; those refused, and what an earlier run refused of rows that are not judged anew."""
        found = [(one.sku, one.message) for one in pricing.override(self.db, plan.price, plan.set_prices, plan.as_of, self.spec.pinned_at)]
        if plan.set_prices and plan.market in self.spec.reusable:
            judged = {str(sku) for (sku,) in self.db.execute(f"SELECT sku FROM anew_{self._change(plan)}").fetchall()}
            found += [one for one in self._before(plan).refused_prices if one[0] not in judged]
        return tuple(found[:REFUSED_KEPT])

    def _before(self, plan: MarketPlan) -> ShardMarketResult:
        """What the run whose rows are kept counted."""
        earlier = self.spec.reusable[plan.market].parent
        result = read_result(earlier)
        if result is None:
            raise ShardFailed(f"{earlier} is no finished shard", hint="compute everything anew: tradewind run --fresh")
        return next(part for part in result.markets if part.market == plan.market)

    def _terms(self, plan: MarketPlan) -> offers.MarketTerms:
        return offers.MarketTerms(plan.market, self.spec.run_id, plan.currency, plan.tax_included, plan.return_days, plan.languages)

    def _make_sheet(self, plans: Sequence[MarketPlan]) -> None:
        offers.load_words(self.db, self.languages)
        part = listings.sheet_part(self.db, self.languages, plans[0].attributes)
        selections = [f"selection_{number}" for number in range(len(plans))]
        # One setting, so the same in every plan.
        offers.make_sheet(self.db, self.languages, plans[0].public_url, selections, part)
        self._sort("sheet")

    def _render(self, number: int, plan: MarketPlan) -> ShardMarketResult:
        """Steps 6 to 8: offers, listings and the difference, as files."""
        folder, earlier = self.scratch / plan.market, self.spec.reusable.get(plan.market)
        folder.mkdir()
        fresh = folder if earlier is None else self.scratch / "fresh"
        self._write(number, plan, fresh)
        if earlier is not None:
            incremental.keep(self.db, incremental.Kept(earlier, f"replaced_{self._change(plan)}"), fresh, folder, self.feeds)
            shutil.rmtree(fresh)
        reasons, verdicts = self._counts("primary_reason", folder, "selection.parquet"), self._counts("verdict", folder, "offers.parquet")
        chosen = reasons.pop("", 0)
        new, changed, gone, unchanged = self._diff(folder, plan, sum(verdicts.values()))
        return ShardMarketResult(
            market=plan.market,
            considered=chosen + sum(reasons.values()),
            chosen=chosen,
            left_out=reasons,
            verdicts=verdicts,
            computed=self._rows(f"anew_{self._change(plan)}"),
            new=new,
            changed=changed,
            gone=gone,
            unchanged=unchanged,
            refused_prices=self.refused[plan.market],
        )

    def _carry_over(self, plan: MarketPlan) -> ShardMarketResult:
        """The market's files and counts of the earlier run, in which nothing changed."""
        folder, before = self.scratch / plan.market, self._before(plan)
        folder.mkdir()
        incremental.link(self.spec.reusable[plan.market], folder, self.feeds.parts)
        new, changed, gone, unchanged = self._diff(folder, plan, sum(before.verdicts.values()))
        return replace(before, computed=0, new=new, changed=changed, gone=gone, unchanged=unchanged)

    def _write(self, number: int, plan: MarketPlan, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW selection_now AS FROM selection_{number}")
        offers.align_chosen(self.db)
        shown, rules = offers.shown_languages(self.db, self.languages), listings.resolve(plan.country, plan.as_of)
        offers.make_offers(self.db, self._terms(plan), shown)
        terms = listings.ChannelTerms(plan.market, plan.country, plan.currency, Currency(plan.currency).digits, plan.public_url)
        decided = listings.make_listings(self.db, terms, shown, plan.attributes)
        listings.judge(self.db, rules, decided)
        incremental.copy(self.db, f"SELECT {', '.join(assortment.COLUMNS)} FROM selection_{number}", folder / "selection.parquet")
        incremental.copy(self.db, _SEAL, folder / "offers.parquet")
        incremental.copy(self.db, listings.file_sql(self.db, rules), folder / "listings.parquet")
        self.feeds.write(self.db, folder)

    def _diff(self, folder: Path, plan: MarketPlan, offers_count: int) -> tuple[int, int, int, int]:
        """What publishing would change, as a file when something is published; how many are new, changed, gone and unchanged."""
        published = Rows.of(self.spec.published.get(plan.market, ()), "offers.parquet")
        if not published:
            return offers_count, 0, 0, 0
        current = Rows.of([folder], "offers.parquet")
        for name, rows in (("current_offers", current.beside(published)), ("published_offers", published.beside(current))):
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT offer_id, content_hash FROM {rows}")
        self.db.execute(_DIFF)
        incremental.copy(self.db, "SELECT * FROM diff", folder / "diff.parquet")
        found = {str(name): int(count) for name, count in self.db.execute("SELECT change, count(*) FROM diff GROUP BY 1").fetchall()}
        new, changed, gone = (found.get(name, 0) for name in ("new", "changed", "gone"))
        return new, changed, gone, offers_count - new - changed

    def _counts(self, column: str, folder: Path, name: str) -> dict[str, int]:
        found = self.db.execute(f"SELECT coalesce({column}, ''), count(*) FROM {Rows.of([folder], name).sql} GROUP BY 1 ORDER BY 1")
        return {str(value): int(count) for value, count in found.fetchall()}

    def _rows(self, table: str) -> int:
        row: tuple[Any, ...] | None = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
