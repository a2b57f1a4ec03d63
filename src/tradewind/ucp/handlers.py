"""Payment handlers: how a platform may pay here, made of the shop's payment methods and the retailer's ucp.toml.

A handler is shown where its method can be paid with by the provider that can read its credentials, and nowhere else.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tradewind.ucp.errors import UcpDataIsInvalid

if TYPE_CHECKING:
    from tradewind.kit import Money
    from tradewind.payments import Payments

FILE = "ucp.toml"
GOOGLE_PAY, FAKE_PAY, STRIPE_PAY = "com.google.pay", "dev.tradewind.fake_pay", "dev.tradewind.stripe_pay"
GOOGLE_PAY_VERSION, OWN_VERSION = "2026-01-23", "2026-11-23"
GOOGLE_PAY_PAGE = "https://pay.google.com/gp/p/ucp/2026-01-23/"
NETWORKS = ("AMEX", "DISCOVER", "MASTERCARD", "VISA")
AUTH_METHODS = ("PAN_ONLY", "CRYPTOGRAM_3DS")
GATEWAY = "PAYMENT_GATEWAY"
LINK_TYPES = ("terms_of_service", "privacy_policy", "refund_policy", "shipping_policy", "faq")
KEPT_ANSWERS = 1_000
_TABLES = {"google_pay", "stripe", "links", "market"}
_GOOGLE_KEYS = {"id", "environment", "merchant_id", "merchant_name", "merchant_origin", "networks", "auth_methods", "markets", "parameters"}
_STRIPE_KEYS = {"id", "publishable_key", "markets"}
_HINT = "compare it with docs/how-to/sell-in-agents.md"


@dataclass(frozen=True, slots=True)
class PaymentHandler:
    """A way to pay: `method` is the shop's own, `providers` are those that can read the credential, which is never opened here."""

    handler_id: str
    name: str
    version: str
    method: str
    providers: frozenset[str]
    credential_type: str
    markets: tuple[str, ...]
    config: Mapping[str, Any]
    page: str = ""
    instrument_type: str = "card"
    constraints: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """The handler as profiles and answers show it."""
        found: dict[str, Any] = {"id": self.handler_id, "version": self.version}
        if self.page:
            found |= {"spec": self.page, "schema": f"{self.page}schemas/config.json"}
        instrument = {"type": self.instrument_type} | ({"constraints": dict(self.constraints)} if self.constraints else {})
        return found | {"available_instruments": [instrument], "config": dict(self.config)}


