"""The retailer's accounts at Google as a file: google.toml says what should be, a plan says what differs from what is."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.kit import Currency, Money, TradewindError
from tradewind.listings.errors import TopologyIsInvalid
from tradewind.listings.sync import Target, Way

FILE = "google.toml"
_TOP = {"advanced_account", "account"}
_ACCOUNT = {"number", "name", "site", "support", "users", "returns", "automatic_item_updates", "feed"}
_SUPPORT = {"email", "page", "phone"}
_USER = {"email", "rights"}
_RETURNS = {
    "label", "countries", "days", "page", "shipping_fee", "restocking_fee", "restocking_percent", "used", "label_from", "refund_days",
}  # fmt: skip
_FEED = {"market", "language", "label", "countries", "primary"}
RIGHTS = ("standard", "read_only", "admin", "performance_reporting")
MAX_LABEL = 20
DEFAULT_LABEL = "default"
ACTUAL = "actual"
"""A return's shipping fee that is what the carrier asks."""
LABEL_SOURCES = ("", "print", "in_the_package", "buyer")
FULL_PERCENT = 100
PPM_OF_PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class Feed:
    """One language of one market: an API data source, or a file with an API source over it."""

    market: str
    language: str
    label: str
    countries: tuple[str, ...]
    primary: Way

    @property
    def source_name(self) -> str:
        """The display name by which its API data source is found again."""
        return f"tradewind {self.market} {self.language}"

    @property
    def file_source_name(self) -> str:
        return f"{self.source_name} file"


@dataclass(frozen=True, slots=True)
class User:
    """A person with access, by e-mail address."""

    email: str
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """A return policy: days after delivery, the page that says so, and what it costs.

    `shipping_fee` is None where sending back is free, ACTUAL where the buyer pays the carrier. `restocking_ppm` is of the price.
    A label other than "default" holds for the listings whose `return_policy_label` names it.
    """

    label: str
    countries: tuple[str, ...]
    days: int
    page: str
    shipping_fee: Money | str | None = None
    restocking_fee: Money | None = None
    restocking_ppm: int = 0
    used: bool = False
    label_from: str = ""
    refund_days: int | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """Where shoppers ask."""

    email: str = ""
    page: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A sub-account: one domain, its people, its promises, its feeds."""

    number: int
    name: str
    site: str
    support: Support = field(default_factory=Support)
    users: tuple[User, ...] = ()
    returns: tuple[ReturnTerms, ...] = ()
    automatic_item_updates: bool = True
    feeds: tuple[Feed, ...] = ()

    @property
    def resource(self) -> str:
        return f"accounts/{self.number}"

    @property
    def return_days(self) -> Mapping[str, int]:
        """The shortest time to send something back that any of the account's policies gives, by country."""
        found: dict[str, int] = {}
        for terms in self.returns:
            found |= {country: min(terms.days, found.get(country, terms.days)) for country in terms.countries}
        return found

    def target(self, feed: Feed, source: str) -> Target:
        """Where the feed's listings go, once its API data source is known."""
        return Target(feed.market, self.resource, feed.label, feed.language, source, feed.primary)


@dataclass(frozen=True, slots=True)
class Topology:
    """Every account of the retailer."""

    advanced_account: int
    accounts: tuple[Account, ...]

    def feeds_of(self, market: str) -> tuple[tuple[Account, Feed], ...]:
        """The feeds of a market with their accounts; TopologyIsInvalid when it has none."""
        found = tuple((account, feed) for account in self.accounts for feed in account.feeds if feed.market == market)
        if not found:
            known = ", ".join(sorted({feed.market for account in self.accounts for feed in account.feeds})) or "none"
            raise TopologyIsInvalid(
                f'{FILE} has no feed for the market "{market}"', hint=f"markets there: {known}; add an [[account.feed]]"
            )
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """One difference between what should be and what is. `what` is a kind that the adapter knows how to apply."""

    account: str
    what: str
    name: str
    now: str
    wanted: str


