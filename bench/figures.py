"""The figures: what is run, and how each result is told beside its limit."""

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.limit import limit_of
from bench.listings_check import lines as listings_check_lines
from bench.listings_feeds import lines as listings_feeds_lines
from bench.measure import Measured, measured
from bench.plain import plain_way
from bench.tariff import lines as tariff_lines

TRADEWIND = [sys.executable, "-m", "tradewind"]
HELP_RUNS = 7
PLAIN_SAMPLE = 20_000


@dataclass(slots=True)
class Bench:
    """One bench's folder, size and markets, and the figures so far."""

    work: Path
    size: int
    markets: tuple[str, ...]
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.work / "home"

    def tradewind(self, *arguments: str) -> Measured:
        """A tradewind command in the bench's own workspace."""
        return measured([*TRADEWIND, *arguments], env={"TRADEWIND_HOME": str(self.home), "TRADEWIND_LOG_LEVEL": "WARNING"})

    def catalog(self, form: str, change: str = "") -> Path:
        """A generated catalog of the bench's size; the same arguments give the same file."""
        target = self.work / f"catalog{'-' + change if change else ''}.{form}"
        if not target.exists():
            options = {"": [], "uniform": ["--change", "1"], "one-shard": ["--change", "1", "--one-shard"]}[change]
            measured([sys.executable, "-m", "bench.generate", "--products", str(self.size), "--seed", "7", *options, str(target)])
        return target

    def note(self, name: str, value: float) -> float:
        self.figures[name] = round(value, 4)
        return value


def start(bench: Bench) -> Iterator[str]:
    """How fast the command line answers."""
    walls = [measured([*TRADEWIND, "--help"]).wall_seconds for _ in range(HELP_RUNS)]
    bare = [measured([sys.executable, "-c", "import typer"]).wall_seconds for _ in range(HELP_RUNS)]
    value = bench.note("help_seconds", statistics.median(walls))
    yield f"tradewind --help: {value:.3f} s (median of {HELP_RUNS}; importing Typer alone {statistics.median(bare):.3f} s; wanted < 0.300)"


def imports(bench: Bench) -> Iterator[str]:
    """Import with all normalizing, in rows a second."""
    for form, wanted in (("csv", 40_000), ("parquet", 60_000)):
        source = bench.catalog(form)
        cost = bench.tradewind("catalog", "import", str(source))
        rate = bench.note(f"import_{form}_rows_per_second", bench.size / cost.wall_seconds)
        yield (
            f"{form}: {rate:,.0f} rows/s ({bench.size:,} rows, {source.stat().st_size / 1e6:,.0f} MB in {cost.wall_seconds:.1f} s, "
            f"{cost.cpu_seconds:.1f} CPU-s, peak {cost.peak_mb:,} MB; wanted ≥ {wanted:,})"
        )


def run(bench: Bench) -> Iterator[str]:
    """A full run, its limit, then two runs after 1 % of the products changed."""
    bench.tradewind("catalog", "import", str(bench.catalog("parquet")))
    full = _run(bench)
    limit = limit_of(_latest_snapshot(bench.home), _latest_run(bench.home))
    ratio = bench.note("run_over_limit", full.wall_seconds / limit.seconds)
    bench.note("run_seconds", full.wall_seconds)
    bench.note("run_peak_mb", full.peak_mb)
    yield (
        f"full run: {bench.size:,} products × {len(bench.markets)} markets in {full.wall_seconds:.1f} s, {full.cpu_seconds:.1f} CPU-s, "
        f"peak {full.peak_mb:,} MB (wanted ≤ 4,096)"
    )
    yield (
        f"limit: reading {limit.read_seconds:.1f} s + writing {limit.write_seconds:.1f} s = {limit.seconds:.1f} s, "
        f"{limit.output_bytes / 1e6:,.0f} MB written; run / limit = {ratio:.2f} (wanted ≤ 2.5, aim 1.6), "
        f"in CPU time {bench.note('run_over_limit_cpu', full.cpu_seconds / limit.cpu_seconds):.2f} ({limit.cpu_seconds:.1f} CPU-s)"
    )
    for change, wanted in (("one-shard", "≤ 10 %"), ("uniform", "≤ 40 %, aim 25 %")):
        if change == "uniform":  # from the same state as the change before, else what that changed would be changed back too
            bench.tradewind("catalog", "import", str(bench.catalog("parquet")))
            _run(bench)
        bench.tradewind("catalog", "import", str(bench.catalog("parquet", change)))
        again = _run(bench)
        share = bench.note(f"run_1_percent_{change.replace('-', '_')}", again.wall_seconds / full.wall_seconds)
        yield (
            f"1 % changed, {change}: {again.wall_seconds:.1f} s = {share:.0%} of the full run (wanted {wanted}), "
            f"{again.cpu_seconds:.1f} CPU-s = {again.cpu_seconds / full.cpu_seconds:.0%}"
        )


