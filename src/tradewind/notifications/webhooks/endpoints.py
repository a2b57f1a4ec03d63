"""The retailer's own endpoints: registered with an address that may be called, each with a secret of its own, shown once."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.db import AsyncDatabase, AsyncTransaction, Sealer, audit
from tradewind.kit import Clock, Outgoing, OutgoingAddressIsRefused, new_id
from tradewind.notifications.webhooks import store
from tradewind.notifications.webhooks.errors import EndpointIsRefused, EndpointUnknown, TooManyEndpoints
from tradewind.notifications.webhooks.model import Endpoint
from tradewind.notifications.webhooks.ports import Within
from tradewind.orders import OrderEvent

ENDPOINTS_LIMIT = 20
DESCRIPTION_LENGTH = 200
_SECRET_BYTES = 32
EVENTS = tuple(one.value for one in OrderEvent)


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint just registered, with the secret that is never shown again."""

    endpoint: Endpoint
    secret: str


class Endpoints:
    """Everything that can be done with the retailer's endpoints. `by` is who does it, for the audit trail; `within` takes part in the transaction."""

    def __init__(self, database: AsyncDatabase, outgoing: Outgoing, sealer: Sealer, clock: Clock) -> None:
        self._database, self._outgoing, self._sealer, self._clock = database, outgoing, sealer, clock

    async def register(
        self, url: str, by: str, *, events: Sequence[str] = (), description: str = "", within: Within | None = None
    ) -> NewEndpoint:
        """A new endpoint that hears of `events`, or of all. EndpointIsRefused, TooManyEndpoints."""
        self._check(url, events)
        made = Endpoint(new_id("hook", clock=self._clock), url, _ordered(events), description[:DESCRIPTION_LENGTH], False, 0, self._clock())
        new = NewEndpoint(made, _new_secret())
        async with self._database.transaction() as tx:
            if len(await store.endpoints(tx)) >= ENDPOINTS_LIMIT:
                raise TooManyEndpoints(f"there are {ENDPOINTS_LIMIT} endpoints already", hint="remove one: tradewind webhook endpoints")
            await store.add_endpoint(tx, made, self._sealer.seal(new.secret, context_of(made.endpoint_id)))
            await audit.record_async(tx, by, "webhook.register", made.endpoint_id, {"url": url, "events": list(made.events)})
            await _joined(within, tx, new)
        return new

    async def all(self) -> list[Endpoint]:
        """The endpoints, the oldest first."""
        async with self._database.transaction() as tx:
            return await store.endpoints(tx)

    async def pause(self, endpoint_id: str, by: str, *, is_paused: bool, within: Within | None = None) -> Endpoint:
        """Holds back what the endpoint has to hear, or goes on: then it is asked at once. EndpointUnknown."""
        async with self._database.transaction() as tx:
            after = await store.pause_endpoint(tx, endpoint_id, is_paused=is_paused)
            if after is None:
                raise _unknown(endpoint_id)
            await audit.record_async(tx, by, "webhook.change", endpoint_id, {"paused": is_paused})
            await _joined(within, tx, after)
        return after

    async def renew_secret(self, endpoint_id: str, by: str, *, within: Within | None = None) -> NewEndpoint:
        """A new secret in the old one's place, from the next webhook on. EndpointUnknown."""
        secret = _new_secret()
        async with self._database.transaction() as tx:
            endpoint = await store.set_secret(tx, endpoint_id, self._sealer.seal(secret, context_of(endpoint_id)))
            if endpoint is None:
                raise _unknown(endpoint_id)
            new = NewEndpoint(endpoint, secret)
            await audit.record_async(tx, by, "webhook.secret", endpoint_id)
            await _joined(within, tx, new)
        return new

    async def remove(self, endpoint_id: str, by: str, *, within: Within | None = None) -> None:
        """Ends an endpoint; what it had still to hear is dead. EndpointUnknown."""
        async with self._database.transaction() as tx:
            if not await store.remove_endpoint(tx, endpoint_id):
                raise _unknown(endpoint_id)
            await audit.record_async(tx, by, "webhook.remove", endpoint_id)
            await _joined(within, tx, None)

    async def secret(self, endpoint_id: str) -> str:
        """The secret that signs for this endpoint. EndpointUnknown."""
        async with self._database.transaction() as tx:
            sealed = await store.secret_sealed(tx, endpoint_id)
        if sealed is None:
            raise _unknown(endpoint_id)
        return self._sealer.open(sealed, context_of(endpoint_id))

    def _check(self, url: str, events: Sequence[str]) -> None:
        unknown = [one for one in events if one not in EVENTS]
        if unknown:
            raise EndpointIsRefused(f'there is no event "{unknown[0][:60]}"', hint=f"events: {', '.join(EVENTS)}")
        try:
            self._outgoing.check(url)
        except OutgoingAddressIsRefused as error:
            raise EndpointIsRefused(error.message, hint=error.hint) from None


def context_of(endpoint_id: str) -> str:
    """What a sealed secret is bound to."""
    return f"notifications_webhook_target.secret_sealed/{endpoint_id}"


def _ordered(events: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in EVENTS if one in events)


async def _joined(within: Within | None, tx: AsyncTransaction, made: NewEndpoint | Endpoint | None) -> None:
    if within is not None:
        await within(tx, made)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _unknown(endpoint_id: str) -> EndpointUnknown:
    return EndpointUnknown(f'there is no endpoint "{endpoint_id[:60]}"', hint="tradewind webhook endpoints")
