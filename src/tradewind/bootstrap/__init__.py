"""The only composition root: settings become adapters, adapters become services."""

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.bootstrap.google import open_accounts as open_accounts
from tradewind.bootstrap.google import open_google as open_google
from tradewind.bootstrap.google import open_merchant as open_merchant
from tradewind.bootstrap.google import push_due, push_urgent, reread
from tradewind.bootstrap.searching import follow_search
from tradewind.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from tradewind.adapters.feeds.targets import FeedTarget
    from tradewind.catalog import ImportOutcome
    from tradewind.db import Database
    from tradewind.kit import Clock
    from tradewind.pipeline import MarketPlan, Placement, Progress, Runs, ShardResult, ShardSpec
    from tradewind.pipeline.publishing import Checkpoint
    from tradewind.pipeline.service import Planner
    from tradewind.pricing import RateHistory, SteadyRates, TaxPort
    from tradewind.worker import FreshnessWork

FORGET_SECONDS = 600
# The value of feed_target that makes the feeds by language without copying them anywhere.
FEEDS_AT_THEIR_ADDRESSES = "web"
ATTEMPTS_KEPT = timedelta(days=1)


def import_catalog(
    settings: Settings,
    path: Path,
    mapping: Path | None = None,
    *,
    facts: Path | None = None,
    salvage: bool = False,
    step: "Callable[[str, int, int], None] | None" = None,
) -> "ImportOutcome":
    """Imports a catalog file into the workspace of `settings`; `step` hears (phase, done, total)."""
    from tradewind import catalog
    from tradewind.adapters.sources import stage

    request = catalog.ImportRequest(
        path=path,
        home=settings.home,
        mapping=mapping,
        facts=facts,
        salvage=salvage,
        shard_rows=settings.shard_rows,
        threads=settings.workers,
        memory_limit_mb=settings.memory_limit_mb,
    )
    return catalog.import_catalog(request, stage, step=step or catalog.no_steps)


