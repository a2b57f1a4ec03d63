"""Amounts of a market's rules in another currency: by the rate of customs where the retailer has loaded it, else by the shop's. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradewind.kit import PPM, Currency, Money, Rounding, divide
from tradewind.markets import Market, Rule
from tradewind.pricing.errors import PriceBookIsIncomplete
from tradewind.pricing.model import FxRate
from tradewind.pricing.ports import DatedRate, RateHistory


@dataclass(frozen=True, slots=True)
class Conversion:
    """What turns an amount into minor units of the market's currency on a day."""

    market: Market
    as_of: date
    history: RateHistory
    rates: Sequence[FxRate]

    def threshold(self, money: Money) -> int:
        """At the published rate and rounded down: a parcel is rather above a threshold than below it."""
        found = self._customs(money)
        if found is not None:
            return self._at(found, money, Rounding.DOWN)
        rate = self._shop(money)
        return divide(money.minor * rate.numerator * PPM, rate.denominator * (PPM + rate.buffer_ppm), Rounding.DOWN)

    def amount(self, money: Money) -> int:
        """At the rate of customs, or at the shop's with its buffer."""
        found = self._customs(money)
        if found is not None:
            return self._at(found, money, Rounding.HALF_UP)
        rate = self._shop(money)
        return divide(money.minor * rate.numerator, rate.denominator, Rounding.HALF_UP)

    def said(self, rule: Rule) -> str:
        """How the amounts of a rule were turned, in words; empty when they are in the market's currency."""
        limits = [(money, self.threshold) for money in (rule.above, rule.at_most) if money is not None]
        amounts = [(rule.amount, self.amount)] if rule.amount is not None else []
        parts = []
        for money, turned in (*limits, *amounts):
            if money.currency == self.market.currency:
                continue
            found = self._customs(money)
            how = f"the customs rate ({found.source})" if found is not None else "the shop's rate, as no customs rate is loaded"
            parts.append(f"{money} counted as {Money(turned(money), self.market.currency)} by {how}")
        return ", ".join(parts)

    def _customs(self, money: Money) -> DatedRate | None:
        if money.currency == self.market.currency:
            return None
        return self.history.customs_rate(money.currency.code, self.market.currency.code, self.as_of)

    def _at(self, rate: DatedRate, money: Money, rounding: Rounding) -> int:
        scales = self.market.currency.scale, Currency(rate.base).scale
        return divide(money.minor * rate.numerator * scales[0], rate.denominator * scales[1], rounding)

    def _shop(self, money: Money) -> FxRate:
        for rate in self.rates:
            if rate.currency == money.currency.code:
                return rate
        market = self.market
        raise PriceBookIsIncomplete(f"{market.code}: no exchange rate turns {money} into {market.currency}", hint="give one in rates.csv")
