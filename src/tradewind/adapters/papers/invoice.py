"""An invoice as PDF, in the buyer's language: A4, as many pages as it takes."""

import io
from collections.abc import Callable, Sequence
from datetime import date

from babel.dates import format_date
from reportlab.pdfgen.canvas import Canvas

from tradewind.adapters.papers.fonts import Fonts
from tradewind.books import CREDIT_NOTE, Paper, Part, Party
from tradewind.content import Speech, translations
from tradewind.kit import Currency, Money

LANGUAGES = ("en", "de", "th", "zh")
_WIDTH, _HEIGHT, _EDGE = 595, 842, 50
_SMALL, _PLAIN, _LARGE = 8, 10, 18
_LINE = 14
_TITLE_WIDTH = 250
_QUANTITY_AT, _UNIT_AT, _AMOUNT_AT = 350, 440, _WIDTH - _EDGE


def invoice_press(fonts: Fonts) -> Callable[[Paper], bytes]:
    """What makes the PDF of a paper: the same paper gives the same bytes."""
    return lambda paper: _Sheet(paper, fonts).made()


class _Sheet:
    def __init__(self, paper: Paper, fonts: Fonts) -> None:
        language = paper.language if paper.language in LANGUAGES else "en"
        self.paper, self.fonts = paper, fonts
        self.speech = Speech(language, paper.market.upper(), translations("tradewind.books", "books", language))
        self.say = self.speech.text
        self._held = io.BytesIO()
        self._canvas = Canvas(self._held, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1)
        self._canvas.setTitle(f"{self.title()} {paper.number}")
        self._canvas.setAuthor(paper.seller.name)
        self._at = _HEIGHT - _EDGE

    def made(self) -> bytes:
        """The finished file."""
        self._head()
        self._articles()
        self._sums()
        self._taxes()
        self._canvas.save()
        return self._held.getvalue()

    def title(self) -> str:
        return self.say("Credit note") if self.paper.kind == CREDIT_NOTE else self.say("Invoice")

    def money(self, minor: int) -> str:
        # Some fonts lack the narrow spaces of CLDR; the sign of minus is ASCII for programs that read along.
        told = self.speech.money(Money(minor, Currency(self.paper.currency)))
        return told.replace("\u202f", " ").replace("\xa0", " ").replace("\u200f", "").replace("\u200e", "").replace("\u2212", "-")

    def day(self, moment: date) -> str:
        return format_date(moment, "medium", locale=self.speech.locale).replace("\u202f", " ")

    def _head(self) -> None:
        paper, say = self.paper, self.say
        self._text(_EDGE, self.title(), size=_LARGE, bold=True)
        self._down(_LARGE + 8)
        facts = [
            (say("Number"), paper.number),
            (say("Date"), self.day(paper.issued_on)),
            (say("Date of supply"), self.day(paper.supplied_on)),
            (say("Order"), str(paper.order_number)),
        ]
        facts += [(say("Corrects the invoice"), paper.corrects)] if paper.corrects else []
        facts += [(say("Reason"), paper.reason)] if paper.reason else []
        for name, value in facts:
            self._text(_EDGE, f"{name}: {value}")
            self._down()
        self._down(8)
        top = self._at
        self._party(_EDGE, say("Seller"), paper.seller)
        below, self._at = self._at, top
        self._party(_EDGE + _WIDTH // 2 - 30, say("Buyer"), paper.buyer)
        self._at = min(below, self._at) - 10

    def _party(self, x: int, title: str, party: Party) -> None:
        self._text(x, title, size=_SMALL)
        self._down()
        self._text(x, party.name, bold=True)
        self._down()
        numbers = [f"{self.say(kind)}: {number}" for kind, number in party.numbers]
        for line in (*party.lines, *numbers, *([party.email] if party.email else ())):
            for row in self._wrapped(line, _TITLE_WIDTH - 20):
                self._text(x, row, size=_SMALL + 1)
                self._down(12)

    def _articles(self) -> None:
        say = self.say
        if any(one.quantity for one in self.paper.articles):
            self._row(say("Article"), say("Quantity"), say("Unit price"), say("Amount"), bold=True)
        else:
            self._row(say("Article"), "", "", say("Amount"), bold=True)
        self._rule()
        for one in self.paper.articles:
            counted = (str(one.quantity), self.money(one.unit_price)) if one.quantity else ("", "")
            name = say("Credit") if one.name == "credit" and self.paper.kind == CREDIT_NOTE else one.name
            self._row(name, *counted, self.money(one.amount))
        self._rule()

    def _sums(self) -> None:
        names = {
            "items_discount": self.say("Saved by travelling together"),
            "discount": self.say("Discount"),
            "fulfillment": self.say("Delivery"),
            "tax": self.say("Sales tax"),
            "fee": self.say("Fee"),
        }
        for one in self.paper.sums:
            self._row(names.get(one.name, one.name), "", "", self.money(one.amount))
        self._row(self.say("Total"), "", "", self.money(self.paper.total), bold=True)
        self._down(8)

    def _taxes(self) -> None:
        say = self.say
        self._row(say("Tax"), say("Net"), say("Tax amount"), say("Gross"), bold=True)
        self._rule()
        for one in self.paper.taxes:
            kind = {"vat": say("VAT"), "sales_tax": say("Sales tax")}.get(one.kind, say("No tax at the sale"))
            name = f"{kind} {self.speech.percent(one.rate_ppm)}" if one.rate_ppm else kind
            self._row(name.replace("\xa0", " "), self.money(one.net), self.money(one.tax), self.money(one.gross))
        self._inside(self.paper.inside)

    def _inside(self, parts: Sequence[Part]) -> None:
        say = self.say
        names = {"duty": say("Import duty"), "border_fee": say("Border fees"), "import_tax": say("Import tax")}
        if not parts:
            return
        self._down(8)
        told = "; ".join(f"{names[one.name]} {self.money(one.amount)}" for one in parts)
        for row in self._wrapped(
            say("Paid by the seller at the border, inside the prices: %(parts)s") % {"parts": told}, _AMOUNT_AT - _EDGE
        ):
            self._text(_EDGE, row, size=_SMALL + 1)
            self._down(12)

    def _row(self, name: str, second: str, third: str, last: str, *, bold: bool = False) -> None:
        rows = self._wrapped(name, _TITLE_WIDTH, bold=bold)
        self._room(_LINE * len(rows))
        for x, text in ((_QUANTITY_AT, second), (_UNIT_AT, third), (_AMOUNT_AT, last)):
            if text:
                self._text(x - self.fonts.width(text, _PLAIN, bold=bold), text, bold=bold)
        for row in rows:
            self._text(_EDGE, row, bold=bold)
            self._down()

    def _wrapped(self, text: str, width: int, *, bold: bool = False) -> list[str]:
        rows, held = [], ""
        for character in " ".join(text.split()):
            if held and self.fonts.width(held + character, _PLAIN, bold=bold) > width:
                cut = held.rfind(" ") if " " in held[1:] and character != " " else len(held)
                rows.append(held[:cut].rstrip())
                held = held[cut:].lstrip()
            held += character
        return [*rows, held]

    def _text(self, x: int, text: str, *, size: int = _PLAIN, bold: bool = False) -> None:
        self._room(size)
        written = self._canvas.beginText(x, self._at)
        for name, part in self.fonts.runs(text, bold=bold):
            written.setFont(name, size)
            written.textOut(part)
        self._canvas.drawText(written)

    def _rule(self) -> None:
        self._canvas.line(_EDGE, self._at + _LINE - 4, _AMOUNT_AT, self._at + _LINE - 4)

    def _down(self, points: int = _LINE) -> None:
        self._at -= points

    def _room(self, points: int) -> None:
        if self._at - points < _EDGE:
            self._canvas.showPage()
            self._at = _HEIGHT - _EDGE
