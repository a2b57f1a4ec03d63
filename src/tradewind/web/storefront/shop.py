"""One market's shop during one request: its words, its addresses, its categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from tradewind.catalog import ancestors, categories
from tradewind.kit import Currency, Money
from tradewind.markets import WithdrawalFunction, withdrawal_function
from tradewind.network import cut_off, later, promise
from tradewind.offers import Offer, store
from tradewind.web import render
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House, MarketWindow
from tradewind.web.speech import Speech, speech

MEDIA = "/media/"
_quoted = lru_cache(maxsize=20_000)(quote)


@dataclass(frozen=True, slots=True)
class Shop:
    """A market's shop. Addresses below the market begin with a slash."""

    house: House
    market: MarketWindow
    publication: store.Publication
    published: tuple[store.Publication, ...]
    facts: Any
    speech: Speech
    path: str

    @property
    def name(self) -> str:
        return self.house.settings.store_name

    @property
    def today(self) -> date:
        return self.house.clock().date()

    def link(self, path: str, **query: str | None) -> str:
        """The address of a page of this market, on this host."""
        given = {key: value for key, value in query.items() if value}
        return f"/{self.market.code}{_quoted(path)}" + (f"?{urlencode(given)}" if given else "")

    def absolute(self, path: str) -> str:
        """The address that shoppers and Google use."""
        return self.house.settings.public_url + self.link(path)

    def picture(self, address: str) -> str:
        """The picture's address for this page: our own pictures are asked from the host that serves the page."""
        return address.removeprefix(self.house.settings.public_url) if self.is_own(address) else address

    @property
    def withdrawal(self) -> WithdrawalFunction | None:
        """The withdrawal function that orders of today need in this market; None where no rule asks for it."""
        return self.frame.withdrawal

    @property
    def frame(self) -> "Frame":
        """Head and foot of this market's pages. Worked out once a day for each publication: they hold no price, stock or promise of an offer."""
        made_of = (self.publication, self.today, self.speech.tag, self.house.search is None, self.house.till is None)
        held = self.house.frames.get(self.market.code)
        if held is None or held[0] != made_of:
            held = self.house.frames[self.market.code] = (made_of, self._frame())
        found: Frame = held[1]
        return found

    def head(self, asked_text: str = "") -> Markup:
        """The head of a page, with what was searched for."""
        return render.part(
            "storefront/head.html", self.speech.language, shop=self, house=self.house, speech=self.speech, asked_text=asked_text
        )

    def _frame(self) -> "Frame":
        rules = self.house.rules.get(self.market.code)
        withdrawal = withdrawal_function(rules, self.today, self.house.confirmations) if rules is not None else None
        foot = render.part("storefront/foot.html", self.speech.language, shop=self, withdrawal=withdrawal)
        return Frame(self.head(), foot, withdrawal)

    def is_own(self, address: str) -> bool:
        return address.startswith(self.house.settings.public_url + MEDIA)

    def others(self) -> list[tuple[MarketWindow, Speech]]:
        """The published markets, this one too, in the order of their codes."""
        found = [self.house.market(one.market) for one in self.published]
        return [(market, speech(market.language, market.country)) for market in found]

    def category_name(self, slug: str) -> str:
        known = categories().get(slug)
        return known.name(self.speech.language) if known else slug.replace("-", " ").capitalize()

    def category_path(self, slug: str) -> str:
        return " > ".join(self.category_name(step) for step in reversed(ancestors(slug))) or self.category_name(slug)

    def trail(self, slug: str) -> list[tuple[str, str]]:
        """The steps from the market's home to the category: (name, path)."""
        steps = list(reversed(ancestors(slug))) or [slug]
        return [(self.speech.text("Start page"), "/"), *((self.category_name(step), f"/c/{step}") for step in steps)]

    def departments(self) -> list["Department"]:
        """The top categories that hold offers, largest first."""
        found: dict[str, Department] = {}
        for one in self.facts.categories:
            top = (ancestors(one.category) or (one.category,))[-1]
            held = found.get(top)
            larger = held is None or one.offers_count > held.largest.offers_count
            found[top] = Department(
                top, (held.offers_count if held else 0) + one.offers_count, one if larger or held is None else held.largest
            )
        return sorted(found.values(), key=lambda department: (-department.offers_count, department.slug))

    def below(self, slug: str) -> list[store.CategoryCount]:
        """The categories with offers that lie at or below the slug."""
        return [one for one in self.facts.categories if one.category == slug or slug in ancestors(one.category)]

    def arrival(self, offer: Offer) -> "Arrival":
        """The promised days for an order of now, as the checkout promises them."""
        at, network, country = self.house.clock(), self.house.network, self.market.country
        lane = next((one for one in network.lanes if one.lane_id == offer.lane_id), None)
        if lane is None:  # the lanes have changed since the offers were made
            return Arrival(self.speech.span(*(later(at.date(), days, country) for days in (offer.min_days, offer.max_days))), "")
        location = network.location(lane.location_id)
        days = promise(lane, location, country, at)
        return Arrival(self.speech.span(days.earliest, days.latest), self.speech.lasting(cut_off(lane, location, at) - at))

    def nothing(self) -> Money:
        """Zero in the market's currency: what is left to pay at the door."""
        return Money(0, Currency(self.facts.terms.currency))

    def origins(self) -> list[str]:
        """The countries that articles leave from, by name."""
        return [self.speech.country_name(country) for country in self.facts.terms.ships_from]

    def amount(self, minor: int, offer: Offer) -> str:
        return self.speech.money(Money(minor, Currency(offer.currency)))


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page of a market."""

    head: Markup
    foot: Markup
    withdrawal: WithdrawalFunction | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The promised days in words, and for how long they hold; empty when nobody knows."""

    days: str
    holds: str


@dataclass(frozen=True, slots=True)
class Department:
    """A top category with its number of offers, and its largest category (whose best offer lends the picture)."""

    slug: str
    offers_count: int
    largest: store.CategoryCount

    @property
    def best(self) -> store.OfferCard:
        return self.largest.best


async def open_shop(house: House, tx: store.Reader, code: str, path: str) -> Shop:
    """The shop of a published market; PageNotFound when nothing is published under that code."""
    return await shop_of(house, tx, await store.publications(tx), code, path)


async def shop_of(house: House, tx: store.Reader, published: Sequence[store.Publication], code: str, path: str) -> Shop:
    """The same where the publications are known."""
    publication = find(published, code)
    market = house.market(code)
    words = speech(market.language, market.country)
    return Shop(house, market, publication, tuple(published), await house.facts(tx, publication), words, path)


def find(published: Sequence[store.Publication], code: str) -> store.Publication:
    """The publication of a market."""
    for publication in published:
        if publication.market == code:
            return publication
    shown = ", ".join(one.market for one in published) or "none yet"
    raise PageNotFound(f'no market "{code}" is published', hint=f"published markets: {shown}")
