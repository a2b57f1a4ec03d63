"""What a platform does with a business: finds products, fills a cart, checks out, pays, follows the order."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tradewind.checks.ucp.model import CannotBeTried, Json, NobodyHereKnows, NotAsItMustBe, Offer, must
from tradewind.checks.ucp.player import Player, codes, read, totals_add_up
from tradewind.kit import Currency, Money

FAKE_HANDLER = "dev.tradewind.fake_pay"
GOOD_TOKEN, BAD_TOKEN = "tok_visa", "tok_decline"
BUYER = {"first_name": "Self", "last_name": "Check", "email": "selfcheck@example.com", "phone_number": "+12125550100"}
LOOK_SECONDS = 0.2


@dataclass
class Buyer:
    """What the steps of one purchase hand on."""

    player: Player
    offers: list[Offer]
    session: Json = field(default_factory=dict)
    order_id: str = ""
    # The offers that the feed opens for Google's own checkout.
    marked: frozenset[str] = frozenset()

    @property
    def first(self) -> Offer:
        """An offer that is in stock. CannotBeTried when none is."""
        found = next((one for one in self.offers if one.is_in_stock), None)
        if found is None:
            raise CannotBeTried("no offer of the feed is in stock")
        return found

    def lines(self, quantity: int = 1) -> list[Json]:
        """One line, with an id of the platform's own making, as Google sends it."""
        return [{"id": "line_1", "item": {"id": self.first.offer_id}, "quantity": quantity}]

    def context(self) -> Json:
        """Where the buyer is."""
        return {"address_country": self.player.wanted.country}


def product_is_found(buyer: Buyer) -> str:
    """Search finds something by a word of a title, each variant with a price."""
    word = max(buyer.first.title.split(), key=len)
    found = buyer.player.ask("search_catalog", "POST", "/catalog/search", {"query": word, "context": buyer.context()})
    must(found.get("products"), f'search for "{word}" found nothing')
    return f'"{word}": {len(found["products"])} products'


def nothing_to_search_by_is_refused(buyer: Buyer) -> str:
    """A search without any input."""
    response = buyer.player.send("POST", "/catalog/search", {"context": buyer.context()})
    must(response.status_code == 400, f"answered {response.status_code}, not 400")
    return str(read(response).get("code"))


def offer_is_looked_up(buyer: Buyer) -> str:
    """Lookup by the feed's id, with what it answers; an unknown id is left out."""
    ids = [buyer.first.offer_id, "no-such-offer", buyer.first.offer_id]
    found = buyer.player.ask("lookup_catalog", "POST", "/catalog/lookup", {"ids": ids, "context": buyer.context()})
    variants = [variant for product in found["products"] for variant in product["variants"]]
    must([one["id"] for one in variants] == [buyer.first.offer_id], f"variants are {[one.get('id') for one in variants]}")
    must(variants[0].get("inputs"), "the variant does not tell which input it answers")
    price = variants[0]["price"]
    must(price["amount"] == buyer.first.price, f"price is {_money(price['amount'], price['currency'])}, the feed says {buyer.first.told}")
    return f"{buyer.first.offer_id} at {buyer.first.told}"


def unknown_product_is_told(buyer: Buyer) -> str:
    """An unknown product is an outcome of the business, not an error of the protocol."""
    found = buyer.player.ask("get_product", "POST", "/catalog/product", {"id": "no-such-offer", "context": buyer.context()})
    must(found.get("ucp", {}).get("status") == "error", "ucp.status is not error")
    return ", ".join(codes(found))


def cart_lives_and_ends(buyer: Buyer) -> str:
    """A cart is made, changed, canceled, and gone."""
    player, body = buyer.player, {"line_items": buyer.lines(), "context": buyer.context()}
    cart = player.ask("create_cart", "POST", "/carts", body)
    totals_add_up(cart)
    more = player.ask("update_cart", "PUT", f"/carts/{cart['id']}", {"line_items": buyer.lines(2), "context": buyer.context()})
    must(more["line_items"][0]["quantity"] == 2, f"quantity is {more['line_items'][0]['quantity']} after an update to 2")
    player.ask("cancel_cart", "POST", f"/carts/{cart['id']}/cancel")
    gone = read(player.send("GET", f"/carts/{cart['id']}"))
    must("not_found" in codes(gone), f"a canceled cart answers {gone.get('messages')}")
    return str(cart["id"])


def checkout_is_made(buyer: Buyer) -> str:
    """Created with the little that a platform knows at first: lines and a country."""
    body = {"line_items": buyer.lines(), "context": buyer.context()}
    buyer.session = buyer.player.ask("create_checkout", "POST", "/checkout-sessions", body)
    totals_add_up(buyer.session)
    item = buyer.session["line_items"][0]["item"]
    must(item["id"] == buyer.first.offer_id, f"the line is {item['id']}, not {buyer.first.offer_id}")
    must(
        item["price"] == buyer.first.price,
        f"the price is {_money(item['price'], buyer.session['currency'])}, the feed says {buyer.first.told}",
    )
    kinds = {one["type"] for one in buyer.session.get("links", [])}
    must(kinds, "the checkout links no policies")
    return f"{buyer.session['id']} {buyer.session['status']}, links {', '.join(sorted(kinds))}"


