"""The seller's own registrations: who sells, under which numbers, and where a tax may therefore be collected.

Read from seller.toml: the retailer's own in TRADEWIND_MARKET_FOLDER, else the package's, which is invented and says so.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.markets.errors import SellerIsInvalid
from tradewind.markets.numbers import EU_MEMBERS, number_problem

SELLER_FILE = "seller.toml"
_OWN = resources.files("tradewind.markets").joinpath("data", SELLER_FILE)

REGISTRATION_KINDS: Mapping[str, str] = {
    "vat": "VAT number",
    "ioss": "IOSS number",
    "oss": "one-stop-shop number",
    "gst": "GST number",
    "eori": "EORI number",
    "sales_tax_permit": "sales tax permit",
    "importer_of_record": "importer of record",
    "customs_bond": "customs bond",
    "responsible_person": "responsible person",
    "epr_packaging": "packaging register number",
    "epr_weee": "register number for electrical equipment",
    "epr_batteries": "register number for batteries",
    "epr_textiles": "register number for textiles",
}
# A page must be able to print these with an address that a shopper can write to (Regulation (EU) 2023/988, article 19).
_ADDRESSED = ("responsible_person",)
_UNNUMBERED = ("responsible_person",)
_TOP_KEYS = {"invented", "signed_by", "source", "seller", "registration", "maker"}
_SELLER_KEYS = {"name", "country", "address", "email", "phone"}
_KEYS = {"kind", "jurisdiction", "number", "valid_from", "valid_to", "holder", "address", "email", "lane"}
_MAKER_KEYS = {"name", "brands", "address", "email"}
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_MAX_FILE_BYTES = 1_000_000
_LATEST = date.max


@dataclass(frozen=True, slots=True)
class Registration:
    """One dated registration. `lane` limits it to one lane; `address` and `email` are those of its holder."""

    kind: str
    jurisdiction: str  # a country, "EU", or a state such as "US-CA"
    number: str
    valid_from: date
    valid_to: date | None
    holder: str
    address: tuple[str, ...] = ()
    email: str = ""
    lane: str | None = None

    def holds(self, day: date) -> bool:
        """Whether it is valid on the day; both its ends count."""
        return self.valid_from <= day <= (self.valid_to or _LATEST)

    def covers(self, jurisdiction: str) -> bool:
        """Whether it is of this jurisdiction; one of the European Union covers every member."""
        return self.jurisdiction == jurisdiction or (self.jurisdiction == "EU" and jurisdiction in EU_MEMBERS)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made the goods of some brands ("*": of every other brand), as a product page must name him."""

    name: str
    brands: tuple[str, ...]
    address: tuple[str, ...]
    email: str


@dataclass(frozen=True, slots=True)
class Seller:
    """The legal entity that sells. `invented` sellers may demonstrate, and block every launch."""

    name: str
    country: str
    registrations: tuple[Registration, ...]
    invented: bool
    signed_by: str
    address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    source: str = ""
    makers: tuple[Maker, ...] = ()

    def maker_of(self, brand: str | None) -> Maker | None:
        """The maker of a brand's goods, else the one who stands for every brand, else None."""
        wanted = (brand or "").casefold()
        named = next((one for one in self.makers if wanted and wanted in (each.casefold() for each in one.brands)), None)
        return named or next((one for one in self.makers if "*" in one.brands), None)


def registered(seller: Seller, kind: str, jurisdiction: str, day: date, lane: str | None = None) -> Registration | None:
    """The registration of a kind that covers a jurisdiction (and a lane) on a day; the most particular and newest, else None."""
    found = [
        one for one in seller.registrations if one.kind == kind and one.covers(jurisdiction) and one.holds(day) and one.lane in (None, lane)
    ]
    return max(found, key=lambda one: (one.lane is not None, one.jurisdiction == jurisdiction, one.valid_from), default=None)