def plain(bench: Bench) -> Iterator[str]:
    """The csv-and-loop way of feed plug-ins on the same rows."""
    result = plain_way(bench.catalog("csv"), bench.work, min(bench.size, PLAIN_SAMPLE))
    rate = result.products * 3 / result.seconds
    yield f"csv-and-loop: {rate:,.0f} products × markets/s on one core, without tariffs, lanes, quality, diff or resume"
    if "run_seconds" in bench.figures:
        ours = bench.size * len(bench.markets) / bench.figures["run_seconds"]
        yield f"tradewind run: {ours:,.0f} products × markets/s on {os.cpu_count()} cores, with all of them ({ours / rate:.1f} times)"


def _run(bench: Bench) -> Measured:
    """A run of shards and feeds; publishing into PostgreSQL is measured apart."""
    return bench.tradewind("run", "--markets", ",".join(bench.markets), "--no-publish", "--json")


def publish(bench: Bench) -> Iterator[str]:
    """Loading the offers into PostgreSQL."""
    cost = bench.tradewind("run", "--markets", ",".join(bench.markets), "--by", "bench", "--json")
    offers = sum(market["offers"] for market in json.loads(cost.output[cost.output.index("{") :])["markets"])
    yield f"publishing: {offers:,} offers into PostgreSQL, {offers / cost.wall_seconds:,.0f} rows/s with the run around it ({cost.wall_seconds:.1f} s)"


def quotes(_bench: Bench) -> Iterator[str]:
    """The time of a quote at the checkout."""
    from bench.quote import report

    yield from report()


def _latest_snapshot(home: Path) -> Path:
    return home / "catalog" / "snapshots" / (home / "catalog" / "latest").read_text().strip()


def _latest_run(home: Path) -> Path:
    return max((home / "runs").iterdir(), key=lambda folder: folder.name)


def tariff(bench: Bench) -> Iterator[str]:
    """Every market and the American tariff: cold, cached, and what its layers cost a price."""
    for line, figures in tariff_lines():
        for name, value in figures.items():
            bench.note(name, value)
        yield line


def listings(bench: Bench) -> Iterator[str]:
    """Judging listings by every rule and writing them as feeds, at the bench's size."""
    for lines in (listings_check_lines, listings_feeds_lines):
        for line, figures in lines(bench.size, sys.executable):
            for name, value in figures.items():
                bench.note(name, value)
            yield line


def freshness(bench: Bench) -> Iterator[str]:
    """Stock changes at a steady rate, to the row that pages read."""
    from bench.freshness import report

    for line, figures in report():
        for name, value in figures.items():
            bench.note(name, value)
        yield line


def search(bench: Bench) -> Iterator[str]:
    """Search with facets among the bench's size of offers, a tenth of the questions misspelt, beside PostgreSQL's own ways."""
    from bench.search import report

    yield from _noted(bench, report(bench.size))


def checkout(bench: Bench) -> Iterator[str]:
    """A purchase in three requests, beside a bare skeleton and the database alone."""
    from bench.checkout import report

    yield from _noted(bench, report())


def ucp(bench: Bench) -> Iterator[str]:
    """A purchase over the Universal Commerce Protocol: four signed requests to real windows."""
    from bench.ucp import report

    yield from _noted(bench, report())


def pages(bench: Bench) -> Iterator[str]:
    """Product pages among as many offers as the bench has products, from one node and from two."""
    from bench.pages import report

    yield from _noted(bench, report(bench.size))


def oversell(bench: Bench) -> Iterator[str]:
    """Two thousand buyers for fifty units, over two processes that are killed ten times."""
    from bench.checkout_race import report

    yield from _noted(bench, report())


def google_plan(bench: Bench) -> Iterator[str]:
    """A full plan of what Google must hear, with 1 % of the listings changed."""
    from bench.google_sync import plan_lines

    yield from _noted(bench, plan_lines(bench.size, bench.size // 100))


def google_push(bench: Bench) -> Iterator[str]:
    """A tenth of the listings, changed and pushed to the emulator."""
    from bench.google_sync import push_lines

    yield from _noted(bench, push_lines(bench.size, bench.size // 10))


def rollback(bench: Bench) -> Iterator[str]:
    """A market of which every offer differs shows its earlier run again."""
    from bench.rollback import lines

    yield from _noted(bench, lines(bench.size, bench.size))


def _noted(bench: Bench, lines: Iterator[tuple[str, dict[str, float]]]) -> Iterator[str]:
    for line, figures in lines:
        for name, value in figures.items():
            bench.note(name, value)
        yield line


FIGURES: dict[str, Callable[[Bench], Iterator[str]]] = {
    "start": start,
    "import": imports,
    "run": run,
    "plain": plain,
    "publish": publish,
    "tariff": tariff,
    "quote": quotes,
    "freshness": freshness,
    "listings": listings,
    "search": search,
    "checkout": checkout,
    "ucp": ucp,
    "pages": pages,
    "oversell": oversell,
    "google-plan": google_plan,
    "google-push": google_push,
    "rollback": rollback,
}