def draft_mapping(
    settings: Settings,
    path: Path,
    *,
    language: str | None = None,
    currency: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> str:
    """A first draft of a mapping for the file, as TOML text; nothing stays in the workspace."""
    import tempfile

    from tradewind import catalog
    from tradewind.adapters.sources import probable_encoding, stage
    from tradewind.network import load_network

    found, shown_by = (encoding, "") if encoding else probable_encoding(path)
    with tempfile.TemporaryDirectory(prefix="tradewind-") as folder:
        options = catalog.ReadOptions(
            table="products", encoding=found, sheet=sheet, threads=settings.workers, memory_limit_mb=settings.memory_limit_mb
        )
        staged = stage(path, Path(folder), options, lambda _done, _total, _rows: None)
        said = found if staged.encoding and found != "utf-8" else None
        places = tuple(one.location_id for one in load_network(settings.own_rules).locations)
        reading = catalog.DraftReading(encoding=said, evidence=shown_by, sheet=sheet, places=places)
        return catalog.draft(staged, path.name, language=language, currency=currency, reading=reading)


def run_shard(spec: "ShardSpec") -> "ShardResult":
    """Computes one shard; stands at module level so that it can be sent to another process or machine."""
    from tradewind.adapters.feeds import GoogleFragments
    from tradewind.pipeline import run_shard as computed

    return computed(spec, GoogleFragments())


def placement(settings: Settings, on: str) -> "Placement":
    """Where shards are computed: "local" processes or a "ray" cluster."""
    from tradewind.adapters.placement import LocalPool
    from tradewind.kit import InputIsInvalid

    if on == "local":
        return LocalPool(settings.workers)
    if on != "ray":
        raise InputIsInvalid(f'there is no place "{on}" to run shards on', hint="use --on local or --on ray")
    try:
        from tradewind.adapters.placement.ray_pool import RayPool
    except ModuleNotFoundError:
        raise InputIsInvalid("Ray is not installed here", hint="pip install 'tradewind[ray]'") from None
    return RayPool()


def planner(settings: Settings) -> "Planner":
    """What resolves the markets' rules, with the exchange rates that this installation has; the rates of each plan are remembered."""
    from tradewind.adapters.fx import save_used
    from tradewind.pipeline.planning import plan_markets, rule_sources

    def plan(markets: "Sequence[str]", as_of: "date") -> "tuple[MarketPlan, ...]":
        rates = pricing_rates(settings)
        found = plan_markets(markets, as_of, rule_sources(settings.home, settings.own_rules, rates, settings.public_url))
        save_used(settings.home, rates.taken)
        return found

    return plan


def pricing_rates(settings: Settings) -> "SteadyRates":
    """The shop's rates as prices use them: one that was used stays until the newest has moved by more than the margins' threshold."""
    from tradewind.adapters.fx import load_used
    from tradewind.pricing import SteadyRates, load_margins

    threshold = load_margins(settings.own_rules).fx_threshold_ppm
    return SteadyRates(exchange_rates(settings), load_used(settings.home), threshold)


def exchange_rates(settings: Settings, kind: str = "shop") -> "RateHistory":
    """The rates of a kind (shop or customs): the retailer's own first, behind them the ECB's with its updates."""
    from tradewind.adapters.fx import EcbHistory, load_rates

    folder = settings.rules_folder
    return load_rates(folder, EcbHistory.load(folder), kind)


def reseal(settings: Settings, clock: "Clock") -> int:
    """Seals again what an older key sealed, in every room that keeps personal data, and gives the number of values."""
    from tradewind import accounts, books, checkout, orders, payments
    from tradewind.db import load_sealer, open_database
    from tradewind.ucp.key_store import reseal as keys_again

    sealer = load_sealer(settings, clock())
    with open_database(settings) as database, database.transaction(timeout_seconds=FORGET_SECONDS) as tx:
        rooms = (accounts.reseal, checkout.reseal, orders.reseal, payments.reseal, books.reseal, keys_again)
        return sum(again(tx, sealer) for again in rooms)


def tax_port(settings: Settings, clock: "Clock") -> "TaxPort":
    """What calculates U.S. sales tax in this installation, with the permits of its seller."""
    from tradewind.adapters.tax import RateFileTax, StripeTax
    from tradewind.markets import load_sales_tax, load_seller
    from tradewind.settings import secret

    seller = load_seller(settings.rules_folder)
    if settings.tax_provider == "rate_file":
        return RateFileTax(load_sales_tax(settings.rules_folder), seller, clock)
    key = secret(settings.stripe_api_key, settings.stripe_api_key_file, "stripe_api_key")
    return StripeTax(key, seller, clock, url=settings.stripe_api_url)


def assemble_feeds(settings: Settings) -> "Callable[[Sequence[Path], Path, str], None]":
    """What joins a market's fragments into its feeds."""
    from tradewind.adapters.feeds import assemble_market

    def assemble(shards: "Sequence[Path]", folder: Path, market: str) -> None:
        assemble_market(shards, folder, f"{settings.store_name} {market.upper()}", f"{settings.public_url}/{market}")

    return assemble


def feed_target(settings: Settings, text: str | None = None) -> "FeedTarget | None":
    """Where finished feeds are handed over: the setting's place, or the one that `text` names; None when that is nowhere."""
    named = text or settings.feed_target
    if not named or named == FEEDS_AT_THEIR_ADDRESSES:
        return None
    from tradewind.adapters.feeds.targets import SignIn, target_of
    from tradewind.settings import secret

    def sign_in() -> SignIn:
        password = None
        if settings.feed_sftp_key_file is None or settings.feed_sftp_password or settings.feed_sftp_password_file:
            password = secret(settings.feed_sftp_password, settings.feed_sftp_password_file, "feed_sftp_password").get_secret_value()
        return SignIn(password, settings.feed_sftp_key_file, settings.feed_sftp_known_hosts)

    return target_of(named, sign_in)


def publish_feeds(settings: Settings, database: "Database", market: str, *, to: str | None = None) -> "list[Path]":
    """Makes the feeds of each language of a published market and hands them over; every file that Google may fetch."""
    from tradewind.adapters.feeds.languages import FeedRequest, languages, write_feeds
    from tradewind.kit import system_clock
    from tradewind.markets import load_market
    from tradewind.offers import public_id, withdrawal
    from tradewind.pipeline.published import published_files, published_runs

    files = published_files(settings.home, published_runs(database), market)
    with database.transaction() as tx:
        gone = frozenset(public_id(sku) for sku in withdrawal.withdrawn_skus(tx, market))
    root, country = settings.home / "feeds", load_market(market, settings.own_rules).country
    made = [
        path
        for language in languages(files)
        for path in write_feeds(
            files, FeedRequest(language, country, root / market / language, settings.public_url, system_clock().date(), gone)
        )
    ]
    target = feed_target(settings, to)
    if target is not None:
        target.hand_over(made, root)
    return made


def feeds_follow(settings: Settings, database: "Database", say: "Callable[[str], None]") -> "Callable[[str], None]":
    """Makes the feeds by language anew after a publication when a place for them is set, and after a recall also where they were made by hand."""
    from tradewind.kit import TradewindError

    def follow(market: str) -> None:
        by_hand = any((settings.home / "feeds" / market).glob("*/products*"))
        if settings.feed_target is None and not by_hand:
            return
        try:
            made = publish_feeds(settings, database, market)
        except TradewindError as error:  # what is published stays so: the place for feeds may be away for an hour
            say(f"the feeds of {market} were not handed over: {error.message}; next: {error.hint}")
        else:
            say(f"feeds of {market}: {len(made)} files")

    return follow


@contextmanager
def open_runs(
    settings: Settings,
    *,
    on: str = "local",
    progress: "Progress | None" = None,
    say: "Callable[[str], None]" = print,
    checkpoint: "Checkpoint | None" = None,
) -> "Iterator[Runs]":
    """Everything that can be done with the runs of a workspace, with its database open."""
    from tradewind.adapters.feeds import leave_out
    from tradewind.db import open_database
    from tradewind.network import load_network
    from tradewind.pipeline import Runs, silent
    from tradewind.pipeline.live import terms_of
    from tradewind.pipeline.manifest import Workspace
    from tradewind.pipeline.publishing import Publisher, passing

    with open_database(settings) as database:
        yield Runs(
            settings=settings,
            publisher=Publisher(
                Workspace(settings.home.absolute()),
                database,
                threads=settings.workers,
                memory_limit_mb=settings.memory_limit_mb,
                checkpoint=checkpoint or passing,
                terms=terms_of(load_network(settings.own_rules)),
                follow=lambda market: follow_search(settings, database, market),
                say=say,
            ),
            planner=planner(settings),
            placement=placement(settings, on),
            shard_function=run_shard,
            assemble=assemble_feeds(settings),
            leave_out=leave_out,
            feeds_follow=feeds_follow(settings, database, say),
            progress=progress or silent,
            say=say,
        )


def freshness_work() -> "FreshnessWork":
    """What the worker does between runs."""
    from tradewind import accounts, orders
    from tradewind.kit import system_clock
    from tradewind.network import load_network
    from tradewind.offers import live as offers_live
    from tradewind.pipeline import live
    from tradewind.search import store as search_changes
    from tradewind.stock import prune_deltas
    from tradewind.ucp.key_store import prune as prune_keys
    from tradewind.worker import FreshnessWork

    def renew_feeds(settings: Settings, market: str) -> bool:
        with open_runs(settings) as runs:
            return runs.renew_feeds(market)

    def refresh_grown_old(settings: Settings, database: "Database") -> int:
        with database.transaction() as tx:
            return live.refresh_grown_old(tx, live.terms_of(load_network(settings.own_rules)), system_clock())

    def forget(database: "Database") -> int:
        now = system_clock()
        with database.transaction(timeout_seconds=FORGET_SECONDS) as tx:
            pruned = offers_live.prune(tx, now) + prune_deltas(tx, now) + accounts.prune(tx, now, ATTEMPTS_KEPT)
            pruned += prune_keys(tx, now) + orders.forget_old(tx, now)
            return pruned + search_changes.prune(tx, now)

    return FreshnessWork(push_urgent, renew_feeds, refresh_grown_old, forget, follow_search, reread, push_due)
