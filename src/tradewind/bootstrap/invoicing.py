"""Composes the books: who sells, at which tax rates, and what makes the PDF."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.books import Books, Terms
    from tradewind.db import AsyncDatabase
    from tradewind.kit import Clock


def make_books(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> "Books":
    """The books on an open database."""
    from tradewind.adapters.papers import find_fonts, invoice_press
    from tradewind.books import Books, Paper, Terms
    from tradewind.markets import load_market, load_seller

    def terms(market: str) -> "Terms":
        rates = {rule.id: rule.rate_ppm for rule in load_market(market, settings.own_rules).rules if rule.rate_ppm}
        address = tuple(one.strip() for one in (settings.seller_address or "").split("|") if one.strip())
        return Terms(load_seller(settings.rules_folder), clock().date(), rates, address)

    def press(paper: Paper) -> bytes:
        return invoice_press(find_fonts(settings.font_folder))(paper)  # fonts are read when the first paper is printed

    return Books(database, terms, press, clock)
