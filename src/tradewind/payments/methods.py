"""Which payment methods a market offers: data of the package or of the retailer's payment-methods.toml, and what its providers take."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.kit import Money
from tradewind.markets import Finding
from tradewind.payments.errors import CashAboveItsCap, PaymentDataIsInvalid, PaymentMethodNotOffered
from tradewind.payments.ports import Capabilities

FILE = "payment-methods.toml"
RULE = "payments"
_OWN = resources.files("tradewind.payments").joinpath("data", "methods.toml")
_HINT = "compare it with docs/how-to/take-payments.md"
_METHOD_KEYS = {"id", "kind", "markets", "confirmation", "caps"}
_MARKET_KEYS = {"code", "beside_cards"}


class MethodKind(StrEnum):
    """How a method moves money."""

    CARD = "card"
    WALLET = "wallet"
    QR = "qr"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Method:
    """A payment method. `caps` are the dearest orders it may pay, in minor units by market; a confirmation comes before it counts."""

    method_id: str
    kind: MethodKind
    markets: tuple[str, ...]
    confirmation: bool = False
    caps: Mapping[str, int] | None = None

    def in_market(self, market: str) -> bool:
        """Whether the market has it."""
        return "*" in self.markets or market in self.markets

    def cap(self, market: str) -> int | None:
        """The dearest order it may pay there; None without a cap."""
        return (self.caps or {}).get(market)


@dataclass(frozen=True, slots=True)
class Offered:
    """A method that can be paid with, and the provider that takes it."""

    method: Method
    provider: str


@dataclass(frozen=True, slots=True)
class Methods:
    """Every method, and the markets that need one beside cards."""

    methods: tuple[Method, ...]
    beside_cards: frozenset[str]

    def offered(self, market: str, amount: Money | None, providers: Mapping[str, Capabilities]) -> tuple[Offered, ...]:
        """What a shopper of the market may choose from for this amount (None: for any), in the order of the file."""
        found = []
        for method in self.methods:
            provider = _provider(method, market, providers)
            cap = method.cap(market)
            if provider is not None and (amount is None or cap is None or amount.minor <= cap):
                found.append(Offered(method, provider))
        return tuple(found)

    def choose(self, method_id: str, market: str, amount: Money, providers: Mapping[str, Capabilities]) -> Offered:
        """The method and who takes it. PaymentMethodNotOffered, CashAboveItsCap."""
        method = next((one for one in self.methods if one.method_id == method_id), None)
        provider = _provider(method, market, providers) if method is not None else None
        if method is None or provider is None:
            known = ", ".join(one.method.method_id for one in self.offered(market, amount, providers)) or "none"
            raise PaymentMethodNotOffered(f'"{method_id}" cannot be paid with in the market {market}', hint=f"offered there: {known}")
        cap = method.cap(market)
        if cap is not None and amount.minor > cap:
            raise CashAboveItsCap(
                f"{amount} is more than {method_id} may pay in {market}: {Money(cap, amount.currency)}", hint="choose another method"
            )
        return Offered(method, provider)


def load_methods(folder: Path | None = None) -> Methods:
    """The methods of the retailer's folder (its payment-methods.toml), else those of the package. PaymentDataIsInvalid."""
    own = folder / FILE if folder is not None else None
    return parse_methods(own.read_text("utf-8") if own is not None and own.is_file() else _OWN.read_text("utf-8"))


def parse_methods(text: str) -> Methods:
    """The methods that a TOML text describes. PaymentDataIsInvalid."""
    try:
        table = tomllib.loads(text)
        methods = tuple(_method(row) for row in table.get("method", []))
        needing = frozenset(_refused(row, _MARKET_KEYS)["code"] for row in table.get("market", []) if row.get("beside_cards") is True)
    except tomllib.TOMLDecodeError as error:
        raise PaymentDataIsInvalid(f"{FILE} is not TOML: {error}", hint=_HINT) from None
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise PaymentDataIsInvalid(f"{FILE}: {error}", hint=_HINT) from None
    if len({one.method_id for one in methods}) != len(methods):
        raise PaymentDataIsInvalid(f"{FILE}: two methods have the same id", hint=_HINT)
    return Methods(methods, needing)


def launch_findings(market: str, methods: Methods, providers: Mapping[str, Capabilities]) -> list[Finding]:
    """What forbids a launch: no provider, one that moves no real money, or cards alone where many shoppers have none."""
    offered = methods.offered(market, None, providers)
    if not offered:
        message = "no payment method can be paid with"
        return [Finding(market, "payments", RULE, message, "set TRADEWIND_PAYMENT_PROVIDERS: docs/how-to/take-payments.md")]
    findings = []
    invented = sorted({one.provider for one in offered if providers[one.provider].invented})
    if invented:
        message = f'the payment provider "{invented[0]}" moves no real money'
        findings.append(Finding(market, "payments", RULE, message, "set TRADEWIND_PAYMENT_PROVIDERS, such as stripe,on_delivery"))
    if market in methods.beside_cards and all(one.method.kind in {MethodKind.CARD, MethodKind.WALLET} for one in offered):
        message = "only cards and wallets can be paid with, where many shoppers have none"
        findings.append(
            Finding(market, "payments", RULE, message, "add a provider that takes a QR code or cash: docs/how-to/take-payments.md")
        )
    return findings


def _provider(method: Method, market: str, providers: Mapping[str, Capabilities]) -> str | None:
    if not method.in_market(market):
        return None
    return next((name for name, capabilities in providers.items() if capabilities.takes(method.method_id, market)), None)


def _method(row: Mapping[str, Any]) -> Method:
    _refused(row, _METHOD_KEYS)
    caps = row.get("caps", {})
    if any(type(value) is not int or value <= 0 for value in caps.values()):
        raise ValueError(f"method {row['id']}: a cap is a whole number of minor units above 0")
    confirmation = row.get("confirmation", False)
    if type(confirmation) is not bool:
        raise ValueError(f"method {row['id']}: confirmation is true or false")
    return Method(str(row["id"]), MethodKind(row["kind"]), tuple(_texts(row["markets"])), confirmation, dict(caps))


def _texts(value: object) -> Sequence[str]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError("markets is a list of codes")
    return value


def _refused(row: Mapping[str, Any], keys: set[str]) -> Mapping[str, Any]:
    unknown = sorted(set(row) - keys)
    if unknown:
        raise ValueError(f"{unknown[0]} is not a key of {row.get('id', row.get('code', '?'))}")
    return row
