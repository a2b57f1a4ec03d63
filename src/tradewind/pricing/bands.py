"""What a parcel from abroad owes by its value: the dated rules of a market, resolved into ascending bands. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tradewind.kit import Money
from tradewind.markets import Confirmations, Market, Per, Rule, RuleInForce, RuleKind, rules_in_force
from tradewind.pricing.model import Band
from tradewind.pricing.tariff import worst

Convert = Callable[[Money], int]
"""An amount in minor units of the market's currency."""

_DUTY_KINDS = (RuleKind.DUTY_FLAT, RuleKind.DUTY_RELIEF, RuleKind.DUTY_SIMPLIFIED)
_TAX_KINDS = (RuleKind.TAX_AT_SALE, RuleKind.TAX_RELIEF)
EXCLUSIVE_KINDS = (*_DUTY_KINDS, *_TAX_KINDS)
"""Of these one rule holds for a parcel, told by its value alone; a rule of some tariff codes is left out."""
_STACKING = (RuleKind.PARCEL_FEE, RuleKind.LINE_FEE, RuleKind.EXTRA_TAX)
_DUTY_NAMES = {RuleKind.DUTY_FLAT: "flat", RuleKind.DUTY_RELIEF: "none", RuleKind.DUTY_SIMPLIFIED: "simplified"}


@dataclass(frozen=True, slots=True, order=True)
class _Limit:
    """The top of a band. Of two of the same value the one with freight comes first: what fits it fits the other too."""

    value: int
    without_freight: bool
    per_item: bool


@dataclass(frozen=True, slots=True)
class _Ranged:
    """A rule between two limits; None stands for no limit."""

    found: RuleInForce
    bottom: _Limit | None
    top: _Limit | None

    def covers(self, limit: _Limit | None) -> bool:
        """Whether the rule holds for the parcels of the band that ends at this limit."""
        above = self.bottom is None or limit is None or limit > self.bottom
        below = self.top is None or (limit is not None and limit <= self.top)
        return above and below

    @property
    def rule(self) -> Rule:
        return self.found.rule


def resolve_bands(  # noqa: PLR0917 - a market's rules, the day, the country and the two ways to convert
    market: Market, as_of: date, confirmations: Confirmations, ships_from: str, threshold: Convert, amount: Convert
) -> tuple[Band, ...]:
    """The bands of parcels that leave from a country, ascending, the last without limit.

    `threshold` converts at the published rate, rounded down; `amount` at the rate with its buffer: both err on the safe side.
    """
    rules = {
        kind: [_ranged(found, threshold) for found in _of_kind(market, kind, as_of, confirmations, ships_from)]
        for kind in (*_DUTY_KINDS, *_TAX_KINDS, *_STACKING)
    }
    ranged = [one for found in rules.values() for one in found]
    limits = sorted({limit for one in ranged for limit in (one.bottom, one.top) if limit is not None and limit.value > 0})
    return tuple(_band(limit, rules, amount) for limit in (*limits, None))


def _of_kind(market: Market, kind: RuleKind, as_of: date, confirmations: Confirmations, ships_from: str) -> Sequence[RuleInForce]:
    """The rules of a kind; of an exclusive kind, those that name the country win over the general ones."""
    found = rules_in_force(market, kind, as_of, confirmations, ships_from)
    if kind not in _STACKING:
        # Relief for some goods only cannot be told from the value of a parcel: without it the price is on the safe side.
        found = tuple(one for one in found if not one.rule.hs)
    particular = [one for one in found if one.rule.ships_from]
    return particular if particular and kind not in _STACKING else found


def _ranged(found: RuleInForce, threshold: Convert) -> _Ranged:
    rule = found.rule
    without, per_item = "freight" not in rule.counts, rule.per is Per.ITEM
    bottom = _Limit(threshold(rule.above), without, per_item) if rule.above else None
    top = _Limit(threshold(rule.at_most) - (not rule.inclusive), without, per_item) if rule.at_most else None
    return _Ranged(found, bottom, top)


def _band(limit: _Limit | None, rules: dict[RuleKind, list[_Ranged]], amount: Convert) -> Band:
    def of(*kinds: RuleKind) -> list[_Ranged]:
        return [one for kind in kinds for one in rules[kind] if one.covers(limit)]

    duty, relief, sale = of(*_DUTY_KINDS)[:1], of(RuleKind.TAX_RELIEF)[:1], of(RuleKind.TAX_AT_SALE)[:1]
    # Where both hold, the registered seller charges at the sale, and the parcel of another one is free.
    tax = [*sale, *relief]
    fees, lines, extra = of(RuleKind.PARCEL_FEE), of(RuleKind.LINE_FEE), of(RuleKind.EXTRA_TAX)
    is_relieved = bool(relief) and not sale
    is_flat = bool(duty) and duty[0].rule.kind is RuleKind.DUTY_FLAT
    return Band(
        up_to=limit.value if limit else None,
        counts_freight=limit is not None and not limit.without_freight,
        per_item=limit is not None and limit.per_item,
        duty=_DUTY_NAMES[duty[0].rule.kind] if duty else "tariff",
        flat=_sum(duty, amount) if is_flat else 0,
        taxed=not is_relieved,
        line_fee=_sum(lines, amount),
        rule_ids=_ids(duty),
        certainty=worst([one.found.certainty for one in (*duty, *tax, *fees, *lines, *extra)]),
        parcel_fee=_sum(fees, amount),
        fee_rule_ids=_ids([*fees, *lines]),
        tax_rule_ids=_ids(tax),
        at_sale=bool(sale),
        free_uncollected=bool(relief),
        extra_taxed=bool(extra) and not is_relieved,
    )


def _ids(found: Sequence[_Ranged]) -> tuple[str, ...]:
    return tuple(one.rule.id for one in found)


def _sum(found: Sequence[_Ranged], amount: Convert) -> int:
    return sum(amount(one.rule.amount) for one in found if one.rule.amount is not None)
