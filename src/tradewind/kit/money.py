"""Money as integer minor units. No float ever touches an amount (law 1)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradewind.kit.currency import Currency
from tradewind.kit.errors import InputIsInvalid
from tradewind.kit.rounding import Rounding, divide

PPM = 1_000_000
_AMOUNT = re.compile(r"^(-?)(\d{1,15})(?:\.(\d{1,9}))?$", re.ASCII)


class CurrenciesDiffer(InputIsInvalid):
    """Two amounts of different currencies were added or compared."""

    code = "currencies_differ"


class AmountIsInvalid(InputIsInvalid):
    """A text is not an amount, or has more decimals than its currency."""

    code = "amount_invalid"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units: Money(1999, USD) is USD 19.99, Money(1999, JPY) is JPY 1,999."""

    minor: int
    currency: Currency

    @classmethod
    def parse(cls, text: str, currency: Currency) -> "Money":
        """The amount written as a plain decimal: Money.parse("19.99", USD). More decimals than the currency has are an error."""
        found = _AMOUNT.match(text)
        if not found:
            raise AmountIsInvalid(f'"{text}" is not an amount of {currency}', hint="write it like 1234.56, without separators")
        sign, whole, decimals = found[1], found[2], (found[3] or "")
        kept, lost = decimals[: currency.digits], decimals[currency.digits :]
        if lost.strip("0"):
            raise AmountIsInvalid(f'"{text}" has more decimals than {currency} has', hint=f"use {currency.digits} decimals")
        minor = int(whole + kept.ljust(currency.digits, "0"))
        return cls(-minor if sign else minor, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def times(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def share(self, rate_ppm: int, mode: Rounding) -> "Money":
        """This amount times a rate in millionths: share(190_000, HALF_UP) is 19 percent of it."""
        return Money(divide(self.minor * rate_ppm, PPM, mode), self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Shares in proportion to `weights` that add up to exactly this amount (largest remainder)."""
        if not weights or any(weight < 0 for weight in weights):
            raise InputIsInvalid(f"cannot split by the weights {list(weights)}", hint="give one or more weights of 0 or more")
        whole = sum(weights)
        parts = list(weights) if whole else [1] * len(weights)
        whole = whole or len(weights)
        size, sign = abs(self.minor), (-1 if self.minor < 0 else 1)
        shares = [size * part // whole for part in parts]
        rest = size - sum(shares)
        by_remainder = sorted(range(len(parts)), key=lambda index: (-(size * parts[index] % whole), index))
        for index in by_remainder[:rest]:
            shares[index] += 1
        return [Money(sign * share, self.currency) for share in shares]

    def plain(self) -> str:
        """The amount as a plain decimal: "19.99", "1999" for yen, "-0.05"."""
        sign = "-" if self.minor < 0 else ""
        if not self.currency.digits:
            return f"{sign}{abs(self.minor)}"
        whole, rest = divmod(abs(self.minor), self.currency.scale)
        return f"{sign}{whole}.{rest:0{self.currency.digits}d}"

    def __str__(self) -> str:
        return f"{self.currency} {self.plain()}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrenciesDiffer(f"{self} and {other} have different currencies", hint="convert one of them first")
        return other.minor


def sum_of(amounts: Iterable[Money], currency: Currency) -> Money:
    """The sum of the amounts; zero of `currency` when there are none."""
    total = Money(0, currency)
    for amount in amounts:
        total = total + amount
    return total
