"""What a key's first answer was, where it was a refusal: nothing was changed, so the core has kept nothing."""

from tradewind.db import idempotency
from tradewind.ucp.counter import Counter
from tradewind.ucp.model import MUTATING, Answer, Call


async def remembered(call: Call, counter: Counter, answer: Answer) -> Answer:
    """The answer that stands for the call's key: this one, or what was answered to the key before. IdempotencyKeyWasReused.

    The specification makes no difference between a yes and a no of the business: "Store the key with the operation result", "Return the cached
    result for duplicate keys whose request body matches the original", "Return 409 Conflict if the key is reused with a mismatched body"
    (checkout-rest, Specific Header Requirements). What the protocol itself refuses (4xx of the envelope, 5xx) is no operation's result.
    """
    if not call.idempotency_key or call.operation not in MUTATING:
        return answer
    given = idempotency.StoredResponse(answer.status, None, answer.body)
    async with counter.database.statements() as tx:
        first = await idempotency.keep_first_async(tx, call.key_scope, call.idempotency_key, call.digest, given)
    return answer if first is given or first.answer is None else Answer(first.http_status, first.answer)