def address_makes_options(buyer: Buyer) -> str:
    """With an address there are delivery options in one group, and totals that add up."""
    buyer.session = update(buyer, buyer.session, uuid4().hex)
    totals_add_up(buyer.session)
    groups = buyer.session["fulfillment"]["methods"][0]["groups"]
    must(len(groups) == 1, f"{len(groups)} groups, although the platform did not ask for several")
    must(groups[0]["options"], "there is no delivery option")
    must(buyer.session["status"] in {"ready_for_complete", "requires_escalation"}, f"{buyer.session['status']}: {codes(buyer.session)}")
    return f"{buyer.session['status']}, {', '.join(one['title'] for one in groups[0]['options'])}"


def repeat_is_answered_alike(buyer: Buyer) -> str:
    """The same request with the same key gets the same bytes; another body with it gets 409."""
    key, path = uuid4().hex, f"/checkout-sessions/{buyer.session['id']}"
    first, again = (buyer.player.send("PUT", path, _body(buyer), key=key) for _ in range(2))
    must(first.content == again.content, "the repeat was answered with other bytes")
    other = buyer.player.send("PUT", path, {"line_items": buyer.lines(2)}, key=key)
    must(other.status_code == 409, f"another body with the same key was answered {other.status_code}, not 409")
    buyer.session = read(first)
    return f"{len(first.content)} bytes"


def declined_card_is_told(buyer: Buyer) -> str:
    """A declined payment is an outcome with status 200, and the checkout can go on."""
    found = _complete(buyer, BAD_TOKEN)
    must(found["status"] != "completed", "a declined card completed the checkout")
    must(codes(found), "nothing is said about the declined card")
    return f"{found['status']}: {', '.join(codes(found))}"


def payment_makes_an_order(buyer: Buyer) -> str:
    """A good card completes the checkout, once."""
    found = _complete(buyer, GOOD_TOKEN)
    must(found["status"] == "completed", f"{found['status']}: {codes(found)}")
    must(GOOD_TOKEN not in str(found), "the credential is echoed")
    buyer.order_id = found["order"]["id"]
    return f"order {buyer.order_id}, {found['order']['permalink_url']}"


def order_is_read(buyer: Buyer) -> str:
    """The whole order, for the platform that placed it."""
    if not buyer.order_id:
        raise CannotBeTried("no order was placed")
    found = buyer.player.ask("get_order", "GET", f"/orders/{buyer.order_id}")
    must(found["line_items"], "the order has no lines")
    totals_add_up(found)
    return f"{len(found['line_items'])} lines, {found['currency']}"


def order_is_told(buyer: Buyer) -> str:
    """The platform hears of the order by a signed webhook, within the check's patience."""
    if not buyer.order_id:
        raise CannotBeTried("no order was placed")
    platform, until = buyer.player.platform, time.monotonic() + buyer.player.wanted.seconds
    while time.monotonic() < until:
        if any(one.body.get("id") == buyer.order_id for one in platform.received):
            return f"after {len(platform.received)} webhooks"
        if platform.refused:
            raise NotAsItMustBe(f"the webhook was refused: {platform.refused[0]}")
        time.sleep(LOOK_SECONDS)
    raise NobodyHereKnows(
        f"none came within {buyer.player.wanted.seconds} s: run the worker beside the server, and look at: tradewind webhook list"
    )


def checkout_is_canceled(buyer: Buyer) -> str:
    """Another checkout is canceled, and stays so."""
    player = buyer.player
    other = player.ask("create_checkout", "POST", "/checkout-sessions", {"line_items": buyer.lines(), "context": buyer.context()})
    done = player.ask("cancel_checkout", "POST", f"/checkout-sessions/{other['id']}/cancel")
    must(done["status"] == "canceled", f"the status is {done['status']}")
    return str(other["id"])


def tools_are_listed(buyer: Buyer) -> str:
    """The MCP endpoint lists its tools, without a session."""
    _mcp(buyer)
    tools = buyer.player.rpc("tools/list", {})["result"]["tools"]
    must(all(one.get("inputSchema") for one in tools), "a tool has no input schema")
    return f"{len(tools)} tools"


def tool_makes_a_checkout(buyer: Buyer) -> str:
    """MCP makes the very checkout that REST makes."""
    _mcp(buyer)
    found = buyer.player.tool("create_checkout", {"checkout": {"line_items": buyer.lines(), "context": buyer.context()}})
    price = found["line_items"][0]["item"]["price"]
    must(price == buyer.first.price, f"the price is {_money(price, found['currency'])}, the feed says {buyer.first.told}")
    return str(found["id"])


