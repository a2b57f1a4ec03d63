"""Cash at the door: nothing moves before the parcel arrives, so this provider has no outside and nothing to forget.

An order counts once it is confirmed, by the code that the shopper was sent or by somebody who called; a capture is the carrier's cash, and
what goes back is paid back by a person.
"""

from collections.abc import Mapping
from datetime import timedelta

from tradewind.kit import Clock, Money
from tradewind.payments import (
    AuthorizationRequest,
    Capabilities,
    Held,
    Lookup,
    OperationKind,
    PaymentOutcome,
    ProviderEvent,
    Result,
    WebhookIsNotAuthentic,
)

# A confirmed cash order does not run out like an authorization does; a parcel that took longer than this is lost.
VALID_DAYS = 90
METHODS = frozenset({"cash_on_delivery"})


class CashOnDelivery:
    """The provider "on_delivery". `page` is the address under which the shop asks for the code."""

    name = "on_delivery"

    def __init__(self, clock: Clock, *, page: str) -> None:
        self.capabilities = Capabilities(METHODS, multiple_captures=True, renew=False, authorization_days=VALID_DAYS)
        self._clock, self._page = clock, page

    async def authorize(self, request: AuthorizationRequest) -> PaymentOutcome:
        """Pending until it is confirmed."""
        return self._waiting(request.payment_id)

    async def capture(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """The carrier handed the cash over."""
        del amount, key
        return PaymentOutcome(Result.SUCCEEDED, reference)

    async def void(self, reference: str, key: str) -> PaymentOutcome:
        """Nothing was taken."""
        del key
        return PaymentOutcome(Result.SUCCEEDED, reference, "voided")

    async def refund(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """Pending until a person says that it was paid back."""
        del amount
        hint = f"pay it back by transfer, then: tradewind payment confirm {key}"
        return PaymentOutcome(Result.PENDING, reference, "by_hand", hint)

    async def renew(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """There is nothing to renew."""
        del amount, key
        return PaymentOutcome(Result.FAILED, reference, "cannot_renew", "cash has no authorization to renew")

    async def find(self, lookup: Lookup) -> PaymentOutcome | None:
        """What the call would have answered: it has no effect that could be lost."""
        if lookup.kind is OperationKind.AUTHORIZE:
            return self._waiting(lookup.key.split(".", 1)[0])
        if lookup.kind is OperationKind.REFUND:
            return PaymentOutcome(Result.PENDING, lookup.reference, "by_hand", "a person pays it back")
        return PaymentOutcome(Result.SUCCEEDED, lookup.reference)

    async def held(self, reference: str) -> Held | None:
        """None: only the shop itself knows."""
        del reference
        return None

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """Nobody sends webhooks for cash."""
        del headers, body
        raise WebhookIsNotAuthentic("cash on delivery has no webhooks", hint="remove the endpoint at whoever sends this")

    async def submit_evidence(self, dispute_reference: str, evidence: Mapping[str, str], key: str) -> PaymentOutcome:
        """Cash is not disputed at a bank."""
        del evidence, key
        return PaymentOutcome(Result.FAILED, dispute_reference, "dispute_unknown", "cash is not disputed")

    def close(self) -> None:
        """Nothing is open."""

    def _waiting(self, payment_id: str) -> PaymentOutcome:
        until = self._clock() + timedelta(days=VALID_DAYS)
        said = "the order waits for its confirmation"
        return PaymentOutcome(Result.PENDING, f"cash_{payment_id}", "confirmation", said, f"{self._page}/{payment_id}", until)
