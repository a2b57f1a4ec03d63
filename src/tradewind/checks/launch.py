"""`tradewind launch check`: what must be in place before a market's listings may go to Google for the first time.

A first push is looked at by Google as a whole: a shop without policies, contact or a working checkout costs the account, not a listing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.robotparser import RobotFileParser

import httpx

from tradewind.checks.market import market_blockers, rate_findings
from tradewind.checks.parity import Fetch
from tradewind.db import duck
from tradewind.kit import TradewindError
from tradewind.listings.shipping import short_returns
from tradewind.listings.topology import Account, Feed
from tradewind.markets import Confirmations, load_market, load_seller
from tradewind.network import load_network
from tradewind.pipeline.published import PublishedFiles
from tradewind.settings import Settings

POLICIES = ("delivery", "returns", "contact")
PAGES_SAMPLED = 5
ROBOT = "Googlebot"
# An older one says little about the shop of today.
TEST_ORDER_DAYS = 90


class LaunchIsBlocked(TradewindError):
    """A first push was asked for, and something that it needs is missing."""

    code = "launch_blocked"
    http_status = 409


class State(StrEnum):
    """How a subject stands. Only `blocks` forbids the first push."""

    OK = "ok"
    BLOCKS = "blocks"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a launch needs, and what to do when it is missing."""

    name: str
    state: State
    message: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What Google has of the account: the steps that `google setup` would take, and its account-level issues. None: not asked."""

    steps: tuple[str, ...]
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Launch:
    """A market on its way to Google: where its listings go, and everything that the check looks at."""

    settings: Settings
    market: str
    account: Account
    feeds: tuple[Feed, ...]
    files: PublishedFiles | None
    confirmations: Confirmations
    day: date
    at_google: AccountState | None
    higher_regions: tuple[str, ...] = ()  # regional prices above the shop's own
    tested_at: datetime | None = None  # when the last order was placed that the market carried to its end


def check_launch(launch: Launch, fetch: Fetch) -> list[Subject]:
    """Every subject in its order: rules, registrations, prices, pages, contact, shipping, account, test order. Raises nothing of ours."""
    examinations: Mapping[str, Callable[[], Iterator[Subject]]] = {
        "rules": lambda: _rules(launch),
        "listings": lambda: _listings(launch),
        "site": lambda: _site(launch),
        "pages": lambda: _pages(launch, fetch),
        "contact": lambda: _contact(launch),
        "shipping": lambda: _shipping(launch),
        "returns": lambda: _returns(launch),
        "regions": lambda: (
            _blocks("regions", one, "lower it in regions.toml: the checkout charges its own price there") for one in launch.higher_regions
        ),
        "account": lambda: _account(launch),
        "test order": lambda: _test_order(launch),
    }
    found: list[Subject] = []
    for name, examination in examinations.items():
        try:
            subjects = list(examination())
        except TradewindError as error:
            subjects = [_blocks(name, error.message, error.hint)]
        found += subjects or [Subject(name, State.OK, "in order")]
    return found


def blocked(subjects: list[Subject]) -> list[Subject]:
    """Those that forbid a first push."""
    return [one for one in subjects if one.state is State.BLOCKS]


def _rules(launch: Launch) -> Iterator[Subject]:
    found = [
        *market_blockers(launch.settings, launch.market, launch.day, launch.confirmations),
        *rate_findings(launch.settings, [launch.market], launch.day, launch.confirmations),
    ]
    for one in found:
        yield _blocks(f"rules: {one.code}", one.message, one.hint)


def _listings(launch: Launch) -> Iterator[Subject]:
    if launch.files is None:
        yield _blocks("listings", f'the market "{launch.market}" has nothing published', f"tradewind run --markets {launch.market}")
        return
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE verdict <> 'disapproved') AS good, count(*) FILTER (WHERE verdict = 'disapproved') AS bad,"
            f" count(*) FILTER (WHERE coalesce(shipping, '') = '') AS free FROM {launch.files.listings.sql}"
        ).fetchone()
    good, bad, without_shipping = row or (0, 0, 0)
    if not good:
        yield _blocks("listings", f"none of {bad:,} listings may be sent", f"tradewind listings check --market {launch.market}")
    elif without_shipping:
        yield _blocks("listings", f"{without_shipping:,} listings say nothing of shipping", f"tradewind run --markets {launch.market}")
    else:
        yield Subject("listings", State.OK, f"{good:,} may be sent, {bad:,} stay here because Google would refuse them")


def _site(launch: Launch) -> Iterator[Subject]:
    if launch.settings.public_url != launch.account.site:
        message = f"pages and links start with {launch.settings.public_url}, the claimed site is {launch.account.site}"
        yield _blocks("site", message, "set TRADEWIND_PUBLIC_URL to the site of google.toml")


def _pages(launch: Launch, fetch: Fetch) -> Iterator[Subject]:
    paths = [f"/{launch.market}/", *(f"/{launch.market}/about/{one}" for one in POLICIES), *_product_paths(launch)]
    robots = RobotFileParser()
    try:
        status, text = fetch("/robots.txt")
        robots.parse(text.splitlines() if status == 200 else [])
        for path in paths:
            status, _ = fetch(path)
            if status != 200:
                yield _blocks("pages", f"{path} answers {status}", "start the shop, or publish the market again")
            elif not robots.can_fetch(ROBOT, f"{launch.account.site}{path}"):
                yield _blocks("pages", f"robots.txt keeps {ROBOT} from {path}", "allow it: Google reads every page that it shows")
    except httpx.HTTPError as error:
        yield _blocks("pages", f"the shop does not answer: {type(error).__name__}", "start it, or name its address with --url")


def _product_paths(launch: Launch) -> list[str]:
    if launch.files is None:
        return []
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        rows = connection.execute(
            f"SELECT offer_id FROM {launch.files.listings.sql} WHERE verdict <> 'disapproved'"
            f" ORDER BY hash(offer_id), offer_id LIMIT {PAGES_SAMPLED}"
        ).fetchall()
    return [f"/{launch.market}/p/{offer_id}" for (offer_id,) in rows]


def _contact(launch: Launch) -> Iterator[Subject]:
    settings, support = launch.settings, launch.account.support
    seller = load_seller(settings.rules_folder)
    missing = (
        (not settings.contact_email, "the contact page shows no e-mail address", "set TRADEWIND_CONTACT_EMAIL"),
        (not settings.seller_address, "the contact page shows no postal address", "set TRADEWIND_SELLER_ADDRESS"),
        (not (support.email or support.page or support.phone), "google.toml has no support contact", 'support = { email = "…" }'),
        (not seller.address, f"{seller.name} has no address in seller.toml", "docs/how-to/register-a-seller.md"),
    )
    for is_missing, message, next_step in missing:
        if is_missing:
            yield _blocks("contact", message, next_step)


def _shipping(launch: Launch) -> Iterator[Subject]:
    lanes = load_network(launch.settings.own_rules).lanes_to(launch.market)
    if not lanes:
        yield _blocks("shipping", f"no lane reaches {launch.market}", "add a [[lane]] to network.toml")
        return
    cards = {lane.lane_id: lane.rate_card(launch.day) for lane in lanes}
    for lane_id, card in cards.items():
        if card is None:
            yield _blocks("shipping", f"the lane {lane_id} has no rate card on {launch.day}", "add a dated [[rate_card]] to network.toml")
        elif card.invented:
            yield _blocks(
                "shipping", f"the rate card {card.rate_card_id} of the lane {lane_id} is invented", "write your carrier's own card"
            )


def _returns(launch: Launch) -> Iterator[Subject]:
    market = load_market(launch.market, launch.settings.own_rules)
    for one in short_returns([market], launch.account.return_days, launch.day, launch.confirmations):
        yield _blocks("returns", one.message, f'google.toml: returns = [{{ countries = ["{market.country}"], days = …, page = "…" }}]')
    known = {one.label for one in launch.account.returns if market.country in one.countries}
    for label, count in _return_labels(launch).items():
        if label not in known:
            message = f'{count:,} listings name the return policy "{label}", which the account does not have in {market.country}'
            yield _blocks(
                "returns", message, f'google.toml: returns = [{{ label = "{label}", countries = ["{market.country}"], days = … }}]'
            )


def _return_labels(launch: Launch) -> Mapping[str, int]:
    if launch.files is None:
        return {}
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        rows = connection.execute(
            f"SELECT return_policy_label, count(*) FROM {launch.files.rendered} WHERE return_policy_label <> '' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return dict(rows)


def _account(launch: Launch) -> Iterator[Subject]:
    if launch.at_google is None:
        yield Subject("account", State.UNKNOWN, "Google was not asked", "leave out --offline")
        return
    for step in launch.at_google.steps:
        yield _blocks("account", step, "tradewind google setup")
    for issue in launch.at_google.issues:
        yield _blocks("account", issue, "settle it in Merchant Center")


def _test_order(launch: Launch) -> Iterator[Subject]:
    if launch.tested_at is None:
        message = f"no order in {launch.market} was ever carried to its end: paid, and delivered or refunded"
        yield _blocks("test order", message, "order, pay, ship, then: tradewind order deliver NUMBER, or refund it")
    elif launch.day - launch.tested_at.date() > timedelta(days=TEST_ORDER_DAYS):
        message = f"the last order in {launch.market} that was carried to its end is of {launch.tested_at:%Y-%m-%d}, older than {TEST_ORDER_DAYS} days"
        yield _blocks("test order", message, "order, pay, ship, then: tradewind order deliver NUMBER, or refund it")


def _blocks(name: str, message: str, next_step: str) -> Subject:
    return Subject(name, State.BLOCKS, message, next_step)
