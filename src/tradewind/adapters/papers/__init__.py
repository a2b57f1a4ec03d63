"""Papers as PDF: invoices and credit notes, with the fonts of their languages inside."""

from tradewind.adapters.papers.fonts import Fonts, find_fonts
from tradewind.adapters.papers.invoice import invoice_press

__all__ = ["Fonts", "find_fonts", "invoice_press"]