def buying_can_be_tried(buyer: Buyer) -> None:
    """CannotBeTried unless the caller asked for orders and the fake bank answers."""
    if not buyer.player.wanted.buys:
        raise CannotBeTried("places an order: add --buy where the fake bank answers")
    offered: Json = buyer.session.get("ucp", {}).get("payment_handlers", {})
    if FAKE_HANDLER not in offered:
        raise CannotBeTried(f"the checkout offers {', '.join(offered) or 'no handler'}, not the fake bank")


def _complete(buyer: Buyer, token: str) -> Json:
    buying_can_be_tried(buyer)
    handler = buyer.session["ucp"]["payment_handlers"][FAKE_HANDLER][0]["id"]
    credential = {"type": "token", "token": token}
    instrument = {"id": "pi_1", "handler_id": handler, "type": "card", "selected": True, "credential": credential}
    body = {"payment": {"instruments": [instrument]}}
    return buyer.player.ask("complete_checkout", "POST", f"/checkout-sessions/{buyer.session['id']}/complete", body)


def _body(buyer: Buyer) -> Json:
    method: Json = {"type": "shipping", "line_item_ids": ["line_1"], "destinations": [buyer.player.wanted.address]}
    return {"line_items": buyer.lines(), "context": buyer.context(), "buyer": BUYER, "fulfillment": {"methods": [method]}}


def update(buyer: Buyer, session: Json, key: str) -> Json:
    """The session with a buyer and an address."""
    return buyer.player.ask("update_checkout", "PUT", f"/checkout-sessions/{session['id']}", _body(buyer), key=key)


def _mcp(buyer: Buyer) -> None:
    try:
        buyer.player.endpoint("mcp")
    except NotAsItMustBe as error:
        raise CannotBeTried(str(error)) from None


def advertised(buyer: Buyer, area: str) -> None:
    """CannotBeTried when the profile does not say that the server can do it."""
    names = NEEDED.get(area, ())
    missing = [one for one in names if one not in buyer.player.profile["ucp"].get("capabilities", {})]
    if missing:
        raise CannotBeTried(f"the profile does not advertise {missing[0]}")


NEEDED = {
    "catalog": ("dev.ucp.shopping.catalog.search", "dev.ucp.shopping.catalog.lookup"),
    "cart": ("dev.ucp.shopping.cart",),
    "order": ("dev.ucp.shopping.order",),
    "checkout": ("dev.ucp.shopping.checkout", "dev.ucp.shopping.fulfillment"),
}
Step = Callable[[Buyer], str]
STEPS: tuple[tuple[str, str, Step], ...] = (
    ("catalog", "search finds by a word", product_is_found),
    ("catalog", "an empty search is refused", nothing_to_search_by_is_refused),
    ("catalog", "lookup by the feed's id", offer_is_looked_up),
    ("catalog", "an unknown product", unknown_product_is_told),
    ("cart", "made, changed, canceled, gone", cart_lives_and_ends),
    ("checkout", "made at the feed's price", checkout_is_made),
    ("checkout", "an address makes delivery options", address_makes_options),
    ("checkout", "a repeat is answered alike", repeat_is_answered_alike),
    ("checkout", "another one is canceled", checkout_is_canceled),
    ("payment", "a declined card is told", declined_card_is_told),
    ("payment", "a good card makes an order", payment_makes_an_order),
    ("order", "read by its platform", order_is_read),
    ("order", "told by a signed webhook", order_is_told),
    ("mcp", "tools are listed", tools_are_listed),
    ("mcp", "a checkout by a tool", tool_makes_a_checkout),
)


def every_price_holds(buyer: Buyer) -> str:
    """Every sampled offer can be bought by its feed id at its feed price, many to a checkout."""
    asked = [one for one in buyer.offers if one.is_in_stock]
    wrong: list[str] = []
    for start in range(0, len(asked), LINES):
        wrong += _prices(buyer, asked[start : start + LINES])
    if wrong:
        raise NotAsItMustBe(f"{len(wrong)} of {len(asked)} offers: {'; '.join(wrong[:SHOWN_OFFERS])}")
    return f"{len(asked)} offers"


def _prices(buyer: Buyer, offers: list[Offer]) -> list[str]:
    lines = [{"item": {"id": one.offer_id}, "quantity": 1} for one in offers]
    body: dict[str, Any] = {"line_items": lines, "context": buyer.context()}
    found = buyer.player.ask("create_checkout", "POST", "/checkout-sessions", body)
    sold = {line["item"]["id"]: (line["item"]["price"], found["currency"]) for line in found.get("line_items", [])}
    return [
        f"{one.offer_id} is {_money(*sold[one.offer_id]) if one.offer_id in sold else 'not sold'}, the feed says {one.told}"
        for one in offers
        if sold.get(one.offer_id) != (one.price, one.currency)
    ]


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, Currency(currency)))


LINES, SHOWN_OFFERS = 20, 5
