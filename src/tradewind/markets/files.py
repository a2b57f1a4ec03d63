"""Reads markets, tariffs and confirmations from TOML, and refuses what it does not understand."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.markets.errors import MarketIsInvalid, MarketIsUnknown
from tradewind.markets.model import Confirmation, Level, Market, Rule
from tradewind.markets.rows import rule_of, unserved_of, zone_of
from tradewind.markets.tariff.files import layers_of
from tradewind.markets.tariff.model import TariffLayer
from tradewind.markets.values import Row

_OWN = resources.files("tradewind.markets").joinpath("data")
_TARIFF = ".tariff.toml"
_GENERIC = "generic"  # the tariff of a market that has none: a cautious rate for each chapter, marked as an estimate
MARKET_KEYS = {
    "market", "bloc", "extends", "name", "country", "currency", "languages", "tax_display", "tax_name", "ending", "cash_step", "hold_minutes",
    "level", "gaps", "holidays", "tariff", "tariff_to_load", "rule", "unserved", "zone",
}  # fmt: skip
_LISTS = ("rule", "unserved", "zone", "gaps")  # a member's are added to its bloc's; every other key of a member wins
_MAX_FILE_BYTES = 2_000_000
_MAX_HOLD_MINUTES = 60
_MAX_STEP = 100_000_000


def load_markets(folder: Path | None = None) -> dict[str, Market]:
    """Every market by code: those of the package, and those of the retailer's own `folder`, which win over them by file name."""
    tables = _tables(folder)
    codes = [stem for stem, table in tables.items() if "market" in table and not stem.endswith(".tariff")]
    return {code: _market(code, tables, folder) for code in sorted(codes)}


def load_market(code: str, folder: Path | None = None) -> Market:
    """One market by its code; MarketIsUnknown names those that exist."""
    tables = _tables(folder)
    if code not in tables or "market" not in tables[code]:
        known = sorted(stem for stem, table in tables.items() if "market" in table and not stem.endswith(".tariff"))
        raise MarketIsUnknown(f'there is no market "{code}"', hint=f"markets here: {', '.join(known)} (tradewind market list)")
    return _market(code, tables, folder)


def load_confirmations(folder: Path) -> dict[str, Confirmation]:
    """The confirmations kept in a folder, by rule; empty when there is none."""
    found: dict[str, Confirmation] = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        table = _read(path.read_bytes(), path.name)
        _refuse_unknown(table, {"rule", "until", "by", "confirmed_on"}, path.name)
        try:
            one = Confirmation(str(table["rule"]), _day(table["until"]), str(table["by"]), _day(table["confirmed_on"]))
        except (KeyError, TypeError) as error:
            raise MarketIsInvalid(f"{path.name}: {error} is missing or wrong", hint="write it again: tradewind market confirm") from None
        found[one.rule] = one
    return found


