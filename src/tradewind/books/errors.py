"""What can go wrong with invoices.

TradewindError
├── InvoiceIsNotDue     404  nothing of the order has left, so there is nothing to invoice yet
└── CharacterHasNoFont  500  no installed font can write a character of the paper
"""

from tradewind.kit import NotFound, TradewindError


class InvoiceIsNotDue(NotFound):
    """An invoice is written when the first parcel leaves, a credit note when money has gone back."""

    code = "invoice_not_due"


class CharacterHasNoFont(TradewindError):
    """A paper would show an empty box in the place of a character."""

    code = "character_has_no_font"
