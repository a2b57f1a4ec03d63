"""Composes what speaks the Universal Commerce Protocol: the till behind it, the shop's pages it links to, the retailer's ucp.toml."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.bootstrap.selling import Till
    from tradewind.db import AsyncDatabase, Sealer
    from tradewind.kit import Clock
    from tradewind.ucp import Counter, UcpData

_OWN_PAGES = (("refund_policy", "/about/returns"), ("shipping_policy", "/about/delivery"))


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The window's own pages, with signed links where a page is for its buyer alone. See the port ShopLinks."""

    public_url: str
    sealer: "Sealer"
    own: "UcpData"

    def checkout(self, market: str, session_id: str) -> str:
        """See ShopLinks."""
        from tradewind.web.shopping.visit import signature

        return f"{self.public_url}/{market}/checkout/{session_id}?t={signature(self.sealer, 'checkout', session_id)}"

    def checkout_return(self, session_id: str) -> str:
        """See ShopLinks."""
        return f"{self.public_url}/{{market}}/checkout/{session_id}/return"

    def cart(self, market: str, cart_id: str) -> str:
        """See ShopLinks."""
        from tradewind.web.shopping.visit import signature

        return f"{self.public_url}/{market}/cart/{cart_id}?t={signature(self.sealer, 'cart', cart_id)}"

    def order(self, market: str, order_id: str) -> str:
        """See ShopLinks."""
        from tradewind.web.shopping import order_address

        return self.public_url + order_address(self.sealer, market, order_id)

    def shop(self, market: str) -> str:
        """See ShopLinks."""
        return f"{self.public_url}/{market}/"

    def policies(self, market: str) -> Sequence[tuple[str, str]]:
        """See ShopLinks: the retailer's own texts stand before the window's pages."""
        own = self.own.links
        pages = [(kind, f"{self.public_url}/{market}{page}") for kind, page in _OWN_PAGES if kind not in own]
        return [*((kind, url.replace("{market}", market)) for kind, url in own.items()), *pages]


def make_counter(settings: Settings, database: "AsyncDatabase", till: "Till", clock: "Clock") -> "Counter":
    """What the operations work with. UcpDataIsInvalid when the retailer's ucp.toml cannot be."""
    from tradewind.bootstrap.searching import open_search
    from tradewind.db import load_sealer
    from tradewind.markets import load_confirmations, load_markets, load_seller
    from tradewind.pipeline.planning import CONFIRMATIONS
    from tradewind.ucp import Counter, Disclosing, PaymentHandlers, load_data
    from tradewind.web.shopping.words import sentence
    from tradewind.web.speech import speech

    data, markets = load_data(settings.own_rules), load_markets(settings.own_rules)
    seller, confirmations = load_seller(settings.rules_folder), load_confirmations(settings.home / CONFIRMATIONS)
    return Counter(
        database=database,
        sessions=till.sessions,
        carts=till.carts,
        completing=till.completing,
        orders=till.orders,
        markets=markets,
        handlers=PaymentHandlers(data.handlers, till.payments),
        links=PageLinks(settings.public_url, load_sealer(settings, clock()), data),
        speech=speech,
        sentence=sentence,
        clock=clock,
        public_url=settings.public_url,
        search=open_search(settings),
        disclosing=Disclosing(markets, seller, settings.own_rules, confirmations),
        store_name=settings.store_name,
        default_market=data.market or ("us" if "us" in markets else next(iter(markets))),
    )
