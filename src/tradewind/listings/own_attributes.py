"""The retailer's own attributes by rule: listing-attributes.toml in the market folder, checked before anything is rendered by it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from tradewind.catalog import categories
from tradewind.kit import Currency, InputIsInvalid, Money
from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.specification import specification

_DATA = resources.files("tradewind.listings").joinpath("data/attributes.toml")
OWN_ATTRIBUTES: Final = "listing-attributes.toml"
# Attributes that a rule may set; of the second kind several rules add up.
SETTABLE: Final = (
    "shipping_label", "return_policy_label", "custom_label_2", "custom_label_3", "custom_label_4", "adult", "size_system",
    "multipack", "is_bundle", "unit_pricing_base_measure", "consumer_notice", "native_commerce",
)  # fmt: skip
LISTED: Final = ("excluded_destination", "shopping_ads_excluded_country", "promotion_id", "size_type")
_LISTS: Final = ("markets", "categories", "brands", "skus", "conditions", "text_from", "ships_from")
_NUMBERS: Final = ("margin_percent_at_least", "margin_percent_below")
_AMOUNTS: Final = ("price_at_least", "price_below")
_DAYS: Final = ("valid_from", "valid_to")
_FIELDS: Final = frozenset(("attribute", "value", *_LISTS, *_NUMBERS, *_AMOUNTS, *_DAYS))
_TABLES: Final = frozenset(("set", "names", "shipping", "checkout"))
_CHECKOUT_FIELDS: Final = frozenset(("notices_reviewed_by", "notices_reviewed_on", "merchant_item_id"))
_SKU: Final = "sku"
_ITEM_LEVEL, ACCOUNT_LEVEL = "item", "account"
_GUIDE = "see docs/how-to/set-listing-attributes.md"


@dataclass(frozen=True, slots=True)
class SetRule:
    """One rule: an attribute's value for the offers that meet every condition; an empty condition holds for all."""

    attribute: str
    value: str
    markets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    text_from: tuple[str, ...] = ()
    ships_from: tuple[str, ...] = ()
    price_at_least: Money | None = None
    price_below: Money | None = None
    margin_percent_at_least: int | None = None
    margin_percent_below: int | None = None
    valid_from: date = date.min
    valid_to: date = date.max

    def counts(self, market: str, currency: str, day: date) -> bool:
        """Whether it says anything in this market on this day: an amount counts only in its own currency."""
        amounts = [amount for amount in (self.price_at_least, self.price_below) if amount is not None]
        here = not self.markets or market in self.markets
        return here and self.valid_from <= day <= self.valid_to and all(amount.currency.code == currency for amount in amounts)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who looked at which goods need a warning before Google's checkout sells them, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class OwnAttributes:
    """Everything that listing-attributes.toml says."""

    rules: tuple[SetRule, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account_shipping: frozenset[str] = frozenset()
    reviewed: Reviewed | None = None
    item_id_is_sku: bool = False


def own_attributes(folder: Path | None) -> OwnAttributes:
    """What `folder`/listing-attributes.toml says (nothing without the file); RuleIsInvalid names the rule, the field and what it may hold."""
    path = folder / OWN_ATTRIBUTES if folder is not None else None
    if path is None or not path.is_file():
        return OwnAttributes()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleIsInvalid(f"{path} cannot be read: {error}", hint=f"write it as TOML in UTF-8; {_GUIDE}") from None
    for what in _wrong_tables(data):
        raise RuleIsInvalid(f"{path}: {what}", hint=_GUIDE)
    return OwnAttributes(
        rules=tuple(_rule(path, number, row) for number, row in enumerate(data.get("set", ()), start=1)),
        names={name: tuple(words) for name, words in data.get("names", {}).items()},
        account_shipping=frozenset(market for market, level in data.get("shipping", {}).items() if level == ACCOUNT_LEVEL),
        reviewed=_reviewed(data.get("checkout")),
        item_id_is_sku=data.get("checkout", {}).get("merchant_item_id") == _SKU,
    )


def _wrong_tables(data: Mapping[str, Any]) -> Iterator[str]:
    for strange in sorted(set(data) - _TABLES):
        yield f"the table {strange} is not known; it may have {', '.join(sorted(_TABLES))}"
    rows, names, shipping, checkout = (
        data.get(name, empty) for name, empty in (("set", []), ("names", {}), ("shipping", {}), ("checkout", {}))
    )
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield "write rules as tables [[set]]"
    if not isinstance(names, dict) or not all(isinstance(words, list) for words in names.values()):
        yield "write names as lists of texts below [names]"
    elif strangers := sorted(set(names) - set(shipped()["names"])):
        yield f"no entry of a specification can say {strangers[0]}; it may be {', '.join(sorted(shipped()['names']))}"
    if not isinstance(shipping, dict) or set(shipping.values()) - {_ITEM_LEVEL, ACCOUNT_LEVEL}:
        yield f'shipping of a market is "{_ITEM_LEVEL}" or "{ACCOUNT_LEVEL}"'
    if not isinstance(checkout, dict) or set(checkout) - _CHECKOUT_FIELDS or checkout.get("merchant_item_id", _SKU) != _SKU:
        yield f'[checkout] has notices_reviewed_by, notices_reviewed_on and may have merchant_item_id = "{_SKU}"'
    elif checkout and (not str(checkout.get("notices_reviewed_by", "")).strip() or type(checkout.get("notices_reviewed_on")) is not date):
        yield "[checkout] needs the name of a person in notices_reviewed_by and a day, without quotation marks, in notices_reviewed_on"


@cache
def shipped() -> Mapping[str, Any]:
    """What data/attributes.toml says."""
    data: Mapping[str, Any] = tomllib.loads(_DATA.read_text("utf-8"))
    return data


def _reviewed(row: Mapping[str, Any] | None) -> Reviewed | None:
    return Reviewed(row["notices_reviewed_by"].strip(), row["notices_reviewed_on"]) if row else None


def _rule(path: Path, number: int, row: Mapping[str, Any]) -> SetRule:
    for what, hint in _wrong(row):
        raise RuleIsInvalid(f"{path}, rule {number} ({row.get('attribute', 'no attribute')}): {what}", hint=hint)
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    fields |= {name: _money(row[name]) for name in _AMOUNTS if name in row}
    return SetRule(**fields)


def _wrong(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for strange in sorted(set(row) - _FIELDS):
        yield f"the field {strange} is not known", f"it may have {', '.join(sorted(_FIELDS))}"
    if row.get("attribute") not in (*SETTABLE, *LISTED):
        yield "no rule can set this attribute", f"it may be {', '.join((*SETTABLE, *LISTED))}"
        return
    yield from _wrong_value(str(row["attribute"]), row.get("value"))
    yield from _wrong_lists(row)
    for name, is_right, needed in _SINGLE:
        if name in row and not is_right(row[name]):
            yield f"{name} is {row[name]!r}", needed.format(name=name)


def _wrong_lists(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _LISTS:
        if name in row and (not isinstance(row[name], list) or not all(isinstance(item, str) and item for item in row[name])):
            yield f"{name} is {row[name]!r}", "give a list of texts"
    for slug in row.get("categories", ()):
        if slug not in categories():
            yield f"the category {slug} is not known", "the slugs stand in docs/reference/mapping.md"


def _wrong_value(attribute: str, value: object) -> Iterator[tuple[str, str]]:
    known = specification().attributes[attribute]
    if not isinstance(value, str) or not value.strip() or any(ord(char) < ord(" ") for char in value):
        yield f"its value is {value!r}", "give a text on one line"
    elif known.limit and len(value) > known.limit:
        yield f"its value has {len(value)} characters", f"{attribute} has at most {known.limit}"
    elif known.regular and not re.search(known.regular, value):
        yield f"its value is {value!r}", f"write it {known.spelled}"
    elif attribute == "native_commerce" and value.lower() not in {"no", "false"}:
        yield f"its value is {value!r}", "a rule can only keep products out: no; the others take part when they may"


def _money(text: object) -> Money | None:
    amount, _, code = str(text).partition(" ")
    try:
        return Money.parse(amount, Currency(code))
    except (InputIsInvalid, ValueError):
        return None


def _is_percent(value: object) -> bool:
    return type(value) is int and 0 <= value <= 100


def _is_day(value: object) -> bool:
    return type(value) is date


# Fields with one value: whether it is right, and what is needed.
_SINGLE: Final = (
    *((name, _is_percent, "give a whole number of percent") for name in _NUMBERS),
    *((name, lambda value: _money(value) is not None, 'write an amount with its currency, such as "50.00 USD"') for name in _AMOUNTS),
    *((name, _is_day, "write {name} = 2027-01-31, without quotation marks") for name in _DAYS),
)
