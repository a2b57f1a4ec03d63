"""Invoices and credit notes. Amounts are minor units of the paper's currency; a credit note's are negative."""

from dataclasses import dataclass
from datetime import date, datetime

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys: name, address lines, and registrations as (kind, number)."""

    name: str
    lines: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the paper: units of an article, or a part of the sum by its kind. `quantity` 0: it is not counted."""

    name: str
    amount: int
    quantity: int = 0
    unit_price: int = 0
    sku: str = ""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """gross = net + tax. `kind` is vat, sales_tax or none; a sales tax has no single rate."""

    kind: str
    rate_ppm: int | None
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice or credit note. Articles and sums add up to the total, and so do the gross amounts of its tax lines.

    `inside` are duties, fees and taxes paid at the border that the prices hold; they are told, and not added.
    """

    kind: str
    number: str
    order_id: str
    order_number: int
    market: str
    language: str
    currency: str
    issued_on: date
    supplied_on: date
    seller: Party
    buyer: Party
    articles: tuple[Part, ...]
    sums: tuple[Part, ...]
    total: int
    taxes: tuple[TaxLine, ...]
    inside: tuple[Part, ...] = ()
    corrects: str = ""  # the number of the invoice that a credit note corrects
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper as it was given out, with the SHA-256 of its bytes."""

    number: str
    kind: str
    order_id: str
    cause: str
    total: int
    currency: str
    issued_at: datetime
    sha256: str
    content: bytes
