"""A call that changes something has its effect once: its answer is kept in the transaction of the effect."""

import json
from collections.abc import Mapping
from typing import Any

from tradewind.db import AsyncDatabase, AsyncTransaction, idempotency
from tradewind.db.idempotency import StoredResponse


class Answered(Exception):
    """The same call was answered meanwhile; the transaction in which that was found is rolled back."""

    def __init__(self, answer: StoredResponse) -> None:
        super().__init__("answered meanwhile")
        self.answer = answer


class Once:
    """One call with its Idempotency-Key. `scope` says for whom the key counts, `request` is what must be equal when it comes again."""

    def __init__(self, database: AsyncDatabase, scope: str, key: str, request: Mapping[str, Any]) -> None:
        self._database, self._scope, self._key, self._request = database, scope, key, dict(request)

    async def known(self) -> StoredResponse | None:
        """The answer that the call got before. IdempotencyKeyWasReused."""
        async with self._database.statements() as tx:
            return await idempotency.answer_of(tx, self._scope, self._key, idempotency.request_hash(self._request))

    async def keep(self, tx: AsyncTransaction, status: int, body: Mapping[str, Any]) -> None:
        """Keeps the answer in the transaction of the effect. Answered: somebody was faster, and this effect must not be."""
        found = await idempotency.keep_async(tx, self._scope, self._key, self._request, _stored(status, body))
        if found is not None:
            raise Answered(found)

    async def renew(self, status: int, body: Mapping[str, Any]) -> None:
        """The answer has become known better: the money of the effect has moved, or could not."""
        async with self._database.statements() as tx:
            await idempotency.renew_async(tx, self._scope, self._key, _stored(status, body))


def _stored(status: int, body: Mapping[str, Any]) -> StoredResponse:
    # An answer about an order names its buyer, so it is kept as bytes that are sealed.
    return StoredResponse(status, None, json.dumps(dict(body), ensure_ascii=False).encode())