def write_confirmation(folder: Path, confirmation: Confirmation) -> Path:
    """Keep a person's word as a small dated file, one a rule."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", confirmation.rule):
        raise MarketIsInvalid(f'"{confirmation.rule}" is not the name of a rule', hint="tradewind market show CODE lists them")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{confirmation.rule}.toml"
    by = confirmation.by.replace("\\", "").replace('"', "'").replace("\n", " ")
    path.write_text(
        f'rule = "{confirmation.rule}"\nuntil = {confirmation.until}\nby = "{by}"\nconfirmed_on = {confirmation.confirmed_on}\n',
        encoding="utf-8",
    )
    return path


def _tables(folder: Path | None) -> dict[str, dict[str, Any]]:
    files: dict[str, bytes] = {entry.name: entry.read_bytes() for entry in _OWN.iterdir() if entry.name.endswith(".toml")}
    if folder is not None:
        if not folder.is_dir():
            raise MarketIsInvalid(f'the market folder "{folder}" does not exist', hint="create it, or unset TRADEWIND_MARKET_FOLDER")
        # The folder also holds the retailer's networks and margins: only files that say market or bloc are ours.
        own = {path.name: path.read_bytes() for path in sorted(folder.glob("*.toml"))}
        files |= {name: content for name, content in own.items() if re.search(rb"(?m)^(market|bloc)\s*=", content)}
    return {name.removesuffix(".toml"): _read(content, name) for name, content in sorted(files.items())}


@lru_cache(maxsize=256)
def _read(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > _MAX_FILE_BYTES:
        raise MarketIsInvalid(f"{name} has {len(content):,} bytes", hint=f"a market file may have {_MAX_FILE_BYTES:,}")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MarketIsInvalid(f"{name} is not TOML: {error}", hint="compare it with docs/reference/markets.md") from None


def _market(code: str, tables: Mapping[str, dict[str, Any]], folder: Path | None) -> Market:
    own = Row(tables[code], f"{code}.toml")
    files = [*((name, _bloc(name, code, tables)) for name in own.listed("extends")), (code, tables[code])]
    merged: dict[str, Any] = {}
    for name, table in files:
        Row(table, f"{name}.toml").refuse_unknown(MARKET_KEYS)
        merged |= {key: value for key, value in table.items() if key not in _LISTS}
    row = Row(merged, f"{code}.toml")
    ending = _ending(row)
    return Market(
        code=code,
        name=row.text("name"),
        country=row.text("country"),
        currency=row.currency("currency", row.text("currency")),
        languages=row.listed("languages"),
        tax_included=_tax_included(row),
        ending_step=ending[0],
        ending_last=ending[1],
        rules=_rules(code, files),
        tariff=tuple(one for name in _tariff_names(row, code, tables) for one in _tariff(name, code, tables, folder)),
        unserved=tuple(unserved_of(one, f"{name}.toml") for name, one in _each("unserved", files)),
        level=row.choice("level", Level) if "level" in row else Level.PRICEABLE,
        gaps=tuple(gap for name, table in files for gap in Row(table, f"{name}.toml").listed("gaps")),
        tariff_to_load=row.flag("tariff_to_load", False),
        tax_name=row.optional_text("tax_name") or "VAT",
        hold_minutes=row.whole("hold_minutes", 0, _MAX_HOLD_MINUTES) if "hold_minutes" in row else 0,
        cash_step=row.whole("cash_step", 1, _MAX_STEP) if "cash_step" in row else None,
        holidays=row.optional_text("holidays"),
        zones=tuple(zone_of(one, f"{name}.toml") for name, one in _each("zone", files)),
    )


def _ending(row: Row) -> tuple[int, int]:
    row.needs(["ending"], "write ending = { step = 100, last = 99 }, in minor units")
    ending = Row(row.table["ending"], f"{row.where}, ending")
    ending.refuse_unknown({"step", "last"})
    step = ending.whole("step", 1, _MAX_STEP)
    return step, ending.whole("last", 0, step - 1)


def _each(kind: str, files: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, table in files:
        rows = table.get(kind, [])
        if not isinstance(rows, list):
            raise MarketIsInvalid(f"{name}.toml: {kind} is {rows!r}", hint=f"write each one under its own [[{kind}]]")
        for one in rows:
            yield name, one


def _bloc(name: str, code: str, tables: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if name not in tables or "bloc" not in tables[name]:
        raise MarketIsInvalid(f'{code}.toml extends "{name}", and there is no such bloc', hint=f'add {name}.toml with bloc = "{name}"')
    return tables[name]


def _tariff_names(row: Row, code: str, tables: Mapping[str, dict[str, Any]]) -> tuple[str, ...]:
    own = code if f"{code}.tariff" in tables else _GENERIC
    return row.listed("tariff") or (own,)


def _tariff(name: str, code: str, tables: Mapping[str, dict[str, Any]], folder: Path | None) -> tuple[TariffLayer, ...]:
    table = tables.get(f"{name}.tariff")
    if table is None:
        raise MarketIsInvalid(f"{code} has no tariff: {name}{_TARIFF} is missing", hint='add it, or name another with tariff = "…"')
    return layers_of(name, table, folder, code if name == _GENERIC else name)


def _tax_included(row: Row) -> bool:
    text = row.text("tax_display")
    if text not in ("inclusive", "exclusive"):
        raise row.wrong("tax_display", '"inclusive" (tax in the shown price) or "exclusive" (tax at checkout)')
    return text == "inclusive"


def _rules(code: str, files: list[tuple[str, dict[str, Any]]]) -> tuple[Rule, ...]:
    rules = tuple(rule_of(one, f"{name}.toml") for name, one in _each("rule", files))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise MarketIsInvalid(f"{code}: two rules have the id {rule.id}", hint="a rule's id is its name for ever: give each its own")
        seen.add(rule.id)
    return rules


def _day(value: object) -> date:
    if type(value) is not date:
        raise TypeError(f"the day {value!r} (write 2026-07-01)")
    return value


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else str(value).split()


def _refuse_unknown(table: Mapping[str, Any], known: set[str], name: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise MarketIsInvalid(f'{name}: unknown key "{unknown[0]}"', hint=f"known keys: {', '.join(sorted(known))}")
