"""Reads promotions.toml of the retailer's folder; the package ships none, because a shop without promotions is whole."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewind.kit import PPM, Currency, CurrencyUnknown
from tradewind.promotions.errors import PromotionsAreInvalid
from tradewind.promotions.model import Promotion, PromotionKind
from tradewind.promotions.rules import plain_code

FILE = "promotions.toml"
MAX_PROMOTIONS = 1_000
_HINT = "compare it with docs/how-to/run-a-promotion.md"
_PERCENT_PPM = PPM // 100
_CLAIM = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_]*)+")
_KEYS = {
    "id", "title", "kind", "code", "percent", "amount", "at_most", "minimum", "markets", "skus", "categories", "starts_at", "ends_at",
    "limit_total", "limit_per_buyer", "combinable", "eligibility", "proof",
}  # fmt: skip


class PromotionBook:
    """The promotions of a folder, read again when their file has changed; the ones before stay in force when it cannot be read."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder is not None else None
        self._seen: tuple[int, int] | None = None
        self._held: tuple[Promotion, ...] = ()

    def promotions(self) -> tuple[Promotion, ...]:
        """Every promotion in the order of the file. PromotionsAreInvalid when the file was never readable."""
        if self._path is None:
            return ()
        try:
            state = self._path.stat()
        except FileNotFoundError:
            self._seen, self._held = None, ()
            return ()
        mark = (state.st_mtime_ns, state.st_size)
        if mark != self._seen:
            try:
                self._held = parse_promotions(self._path.read_text("utf-8"))
            except PromotionsAreInvalid:
                if self._seen is None:
                    raise
            self._seen = mark
        return self._held


def load_promotions(folder: Path | None) -> tuple[Promotion, ...]:
    """The promotions of the folder's promotions.toml; none without it. PromotionsAreInvalid."""
    return PromotionBook(folder).promotions()


def parse_promotions(text: str) -> tuple[Promotion, ...]:
    """The promotions that a TOML text describes. PromotionsAreInvalid names the promotion and what is wrong."""
    try:
        rows = tomllib.loads(text).get("promotion", [])
        found = tuple(_promotion(row) for row in rows)
    except tomllib.TOMLDecodeError as error:
        raise PromotionsAreInvalid(f"{FILE} is not TOML: {error}", hint=_HINT) from None
    except KeyError as error:
        raise PromotionsAreInvalid(f"{FILE}: {error} is missing", hint=_HINT) from None
    except (ValueError, TypeError, AttributeError, CurrencyUnknown) as error:
        raise PromotionsAreInvalid(f"{FILE}: {error}", hint=_HINT) from None
    codes = [one.code for one in found if one.code is not None]
    if len(found) > MAX_PROMOTIONS or len({one.promotion_id for one in found}) != len(found) or len(set(codes)) != len(codes):
        raise PromotionsAreInvalid(f"{FILE}: two promotions share an id or a code, or there are over {MAX_PROMOTIONS:,}", hint=_HINT)
    return found


def _promotion(row: Mapping[str, Any]) -> Promotion:
    name = str(row.get("id", "?"))
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise ValueError(f"promotion {name}: {unknown[0]} is not a key of it")
    kind = PromotionKind(row["kind"])
    percent = row.get("percent", 0)
    if kind is PromotionKind.PERCENT and not (type(percent) is int and 0 < percent <= 100):
        raise ValueError(f"promotion {name}: percent is a whole number from 1 to 100")
    amounts = _sums(name, "amount", row)
    if kind is PromotionKind.FIXED and not amounts:
        raise ValueError(f"promotion {name}: amount names no currency")
    return Promotion(
        str(row["id"]),
        str(row["title"]),
        kind,
        plain_code(_text(name, "code", row["code"])) if "code" in row else None,
        percent * _PERCENT_PPM,
        amounts,
        _sums(name, "at_most", row),
        _sums(name, "minimum", row),
        _texts(name, "markets", row),
        _texts(name, "skus", row),
        _texts(name, "categories", row),
        _moment(name, "starts_at", row),
        _moment(name, "ends_at", row),
        _count(name, "limit_total", row),
        _count(name, "limit_per_buyer", row),
        _flag(name, row),
        *_claim(name, row),
    )


def _claim(name: str, row: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """The benefit that must be claimed, and what proves the claim: e-mail addresses and payment methods."""
    wanted, proof = row.get("eligibility"), row.get("proof", {})
    if wanted is None and not proof:
        return None, (), ()
    if not isinstance(wanted, str) or not _CLAIM.fullmatch(wanted):
        raise ValueError(f"promotion {name}: eligibility is not a name such as com.example.student")
    if "code" in row:
        raise ValueError(f"promotion {name}: it has a code and an eligibility; a benefit that is claimed has no code")
    emails = tuple(one.strip().casefold() for one in _texts(name, "emails", proof))
    methods = _texts(name, "methods", proof)
    if set(proof) - {"emails", "methods"} or not (emails or methods):
        raise ValueError(f"promotion {name}: proof names emails or methods, else nobody could ever complete a checkout with it")
    if any(one.count("@") != 1 or one.endswith("@") for one in emails):
        raise ValueError(f"promotion {name}: proof.emails are @school.example, @*.example or whole addresses")
    return wanted, emails, methods


def _sums(name: str, key: str, row: Mapping[str, Any]) -> dict[str, int]:
    sums = row.get(key, {})
    for code, amount in sums.items():
        Currency(code)
        if type(amount) is not int or amount <= 0:
            raise ValueError(f"promotion {name}: {key} of {code} is not a whole number of minor units above 0")
    return dict(sums)


def _text(name: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"promotion {name}: {key} is empty")
    return value


def _texts(name: str, key: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    values: Sequence[object] = row.get(key, [])
    if not isinstance(values, list):
        raise TypeError(f"promotion {name}: {key} is not a list of texts")
    return tuple(_text(name, key, one) for one in values)


def _moment(name: str, key: str, row: Mapping[str, Any]) -> datetime | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(f"promotion {name}: {key} is not a time such as 2026-11-27T00:00:00Z")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _count(name: str, key: str, row: Mapping[str, Any]) -> int | None:
    value = row.get(key)
    if value is not None and (type(value) is not int or value <= 0):
        raise ValueError(f"promotion {name}: {key} is not a whole number above 0")
    return value


def _flag(name: str, row: Mapping[str, Any]) -> bool:
    value = row.get("combinable", True)
    if type(value) is not bool:
        raise ValueError(f"promotion {name}: combinable is true or false")
    return value
