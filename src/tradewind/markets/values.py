"""Reads one table of a market file value by value; an error names the file, the rule, the key, the value and what to write."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from tradewind.kit import Currency, InputIsInvalid, Money
from tradewind.markets.errors import MarketIsInvalid

MAX_RATE_PPM = 10_000_000
"""Ten times the value: above it a rate is surely a slip of the pen."""

MAX_TEXT = 600
_PREFIX = re.compile(r"(\d{2}){1,5}", re.ASCII)
_NO_CHAPTER = frozenset({"00", "77", "98", "99"})
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)

Kind = TypeVar("Kind", bound=StrEnum)


class Row:
    """One TOML table with its place, such as "de.toml, rule DE.vat.standard"."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        if not isinstance(table, Mapping):
            raise MarketIsInvalid(f"{where}: {table!r} is not a table", hint='write it as a table, such as { key = "value" }')
        self.table, self.where = table, where

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Every key must be one we understand: a slip of the pen must not silently change a price."""
        unknown = sorted(set(self.table) - set(known))
        if unknown:
            hint = f"known keys: {', '.join(sorted(known))}"
            raise MarketIsInvalid(f'{self.where}: unknown key "{unknown[0]}" = {self.table[unknown[0]]!r}', hint=hint)

    def needs(self, keys: Iterable[str], why: str) -> None:
        """Refuse the table when one of the keys is missing."""
        missing = [key for key in keys if key not in self.table]
        if missing:
            raise MarketIsInvalid(f"{self.where}: {', '.join(missing)} is missing", hint=f"{why} (docs/reference/markets.md)")

    def text(self, key: str) -> str:
        self.needs([key], f'write {key} = "..."')
        value = self.table[key]
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
            raise self.wrong(key, f'a text of 1 to {MAX_TEXT} characters: {key} = "..."')
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self else None

    def day(self, key: str) -> date:
        self.needs([key], f"write {key} = 2026-07-01")
        value = self.table[key]
        if type(value) is not date:
            raise self.wrong(key, f"a day without quotes: {key} = 2026-07-01")
        return value

    def optional_day(self, key: str) -> date | None:
        return self.day(key) if key in self else None

    def whole(self, key: str, least: int, most: int) -> int:
        self.needs([key], f"write {key} = {least}")
        value = self.table[key]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least:,} to {most:,}: {key} = {least}")
        return value

    def rate(self, key: str) -> int:
        """A rate in whole millionths: 190000 is 19 percent."""
        return self.whole(key, 0, MAX_RATE_PPM)

    def flag(self, key: str, otherwise: bool) -> bool:
        value = self.table.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.wrong(key, f"{key} = true or {key} = false")
        return value

    def money(self, key: str) -> Money:
        value = self.table[key]
        shape = f'{key} = {{ minor = 300, currency = "EUR" }}'
        if not isinstance(value, Mapping) or set(value) != {"minor", "currency"}:
            raise self.wrong(key, shape)
        if not isinstance(value["minor"], int) or isinstance(value["minor"], bool) or value["minor"] < 0:
            raise self.wrong(key, f"whole minor units, 0 or more: {shape}")
        return Money(value["minor"], self.currency(key, value["currency"]))

    def currency(self, key: str, value: object) -> Currency:
        try:
            return Currency(str(value))
        except InputIsInvalid as error:
            raise self.wrong(key, f"a currency of ISO 4217 ({error.message})") from None

    def choice(self, key: str, kinds: type[Kind]) -> Kind:
        self.needs([key], f"write one of {', '.join(kinds)}")
        try:
            return kinds(self.table[key])
        except ValueError:
            raise self.wrong(key, f"one of {', '.join(kinds)}") from None

    def listed(self, key: str) -> tuple[str, ...]:
        """Words: a TOML array of texts, or one text with blanks between them."""
        value = self.table.get(key, "")
        if isinstance(value, str):
            return tuple(value.split())
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.wrong(key, f'a list of texts: {key} = ["...", "..."]')
        return tuple(value)

    def among(self, key: str, known: Iterable[str]) -> tuple[str, ...]:
        found = self.listed(key)
        unknown = [one for one in found if one not in set(known)]
        if unknown:
            raise self.wrong(key, f'"{unknown[0]}" is not one of {", ".join(sorted(known))}')
        return found

    def countries(self, key: str) -> tuple[str, ...]:
        found = self.listed(key)
        if not all(_COUNTRY.fullmatch(one) for one in found):
            raise self.wrong(key, 'countries of ISO 3166, two capital letters each: "CN VN"')
        return found

    def prefixes(self, key: str) -> tuple[str, ...]:
        found = self.listed(key)
        for prefix in found:
            self.check_prefix(key, prefix)
        return tuple(sorted(set(found)))

    def rates(self, key: str) -> tuple[tuple[str, int], ...]:
        """Rates by tariff prefix, written { 250000 = "4202 64" }: the rate in millionths, then its prefixes."""
        table = self.table.get(key, {})
        found: dict[str, int] = {}
        for ppm, codes in table.items() if isinstance(table, Mapping) else [("", key)]:
            if not ppm.isdecimal() or int(ppm) > MAX_RATE_PPM:
                raise self.wrong(key, f'the rate in whole millionths, then its prefixes: {key} = {{ 250000 = "4202 64" }}')
            for prefix in Row({key: codes}, self.where).listed(key):
                self.check_prefix(key, prefix)
                if prefix in found:
                    raise self.wrong(key, f'"{prefix}" once only')
                found[prefix] = int(ppm)
        return tuple(sorted(found.items()))

    def check_prefix(self, key: str, prefix: str) -> None:
        """Refuse what is no beginning of a code of the Harmonized System."""
        if not _PREFIX.fullmatch(prefix) or prefix[:2] in _NO_CHAPTER:
            raise self.wrong(key, f'"{prefix}" is not a tariff prefix: 2, 4, 6, 8 or 10 digits of chapters 01 to 97')

    def wrong(self, key: str, wanted: str) -> MarketIsInvalid:
        """The error that a value is not what the key holds."""
        said = repr(self.table.get(key))
        return MarketIsInvalid(f"{self.where}: {key} is {said[:200]}", hint=f"write {wanted}")
