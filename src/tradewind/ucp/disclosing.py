"""What a platform must show beside an article: warnings and labels, from the same facts and rules as pages and feeds."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tradewind.content import Speech
from tradewind.db import AsyncDatabase
from tradewind.listings import AttributeBook, attribute_book, consumer_notice, energy_class, energy_entry, said_of_marks
from tradewind.markets import Confirmations, Goods, Market, Seller, notices_for
from tradewind.offers import Offer, searching

PROP_65_PAGE = "https://www.p65warnings.ca.gov"
"""The State's page about the warnings of Proposition 65, which each warning must name."""
_CODES: Mapping[str, str] = {"prop_65": "prop65", "safety_warning": "safety_warning", "legal_disclaimer": "legal_disclaimer"}
_BREAK, _TAG = re.compile(r"<br\s*/?>", re.IGNORECASE), re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
_SCALE = "A–G"
KEPT_FOR, KEPT_OFFERS = timedelta(minutes=10), 50_000
"""What an offer must disclose follows from its facts, which a publication changes: it is looked at again after a while."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Words that must stand beside an article and not be hidden; `url` is where more is told."""

    code: str
    content: str
    url: str = ""

    def message(self, path: str) -> dict[str, Any]:
        """The warning of the protocol; `path` is the article in the answer (RFC 9535)."""
        told = {"type": "warning", "code": self.code, "path": path, "content": self.content, "presentation": "disclosure"}
        return told | ({"url": self.url} if self.url else {})


@dataclass
class Disclosing:
    """The rules by which articles must be disclosed, resolved once a day and market. `folder` holds the retailer's own."""

    markets: Mapping[str, Market]
    seller: Seller
    folder: Path | None = None
    confirmations: Confirmations = field(default_factory=dict)
    _books: dict[tuple[str, date], AttributeBook] = field(default_factory=dict)
    _learned: dict[str, datetime] = field(default_factory=dict)
    _kept: dict[tuple[str, str], tuple[Disclosure, ...]] = field(default_factory=dict)

    def of(self, offer: Offer, speech: Speech, day: date) -> tuple[Disclosure, ...]:
        """What must be disclosed of an offer in its market on a day; nothing where the market has no rules here."""
        market = self.markets.get(offer.market)
        if market is None:
            return ()
        found = [_noticed(consumer_notice(self._book(market, day), offer))]
        said = said_of_marks(offer.specs)
        if said:
            goods = Goods(offer.hs_code, offer.brand, offer.battery)
            topics = {one.topic for one in notices_for(market, day, goods, self.seller, confirmations=self.confirmations)}
            found += [_energy(said, speech) if "energy_label" in topics else None]
            found += [Disclosure("prop65", said["prop_65"], PROP_65_PAGE) if "prop65" in topics and "prop_65" in said else None]
            found += [Disclosure("safety_warning", said["warning"]) if "toys" in topics and "warning" in said else None]
        # The same warning may be said twice: as a notice for feeds, and as an entry that pages read.
        return tuple({one.code: one for one in reversed(found) if one is not None}.values())[::-1]

    async def learn(self, database: AsyncDatabase, offer_ids: Sequence[str], speech: Callable[[str, str], Speech], at: datetime) -> None:
        """Reads what these offers disclose in every market, unless that is known: `kept` tells it then without a wait."""
        wanted = [one for one in dict.fromkeys(offer_ids) if at - self._learned.get(one, datetime.min.replace(tzinfo=at.tzinfo)) > KEPT_FOR]
        if not wanted:
            return
        if len(self._learned) > KEPT_OFFERS:
            self._learned.clear()
            self._kept.clear()
        async with database.statements() as tx:
            offers = await searching.offers_everywhere(tx, wanted)
        self._learned |= dict.fromkeys(wanted, at)
        for offer in offers:
            market = self.markets.get(offer.market)
            if market is not None:
                self._kept[offer.market, offer.offer_id] = self.of(offer, speech(market.languages[0], market.country), at.date())

    def kept(self, market: str, offer_id: str) -> tuple[Disclosure, ...]:
        """What `learn` found for an offer in a market."""
        return self._kept.get((market, offer_id), ())

    def _book(self, market: Market, day: date) -> AttributeBook:
        held = self._books.get((market.code, day))
        if held is None:
            if len(self._books) >= 2 * len(self.markets):
                self._books.clear()
            held = self._books[market.code, day] = attribute_book(market, day, self.folder, self.confirmations)
        return held


def _noticed(notice: str) -> Disclosure | None:
    kind, _, words = notice.partition(":")
    if kind not in _CODES:
        return None
    plain = _TAG.sub("", _BREAK.sub("\n", words)).strip()
    return Disclosure(_CODES[kind], plain, PROP_65_PAGE if kind == "prop_65" else "") if plain else None


def _energy(said: Mapping[str, str], speech: Speech) -> Disclosure | None:
    letter, address = energy_class(said), energy_entry(said)
    if letter:
        return Disclosure(
            "energy_label", speech.text("Energy class %(letter)s (scale %(scale)s)") % {"letter": letter, "scale": _SCALE}, address
        )
    return Disclosure("energy_label", speech.text("Energy label"), address) if address else None
