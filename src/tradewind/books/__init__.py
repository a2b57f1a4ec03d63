"""The seller's books: invoices and credit notes, numbered without gaps, kept as they were given out."""

from tradewind.books.errors import CharacterHasNoFont, InvoiceIsNotDue
from tradewind.books.model import CREDIT_NOTE, INVOICE, Issued, Paper, Part, Party, TaxLine
from tradewind.books.rules import Terms, credit_note_of, invoice_of
from tradewind.books.service import Books, Print, given_back
from tradewind.books.store import reseal

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "Books",
    "CharacterHasNoFont",
    "InvoiceIsNotDue",
    "Issued",
    "Paper",
    "Part",
    "Party",
    "Print",
    "TaxLine",
    "Terms",
    "credit_note_of",
    "given_back",
    "invoice_of",
    "reseal",
]
