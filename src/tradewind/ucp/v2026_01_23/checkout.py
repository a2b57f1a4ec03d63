"""A checkout session as 2026-01-23 has it: amounts without a sign, no `ucp.status`, no severity `unrecoverable`. Pure."""

from typing import Any

from tradewind.checkout import CheckoutSession
from tradewind.ucp.v2026_04_08 import checkout as april
from tradewind.ucp.v2026_04_08.checkout import Telling

Json = dict[str, Any]
_SAID_SINCE = ("presentation", "image_url", "url")


def checkout_entity(session: CheckoutSession, telling: Telling) -> Json:
    """The whole checkout."""
    entity = april.checkout_entity(session, telling)
    entity["totals"] = _unsigned(entity["totals"])
    for line in entity["line_items"]:
        line["totals"] = _unsigned(line["totals"])
    entity["messages"] = [_message(one) for one in entity["messages"]]
    return entity


def error_entity(code: str, content: str, telling: Telling, *, market: str = "", path: str = "") -> Json:
    """An answer without a resource."""
    entity = april.error_entity(code, content, telling, market=market, path=path)
    entity["ucp"] = {name: value for name, value in entity["ucp"].items() if name != "status"}
    return entity


def _unsigned(totals: list[Json]) -> list[Json]:
    return [{**one, "amount": abs(one["amount"])} for one in totals]


def _message(message: Json) -> Json:
    return {name: value for name, value in message.items() if name not in _SAID_SINCE}
