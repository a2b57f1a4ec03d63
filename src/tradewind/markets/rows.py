"""One rule, one excluded area, one zone: from a TOML table to a frozen value."""

import re
from collections.abc import Mapping
from typing import Any

from tradewind.markets.confidence import Confidence
from tradewind.markets.model import AreaKind, Per, Rule, RuleKind, Unserved, Zone
from tradewind.markets.values import Row

RULE_KEYS = {
    "id", "kind", "valid_from", "valid_to", "source", "confidence", "rate_ppm", "amount", "at_most", "counts", "days", "text",
    "fallback", "succeeded_by", "inclusive", "per", "above", "hs", "rates", "ships_from", "insurance_ppm", "registration",
    "shown_on",
}  # fmt: skip
NEEDED_KEYS: dict[RuleKind, tuple[str, ...]] = {
    RuleKind.TAX_STANDARD: ("rate_ppm",),
    RuleKind.TAX_REDUCED: ("rate_ppm", "hs", "text"),
    RuleKind.TAX_BASE: ("counts",),
    RuleKind.TAX_AT_SALE: ("at_most", "counts", "registration"),
    RuleKind.TAX_RELIEF: ("at_most", "counts"),
    RuleKind.EXTRA_TAX: ("rate_ppm", "text"),
    RuleKind.DUTY_BASE: ("counts",),
    RuleKind.DUTY_FLAT: ("amount", "at_most", "counts"),
    RuleKind.DUTY_RELIEF: ("at_most", "counts"),
    RuleKind.DUTY_SIMPLIFIED: ("at_most", "counts", "rate_ppm"),
    RuleKind.VALUE_FACTOR: ("rate_ppm",),
    RuleKind.PARCEL_FEE: ("amount",),
    RuleKind.LINE_FEE: ("amount",),
    RuleKind.IMPORT_FEE: ("rate_ppm",),
    RuleKind.RETURN_RIGHT: ("days",),
    RuleKind.NOTICE: ("text",),
    RuleKind.PAPER: ("text",),
}
COUNTED = frozenset({"goods", "freight", "insurance", "duty", "fee"})
PLACES = frozenset({"offer", "feed", "checkout", "parcel", "account"})
_AREA_KEYS = frozenset({"postcodes", "regions", "pattern", "kind", "reason", "source"})
_ZONE_KEYS = frozenset({"code", "name", "postcodes", "regions", "source"})
_MAX_DAYS = 400


def rule_of(table: Mapping[str, Any], file: str) -> Rule:
    """The rule of one [[rule]] table; MarketIsInvalid says what is wrong and what to write."""
    row = Row(table, f"{file}, rule {table.get('id', '?')}")
    row.refuse_unknown(RULE_KEYS)
    kind = row.choice("kind", RuleKind)
    row.needs(NEEDED_KEYS[kind], f"a rule of kind {kind.value} says it")
    rule = Rule(
        id=row.text("id"),
        kind=kind,
        valid_from=row.day("valid_from"),
        valid_to=row.optional_day("valid_to"),
        source=row.text("source"),
        confidence=row.choice("confidence", Confidence),
        rate_ppm=row.rate("rate_ppm") if "rate_ppm" in row else None,
        amount=row.money("amount") if "amount" in row else None,
        at_most=row.money("at_most") if "at_most" in row else None,
        counts=row.among("counts", COUNTED),
        days=row.whole("days", 0, _MAX_DAYS) if "days" in row else None,
        text=row.optional_text("text"),
        fallback=row.flag("fallback", False),
        succeeded_by=row.optional_text("succeeded_by"),
        inclusive=row.flag("inclusive", True),
        per=row.choice("per", Per) if "per" in row else Per.CONSIGNMENT,
        above=row.money("above") if "above" in row else None,
        hs=row.prefixes("hs"),
        rates=row.rates("rates"),
        ships_from=row.countries("ships_from"),
        insurance_ppm=row.rate("insurance_ppm") if "insurance_ppm" in row else 0,
        registration=row.optional_text("registration"),
        shown_on=row.among("shown_on", PLACES),
    )
    _refuse_impossible(rule, row)
    return rule


def unserved_of(table: Mapping[str, Any], file: str) -> Unserved:
    """The addresses of one [[unserved]] table."""
    row = Row(table, f"{file}, unserved {table.get('postcodes') or table.get('pattern') or table.get('regions') or '?'}")
    row.refuse_unknown(_AREA_KEYS)
    if not {"postcodes", "regions", "pattern"} & set(table):
        raise row.wrong("postcodes", 'which addresses it means: postcodes = ["35"], regions = ["PR"] or pattern = "po box"')
    kind = row.choice("kind", AreaKind) if "kind" in row else AreaKind.NOT_SERVED
    if kind is AreaKind.SERVED:
        raise row.wrong("kind", "one of other_tax_area, other_customs_area, not_served")
    return Unserved(
        row.listed("postcodes"), row.text("reason"), row.text("source"), kind, row.listed("regions"), _pattern(row),
    )  # fmt: skip


def zone_of(table: Mapping[str, Any], file: str) -> Zone:
    """The part of the market of one [[zone]] table."""
    row = Row(table, f"{file}, zone {table.get('code', '?')}")
    row.refuse_unknown(_ZONE_KEYS)
    return Zone(row.text("code"), row.text("name"), row.text("source"), row.listed("postcodes"), row.listed("regions"))


def _pattern(row: Row) -> str | None:
    pattern = row.optional_text("pattern")
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise row.wrong("pattern", f"a regular expression ({error})") from None
    return pattern


def _refuse_impossible(rule: Rule, row: Row) -> None:
    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        raise row.wrong("valid_to", f"a day on or after valid_from ({rule.valid_from}), or leave it out")
    if rule.above is None or rule.at_most is None:
        return
    if rule.above.currency != rule.at_most.currency or not rule.above < rule.at_most:
        raise row.wrong("above", f"an amount below at_most ({rule.at_most}), in its currency")
