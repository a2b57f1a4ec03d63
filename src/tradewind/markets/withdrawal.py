"""The withdrawal function that the European Union wants since 2026-06-19, as data for the page of an order. Pure.

Directive 2011/83/EU, article 11a: reachable during the whole period, two steps (the first is worded "withdraw from contract here" or as
clearly, the second "confirm withdrawal"), and a receipt on a durable medium without delay. Where no rule asks for it there is none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tradewind.markets.model import Market, RuleKind
from tradewind.markets.notices import topic_of
from tradewind.markets.rules import Confirmations, return_days, rules_in_force

_TOPIC = "withdrawal"
_PLACE = "account"
_WEEKEND_STARTS = 5
_LONGEST_REST = 14


@dataclass(frozen=True, slots=True)
class WithdrawalFunction:
    """What an order's page must offer: for how many days from the receipt of the goods, by which rule and source."""

    days: int
    rule_id: str
    source: str
    certainty: str

    def last_day(self, received: date, closed: Collection[date] = ()) -> date:
        """The last day of the period for goods received on a day; one that ends on a weekend or a public holiday ends on the next working day.

        Regulation (EEC, Euratom) 1182/71, article 3: the day of receipt itself is not counted. `closed` are the public holidays.
        """
        last = received + timedelta(days=self.days)
        for _ in range(_LONGEST_REST):
            if last.weekday() < _WEEKEND_STARTS and last not in closed:
                break
            last += timedelta(days=1)
        return last

    def is_open(self, day: date, received: date | None, closed: Collection[date] = ()) -> bool:
        """Whether the function is shown on the day: from the order on (goods not yet received), to the last day of the period."""
        return received is None or day <= self.last_day(received, closed)


def withdrawal_function(market: Market, day: date, confirmations: Confirmations | None = None) -> WithdrawalFunction | None:
    """The function that orders of the day need in a market; None where no rule asks for it."""
    for one in rules_in_force(market, RuleKind.NOTICE, day, confirmations or {}):
        if topic_of(one.rule.id) == _TOPIC and _PLACE in one.rule.shown_on:
            return WithdrawalFunction(return_days(market, day, confirmations or {}), one.rule.id, one.rule.source, one.certainty)
    return None