def load_seller(folder: Path | None = None) -> Seller:
    """The seller of the retailer's `folder` (its seller.toml), else the package's invented one; SellerIsInvalid says what is wrong."""
    own = folder / SELLER_FILE if folder is not None else None
    content = own.read_bytes() if own is not None and own.is_file() else _OWN.read_bytes()
    if len(content) > _MAX_FILE_BYTES:
        raise SellerIsInvalid(f"{SELLER_FILE} has {len(content):,} bytes", hint=f"it may have {_MAX_FILE_BYTES:,}")
    try:
        return parse_seller(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SellerIsInvalid(f"{SELLER_FILE} is not UTF-8: {error}", hint="save it as UTF-8") from None


def parse_seller(text: str) -> Seller:
    """The seller that a TOML text describes; SellerIsInvalid names the entry and the value that is wrong."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SellerIsInvalid(f"{SELLER_FILE} is not TOML: {error}", hint=_HINT) from None
    _refuse_unknown(table, _TOP_KEYS, "the file")
    entity = _table(table, "seller")
    _refuse_unknown(entity, _SELLER_KEYS, "[seller]")
    name = _text(entity, "name", "[seller]")
    rows = tuple(_registration(row, number, name) for number, row in enumerate(_rows(table, "registration"), start=1))
    _refuse_overlaps(rows)
    return Seller(
        name=name,
        country=_country(entity),
        registrations=rows,
        invented=_yes_or_no(table, "invented"),
        signed_by=_text(table, "signed_by", "the file"),
        address=_lines(entity, "[seller]"),
        email=_email(entity, "[seller]"),
        phone=str(entity.get("phone", "")),
        source=str(table.get("source", "")),
        makers=tuple(_maker(row, number) for number, row in enumerate(_rows(table, "maker"), start=1)),
    )


_HINT = "compare it with docs/how-to/register-a-seller.md"


def _registration(row: Mapping[str, Any], place: int, seller: str) -> Registration:
    where = f"registration {place} ({row.get('kind', '?')} {row.get('jurisdiction', '?')})"
    _refuse_unknown(row, _KEYS, where)
    kind, jurisdiction = _text(row, "kind", where), _text(row, "jurisdiction", where)
    if kind not in REGISTRATION_KINDS:
        raise SellerIsInvalid(f'{where}: the kind "{kind}" is unknown', hint=f"kinds: {', '.join(REGISTRATION_KINDS)}")
    if not _JURISDICTION.fullmatch(jurisdiction):
        raise SellerIsInvalid(f'{where}: "{jurisdiction}" is no jurisdiction', hint='write a country ("DE"), "EU" or a state ("US-CA")')
    if kind == "sales_tax_permit" and not jurisdiction.startswith("US-"):
        raise SellerIsInvalid(f"{where}: a sales tax permit is one state's", hint='write the state: jurisdiction = "US-CA"')
    number = "" if kind in _UNNUMBERED and "number" not in row else _text(row, "number", where)
    problem = number_problem(kind, jurisdiction, number) if number else None
    if problem:
        raise SellerIsInvalid(f'{where}: the number "{number}" is wrong: {problem}', hint="copy it from the authority's own letter")
    starts, ends = _day(row, "valid_from", where), (_day(row, "valid_to", where) if "valid_to" in row else None)
    if ends is not None and ends < starts:
        raise SellerIsInvalid(f"{where}: it ends on {ends}, before it begins on {starts}", hint="valid_to is its last day")
    address, email = _lines(row, where), _email(row, where)
    if kind in _ADDRESSED and not (address and email):
        raise SellerIsInvalid(f"{where} needs an address and an email", hint='address = ["street", "postcode place"], email = "…"')
    lane = _text(row, "lane", where) if "lane" in row else None
    return Registration(kind, jurisdiction, number, starts, ends, str(row.get("holder", seller)), address, email, lane)


def _maker(row: Mapping[str, Any], place: int) -> Maker:
    where = f"maker {place} ({row.get('name', '?')})"
    _refuse_unknown(row, _MAKER_KEYS, where)
    brands = row.get("brands")
    if not isinstance(brands, list) or not brands or not all(isinstance(one, str) and one.strip() for one in brands):
        raise SellerIsInvalid(f"{where}: brands is {brands!r}", hint='write brands = ["Lumio"], or ["*"] for every other brand')
    address, email = _lines(row, where), _email(row, where)
    if not (address and email):
        raise SellerIsInvalid(f"{where} needs an address and an email", hint='address = ["street", "postcode place"], email = "…"')
    return Maker(_text(row, "name", where), tuple(brands), address, email)


def _refuse_overlaps(rows: tuple[Registration, ...]) -> None:
    for place, one in enumerate(rows):
        for other in rows[:place]:
            same = (one.kind, one.jurisdiction, one.lane) == (other.kind, other.jurisdiction, other.lane)
            if same and one.valid_from <= (other.valid_to or _LATEST) and other.valid_from <= (one.valid_to or _LATEST):
                raise SellerIsInvalid(
                    f"two registrations of kind {one.kind} hold in {one.jurisdiction} at once: {other.number} and {one.number}",
                    hint="end the earlier one with valid_to",
                )


def _country(entity: Mapping[str, Any]) -> str:
    country = _text(entity, "country", "[seller]")
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise SellerIsInvalid(f'[seller]: "{country}" is no country', hint="write two capital letters of ISO 3166, such as CN")
    return country


def _lines(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    lines = row.get("address", [])
    if not isinstance(lines, list) or not all(isinstance(one, str) and one.strip() for one in lines):
        raise SellerIsInvalid(f"{where}: address is {lines!r}", hint='write a list of lines: address = ["street", "postcode place"]')
    return tuple(lines)


def _email(row: Mapping[str, Any], where: str) -> str:
    email = row.get("email", "")
    if not isinstance(email, str) or (email and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+", email)):
        raise SellerIsInvalid(f"{where}: {email!r} is no email address", hint="write it like shop@example.com")
    return email


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SellerIsInvalid(f"{where}: {key} is {'missing' if value is None else repr(value)}", hint=_HINT)
    return value.strip()


def _day(row: Mapping[str, Any], key: str, where: str) -> date:
    value = row.get(key)
    if type(value) is not date:
        raise SellerIsInvalid(f"{where}: {key} is {'missing' if value is None else repr(value)}", hint=f"write {key} = 2026-01-31")
    return value


def _yes_or_no(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise SellerIsInvalid(f"{SELLER_FILE}: {key} is {value!r}", hint="write true or false, without quotes")
    return value


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise SellerIsInvalid(f"{SELLER_FILE} has no [{key}] table", hint=_HINT)
    return value


def _rows(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SellerIsInvalid(f"{SELLER_FILE}: {key} is no list of tables", hint=f"write [[{key}]] above each of them")
    return rows


def _refuse_unknown(row: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise SellerIsInvalid(f'{where}: unknown key "{unknown[0]}"', hint=f"known keys: {', '.join(sorted(known))}")
