"""Product identifiers of GS1 and the World Customs Organization."""

import re
from dataclasses import dataclass

from stdnum import ean
from stdnum.exceptions import ValidationError

from tradewind.kit.errors import InputIsInvalid

_GTIN_LENGTHS = (8, 12, 13, 14)
_HS = re.compile(r"^\d{6}(?:\d{2}){0,2}$", re.ASCII)
# GS1 General Specifications: 02, 04 and 2xx are for use inside a company, 05 and 98-99 are coupons.
_RESTRICTED = re.compile(r"^(?:02|04|05|2\d|98|99)")


class GtinIsInvalid(InputIsInvalid):
    """A number that is not a GTIN: wrong length, wrong check digit, or a reserved prefix."""

    code = "gtin_invalid"


class HsCodeIsInvalid(InputIsInvalid):
    """A text that is not a code of the Harmonized System."""

    code = "hs_code_invalid"


@dataclass(frozen=True, slots=True)
class Gtin:
    """A Global Trade Item Number of 8, 12, 13 or 14 digits with a right check digit (source: GS1 General Specifications)."""

    digits: str

    def __post_init__(self) -> None:
        problem = gtin_problem(self.digits)
        if problem:
            raise GtinIsInvalid(f'"{self.digits}" is not a GTIN: {problem}', hint="leave it empty when the product has none")


def gtin_problem(text: str) -> str:
    """Why the text is not a GTIN that a product may carry; empty when it is one."""
    if not (text.isascii() and text.isdigit()):
        return "it must be digits only"
    if len(text) not in _GTIN_LENGTHS:
        return f"it has {len(text)} digits, not 8, 12, 13 or 14"
    try:
        ean.validate(text)
    except ValidationError:
        return "its check digit is wrong"
    if not text.strip("0"):
        return "it is all zeros"
    if len(text) != 8 and _RESTRICTED.match(text.zfill(14)[1:]):
        return "its prefix is reserved (use inside a company, or coupons)"
    return ""


@dataclass(frozen=True, slots=True)
class HsCode:
    """A tariff code of 6, 8 or 10 digits; only its first six are the same in every country (source: WCO)."""

    digits: str

    def __post_init__(self) -> None:
        if not _HS.match(self.digits):
            raise HsCodeIsInvalid(f'"{self.digits}" is not an HS code', hint="write 6, 8 or 10 digits without dots")

    @property
    def subheading(self) -> str:
        """The international part: the first six digits."""
        return self.digits[:6]

    @property
    def chapter(self) -> str:
        return self.digits[:2]