def load_topology(folder: Path) -> Topology:
    """The retailer's google.toml; TopologyIsInvalid says where to begin when there is none."""
    path = folder / FILE
    try:
        return parse_topology(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TopologyIsInvalid(f"there is no {FILE} in {folder}", hint="tradewind google connect says what to create") from None
    except UnicodeDecodeError:
        raise TopologyIsInvalid(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None


def parse_topology(text: str) -> Topology:
    """The accounts that a TOML text describes; TopologyIsInvalid names the key and its value."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopologyIsInvalid(f"{FILE}: {error}", hint="compare it with docs/how-to/go-live-on-google-shopping.md") from None
    _refuse_unknown("the file", table, _TOP)
    accounts = tuple(_account(row) for row in _rows(table, "account"))
    numbers = [str(account.number) for account in accounts]
    policies = [
        f"{one.label} in {country} of {account.number}" for account in accounts for one in account.returns for country in one.countries
    ]
    keys = [f"{feed.label}/{feed.language} of {account.number}" for account in accounts for feed in account.feeds]
    for what, found in (("account", numbers), ("feed (label and language)", keys), ("return policy", policies)):
        double = next((one for one in found if found.count(one) > 1), None)
        if double is not None:
            raise TopologyIsInvalid(f"{FILE}: the {what} {double} stands there twice", hint="keep one of them")
    return Topology(_number("advanced_account", table.get("advanced_account")), accounts)


def _account(row: Mapping[str, Any]) -> Account:
    _refuse_unknown("[[account]]", row, _ACCOUNT)
    number = _number("account.number", row.get("number"))
    site = str(row.get("site", ""))
    if not site.startswith("https://"):
        raise TopologyIsInvalid(f'{FILE}: account {number}: the site is "{site}"', hint="give the shop's address, starting with https://")
    support = row.get("support", {})
    _refuse_unknown("support", support, _SUPPORT)
    return Account(
        number=number,
        name=str(row.get("name", f"account {number}")),
        site=site.rstrip("/"),
        support=Support(**{key: str(value) for key, value in support.items()}),
        users=tuple(_user(number, user) for user in _rows(row, "users")),
        returns=tuple(_returns(number, terms) for terms in _rows(row, "returns")),
        automatic_item_updates=bool(row.get("automatic_item_updates", True)),
        feeds=tuple(_feed(number, feed) for feed in _rows(row, "feed")),
    )


def _user(number: int, row: Mapping[str, Any]) -> User:
    _refuse_unknown("users", row, _USER)
    rights = tuple(str(one) for one in row.get("rights", ("standard",)))
    wrong = next((one for one in rights if one not in RIGHTS), None)
    if wrong is not None or "@" not in str(row.get("email", "")):
        shown = wrong if wrong is not None else row.get("email")
        raise TopologyIsInvalid(
            f'{FILE}: account {number}: a user has "{shown}"', hint=f"an e-mail address, and rights of {', '.join(RIGHTS)}"
        )
    return User(str(row["email"]), rights)


def _returns(number: int, row: Mapping[str, Any]) -> ReturnTerms:
    _refuse_unknown("returns", row, _RETURNS)
    where = f"{FILE}: account {number}"
    days, refund_days, percent = row.get("days"), row.get("refund_days"), row.get("restocking_percent", 0)
    if not _is_count(days) or not row.get("countries"):
        raise TopologyIsInvalid(f"{where}: return terms need countries and days, not {days!r}", hint="days = 30")
    if not _is_count(percent) or percent > FULL_PERCENT or (percent and "restocking_fee" in row):
        hint = 'restocking_percent = 10, or restocking_fee = "5.00 USD", not both'
        raise TopologyIsInvalid(f"{where}: the restocking fee is {percent!r} percent of the price", hint=hint)
    if not (refund_days is None or _is_count(refund_days)):
        raise TopologyIsInvalid(f"{where}: refunds take {refund_days!r} days", hint="refund_days = 14")
    source = str(row.get("label_from", ""))
    if source not in LABEL_SOURCES:
        known = ", ".join(one for one in LABEL_SOURCES if one)
        raise TopologyIsInvalid(f'{where}: the return label comes from "{source}"', hint=f"label_from is one of {known}")
    fee = row.get("shipping_fee")
    return ReturnTerms(
        label=str(row.get("label", DEFAULT_LABEL)),
        countries=tuple(row["countries"]),
        days=int(row["days"]),
        page=str(row.get("page", "")),
        shipping_fee=ACTUAL if fee == ACTUAL else _fee(where, "shipping_fee", fee),
        restocking_fee=_fee(where, "restocking_fee", row.get("restocking_fee")),
        restocking_ppm=percent * PPM_OF_PERCENT,
        used=row.get("used") is True,
        label_from=source,
        refund_days=refund_days,
    )


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _fee(where: str, key: str, text: object) -> Money | None:
    """The amount of "4.99 USD"; None without one."""
    if text is None:
        return None
    try:
        amount, _, code = str(text).partition(" ")
        found = Money.parse(amount, Currency(code))
    except (TradewindError, ValueError):
        found = None
    if found is None or found.minor < 0:
        raise TopologyIsInvalid(
            f'{where}: {key} is "{text}"', hint=f'{key} = "4.99 USD"' + (f', or "{ACTUAL}"' if key == "shipping_fee" else "")
        )
    return found


def _feed(number: int, row: Mapping[str, Any]) -> Feed:
    _refuse_unknown("[[account.feed]]", row, _FEED)
    market, language = str(row.get("market", "")), str(row.get("language", ""))
    label = str(row.get("label", market.upper()))
    primary = str(row.get("primary", Way.API))
    if not market or len(language) != 2 or not 0 < len(label) <= MAX_LABEL or primary not in {Way.API, Way.FILE}:
        raise TopologyIsInvalid(
            f'{FILE}: account {number}: the feed "{market}" in "{language}" with label "{label}" and primary "{primary}" cannot be',
            hint=f'market = "us", language = "en", a label of at most {MAX_LABEL} characters, primary = "api" or "file"',
        )
    return Feed(market, language, label, tuple(row.get("countries", (market.upper(),))), Way(primary))


def _rows(table: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise TopologyIsInvalid(f"{FILE}: {key} must be a list of tables", hint=f"write [[{key}]]")
    return found


def _number(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise TopologyIsInvalid(f"{FILE}: {key} is {value!r}, not an account number", hint="the number that Merchant Center shows")
    return value


def _refuse_unknown(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise TopologyIsInvalid(f'{FILE}: {where} has the unknown key "{unknown[0]}"', hint=f"known: {', '.join(sorted(known))}")
