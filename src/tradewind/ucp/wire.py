"""What requests may hold, declared once for all versions: strictly typed where we read, and open for what we do not (unknown fields pass).

Absent and null differ: null is only accepted where the schemas say so.
"""

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from tradewind.ucp.errors import RequestIsInvalid

LINES_LIMIT, LIST_LIMIT, TEXT_LIMIT, LONG_LIMIT, TOKEN_LIMIT = 100, 50, 200, 2_000, 16_000
_AT = re.compile(r" - at `(?:key in )?(.*)`$")

Shape = TypeVar("Shape")
Id = Annotated[str, Meta(min_length=1, max_length=TEXT_LIMIT)]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]
LongText = Annotated[str, Meta(max_length=LONG_LIMIT)]
Quantity = Annotated[int, Meta(ge=1)]


class AskedItem(Struct, frozen=True):
    """Which offer is meant."""

    id: Id


class AskedLine(Struct, frozen=True):
    """Units of an item. `id` names a line of an earlier answer."""

    item: AskedItem
    quantity: Quantity
    id: Text = ""


class AskedAddress(Struct, frozen=True):
    """A postal address, as far as known."""

    street_address: Text = ""
    extended_address: Text = ""
    address_locality: Text = ""
    address_region: Text = ""
    address_country: Text = ""
    postal_code: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    phone_number: Text = ""


class AskedDestination(AskedAddress, frozen=True):
    """An address that the buyer may choose."""

    id: Text = ""


class AskedGroup(Struct, frozen=True):
    """The buyer's choice within a group of ours."""

    id: Text = ""
    selected_option_id: Text | None = None


class AskedMethod(Struct, frozen=True):
    """Where and how lines shall go."""

    id: Text = ""
    type: Literal["shipping", "pickup"] = "shipping"
    line_item_ids: Annotated[list[Text], Meta(max_length=LINES_LIMIT)] = []
    destinations: Annotated[list[AskedDestination], Meta(max_length=LIST_LIMIT)] = []
    selected_destination_id: Text | None = None
    groups: Annotated[list[AskedGroup], Meta(max_length=LIST_LIMIT)] = []


class AskedFulfillment(Struct, frozen=True):
    """The methods that the buyer chose."""

    methods: Annotated[list[AskedMethod], Meta(max_length=LIST_LIMIT)] = []


class AskedBuyer(Struct, frozen=True):
    """Who buys, as far as known."""

    first_name: Text = ""
    last_name: Text = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone_number: Annotated[str, Meta(max_length=40)] = ""
    consent: dict[Text, bool] = {}


class AskedContext(Struct, frozen=True):
    """Hints about the buyer; what an address says stands above them."""

    address_country: Text = ""
    address_region: Text = ""
    postal_code: Text = ""
    intent: LongText = ""
    language: Text = ""
    currency: Text = ""
    eligibility: Annotated[list[Text], Meta(max_length=LIST_LIMIT)] = []


class AskedDiscounts(Struct, frozen=True):
    """Discount codes, in place of those before."""

    codes: Annotated[list[Text], Meta(max_length=LIST_LIMIT)] = []


class AskedCheckout(Struct, frozen=True):
    """The body of create and update."""

    line_items: Annotated[list[AskedLine], Meta(max_length=LINES_LIMIT)]
    buyer: AskedBuyer = AskedBuyer()
    context: AskedContext = AskedContext()
    fulfillment: AskedFulfillment = AskedFulfillment()
    discounts: AskedDiscounts = AskedDiscounts()
    attribution: dict[Text, LongText] = {}
    signals: dict[Text, Any] = {}
    cart_id: Text = ""


class AskedCredential(Struct, frozen=True):
    """What pays, made by the handler: an opaque token, which is passed on unopened and kept nowhere."""

    type: Text
    token: Annotated[str, Meta(max_length=TOKEN_LIMIT)] = ""


class AskedInstrument(Struct, frozen=True):
    """A payment instrument of one of our handlers."""

    id: Id
    handler_id: Id
    type: Text
    credential: AskedCredential | msgspec.UnsetType = msgspec.UNSET
    selected: bool = False


class AskedPayment(Struct, frozen=True):
    """The instruments of which one pays."""

    instruments: Annotated[list[AskedInstrument], Meta(max_length=LIST_LIMIT)] = []


class AskedComplete(Struct, frozen=True):
    """The body of complete."""

    payment: AskedPayment
    signals: dict[Text, Any] = {}


def read(decoder: msgspec.json.Decoder[Shape], raw: bytes) -> Shape:
    """The body, read strictly. RequestIsInvalid names the place as an RFC 9535 path."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        told = str(error)
        at = _AT.search(told)
        path = at[1].replace("[...]", "[*]") if at else "$"
        raise RequestIsInvalid(_AT.sub("", told), hint="send what the schema of the operation asks for", path=path) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise RequestIsInvalid("the body is not JSON", hint="send a JSON object", path="$") from None


CHECKOUT = msgspec.json.Decoder(AskedCheckout)
COMPLETE = msgspec.json.Decoder(AskedComplete)
