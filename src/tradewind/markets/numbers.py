"""The form of registration numbers: check digits where python-stdnum knows them, else the form that the authority publishes."""

import re
from importlib import import_module
from typing import Any

# (kind, country) -> module of python-stdnum. EU VAT numbers share one module; EORI has none, so only its form is checked.
_STDNUM: dict[tuple[str, str], str] = {
    ("vat", "GB"): "stdnum.gb.vat",
    ("vat", "CH"): "stdnum.ch.vat",
    ("vat", "NO"): "stdnum.no.mva",
    ("vat", "TH"): "stdnum.th.tin",
    ("vat", "VN"): "stdnum.vn.mst",
    ("vat", "ID"): "stdnum.id.npwp",
    ("gst", "NZ"): "stdnum.nz.ird",
    ("gst", "CA"): "stdnum.ca.bn",
}
_AU_ARN = re.compile(r"\d{12}", re.ASCII)
_FORMS: dict[tuple[str, str], tuple[re.Pattern[str], str]] = {
    ("eori", "*"): (re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}"), "two letters of the country and up to 15 letters or digits"),
    ("eori", "GB"): (re.compile(r"(GB|XI)\d{12}"), "GB or XI and 12 digits"),
    ("epr_packaging", "DE"): (re.compile(r"DE\d{13}"), "the LUCID number: DE and 13 digits"),
    ("epr_packaging", "FR"): (re.compile(r"FR\d{6}_\d{2}[A-Z]{4}"), "the unique identifier: FR123456_01ABCD"),
    ("epr_weee", "DE"): (re.compile(r"DE ?\d{8}"), "the WEEE-Reg. number: DE and 8 digits"),
    ("epr_weee", "FR"): (re.compile(r"FR\d{6}_\d{2}[A-Z]{4}"), "the unique identifier: FR123456_05ABCD"),
    ("epr_batteries", "FR"): (re.compile(r"FR\d{6}_\d{2}[A-Z]{4}"), "the unique identifier: FR123456_06ABCD"),
    ("epr_batteries", "DE"): (re.compile(r"(Batt-Reg\.-Nr\. )?DE ?\d{8}"), "DE and 8 digits"),
    ("importer_of_record", "US"): (
        re.compile(r"\d{2}-\d{7}[A-Z0-9]{0,2}|\d{6}-\d{5}"),
        "an EIN (12-3456789, two more characters as suffix) or a number that customs gave (261107-00001)",
    ),
    ("sales_tax_permit", "*"): (re.compile(r"[A-Z0-9][A-Z0-9 -]{3,24}"), "4 to 25 letters, digits, spaces or hyphens"),
    ("*", "*"): (re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{1,39}"), "2 to 40 letters, digits, spaces, dots, slashes or hyphens"),
}
EU_MEMBERS = frozenset(
    (
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    )
)
_LETTERS_OF_VAT = {"GR": "EL"}


def number_problem(kind: str, jurisdiction: str, number: str) -> str | None:
    """What is wrong with a registration number, in words, or None."""
    country = jurisdiction.partition("-")[0]
    if kind in ("ioss", "oss") and number[:2] in ("IM", "EU"):
        return _stdnum("stdnum.eu.oss", number)
    if kind == "ioss":
        return "it starts with IM"
    if kind in ("vat", "oss") and (country in EU_MEMBERS or country == "EU"):
        return _eu_vat(country, number)
    if (kind, country) == ("gst", "AU"):
        # Sellers from abroad may register the simple way, and then have a 12-digit ARN in place of an ABN.
        return None if _AU_ARN.fullmatch(number) else _stdnum("stdnum.au.abn", number)
    module = _STDNUM.get((kind, country))
    if module:
        return _stdnum(module, number)
    form, words = _FORMS.get((kind, country)) or _FORMS.get((kind, "*")) or _FORMS["*", "*"]
    return None if form.fullmatch(number) else f"its form is {words}"


def _eu_vat(country: str, number: str) -> str | None:
    letters = _LETTERS_OF_VAT.get(country, country)
    if country != "EU" and not number.startswith(letters):
        return f"it starts with {letters}"
    return _stdnum("stdnum.eu.vat", number)


def _stdnum(module: str, number: str) -> str | None:
    """The library's own words for what is wrong; it reads separators as people write them."""
    from stdnum.exceptions import ValidationError

    checker: Any = import_module(module)
    try:
        checker.validate(number)
    except ValidationError as error:
        return str(error).rstrip(".").lower()
    return None