@dataclass(frozen=True, slots=True)
class UcpData:
    """The retailer's ucp.toml: handlers, links to the retailer's own texts, the market of those who name none."""

    handlers: tuple[PaymentHandler, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    market: str = ""


class PaymentHandlers:
    """The handlers of this shop; `payments` knows which methods can be paid with where."""

    def __init__(self, handlers: Sequence[PaymentHandler], payments: "Payments") -> None:
        self._handlers, self._payments = tuple(handlers), payments
        self._entries = {one.handler_id: one.entry() for one in handlers}
        self._kept: dict[tuple[str, frozenset[str] | None], dict[str, list[dict[str, Any]]]] = {}

    def named(self, handler_id: str, known: frozenset[str] | None) -> PaymentHandler | None:
        """The handler of an id, when the platform knows it."""
        return next((one for one in self._handlers if one.handler_id == handler_id and (known is None or one.name in known)), None)

    def offered(self, market: str, amount: "Money | None", known: frozenset[str] | None) -> dict[str, list[dict[str, Any]]]:
        """What a purchase in the market may be paid with, by name; `known` are those that the platform knows (None: all). Do not change it."""
        if self._has_caps(market):
            return self._found(market, amount, known)
        kept = self._kept.get((market, known))
        if kept is None:
            if len(self._kept) >= KEPT_ANSWERS:
                self._kept.clear()
            kept = self._kept[market, known] = self._found(market, amount, known)
        return kept

    def _has_caps(self, market: str) -> bool:
        """Whether the amount of a purchase decides how it may be paid there."""
        ours = {one.method for one in self._handlers}
        return any(one.method_id in ours and one.cap(market) is not None for one in self._payments.methods.methods)

    def _found(self, market: str, amount: "Money | None", known: frozenset[str] | None) -> dict[str, list[dict[str, Any]]]:
        by_method = {one.method.method_id: one.provider for one in self._payments.offered(market, amount)}
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self._handlers:
            is_there = by_method.get(one.method) in one.providers and ("*" in one.markets or market in one.markets)
            if is_there and (known is None or one.name in known):
                found.setdefault(one.name, []).append(self._entries[one.handler_id])
        return found

    def declared(self, markets: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """Every handler that some market offers, for the profile."""
        found: dict[str, list[dict[str, Any]]] = {}
        for market in markets:
            for name, entries in self.offered(market, None, None).items():
                kept = found.setdefault(name, [])
                kept.extend(one for one in entries if one not in kept)
        return found


def fake_handler() -> PaymentHandler:
    """The handler of the fake provider, whose tokens say what happens; it moves no money."""
    return PaymentHandler("fake_pay", FAKE_PAY, OWN_VERSION, "card", frozenset({"fake"}), "token", ("*",), {"environment": "TEST"})


def load_data(folder: Path | None) -> UcpData:
    """The retailer's ucp.toml with the handlers that it describes; without one only the fake provider has its handler. UcpDataIsInvalid."""
    own = folder / FILE if folder is not None else None
    return parse_data(own.read_text("utf-8") if own is not None and own.is_file() else "")


def parse_data(text: str) -> UcpData:
    """What a TOML text describes. UcpDataIsInvalid."""
    try:
        table = _known(tomllib.loads(text), _TABLES)
        made = [fake_handler()]
        if "google_pay" in table:
            made.append(_google_pay(_known(table["google_pay"], _GOOGLE_KEYS)))
        if "stripe" in table:
            made.append(_stripe(_known(table["stripe"], _STRIPE_KEYS)))
        links = {kind: _link(kind, url) for kind, url in _known(table.get("links", {}), set(LINK_TYPES)).items()}
        return UcpData(tuple(made), links, str(table.get("market", "")))
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise UcpDataIsInvalid(f"{FILE}: {error}", hint=_HINT) from None


def _google_pay(row: Mapping[str, Any]) -> PaymentHandler:
    environment = row.get("environment", "TEST")
    if environment not in {"TEST", "PRODUCTION"}:
        raise ValueError("google_pay.environment is TEST or PRODUCTION")
    parameters = dict(row["parameters"])
    if not parameters.get("gateway") or not all(isinstance(one, str) for one in parameters.values()):
        raise ValueError("google_pay.parameters names the gateway and what it wants, as texts")
    if environment == "PRODUCTION" and not row.get("merchant_id"):
        raise ValueError("google_pay.merchant_id is needed in PRODUCTION: the id of Google's Pay and Wallet console")
    networks, methods = list(row.get("networks", NETWORKS)), list(row.get("auth_methods", AUTH_METHODS))
    merchant = {name: row[name] for name in ("merchant_id", "merchant_name", "merchant_origin") if row.get(name)}
    card = {
        "type": "CARD",
        "parameters": {"allowed_auth_methods": methods, "allowed_card_networks": networks},
        "tokenization_specification": {"type": GATEWAY, "parameters": parameters},
    }
    config = {
        "api_version": 2,
        "api_version_minor": 0,
        "environment": environment,
        "merchant_info": merchant,
        "allowed_payment_methods": [card],
    }
    return PaymentHandler(
        str(row.get("id", "gpay")),
        GOOGLE_PAY,
        GOOGLE_PAY_VERSION,
        "google_pay",
        frozenset({"fake", parameters["gateway"]}),
        GATEWAY,
        _markets(row),
        config,
        GOOGLE_PAY_PAGE,
        constraints={"brands": [one.lower() for one in networks]},
    )


def _stripe(row: Mapping[str, Any]) -> PaymentHandler:
    if not str(row["publishable_key"]).startswith("pk_"):
        raise ValueError("stripe.publishable_key begins with pk_; a secret key would be shown to everybody")
    config = {"publishable_key": row["publishable_key"]}
    return PaymentHandler(
        str(row.get("id", "stripe")), STRIPE_PAY, OWN_VERSION, "card", frozenset({"stripe"}), "token", _markets(row), config
    )


def _markets(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row.get("markets", ["*"])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("markets is a list of codes")
    return tuple(found)


def _link(kind: str, url: object) -> str:
    if not isinstance(url, str) or urlsplit(url).scheme not in {"https", "http"}:
        raise ValueError(f"links.{kind} is not an absolute address")
    return url


def _known(row: Mapping[str, Any], keys: set[str]) -> Mapping[str, Any]:
    unknown = sorted(set(row) - keys)
    if unknown:
        raise ValueError(f"{unknown[0]} is not known; there are {', '.join(sorted(keys))}")
    return row
