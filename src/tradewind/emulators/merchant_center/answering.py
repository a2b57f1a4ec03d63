"""One call, whichever wire it came by: count it, meet a fault, spend quota, do the work."""

import asyncio
from typing import Any

from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.faults import FaultKind, refusal_of
from tradewind.emulators.merchant_center.wire import Method

_READS = ("Get", "List", "Search")


class Dropped(Exception):
    """The connection is to end without an answer."""


async def answer(center: Center, method: Method, request: Any) -> Any:
    """The response message; Refused or Dropped otherwise."""
    center.calls[method.name] = center.calls.get(method.name, 0) + 1
    fault = center.faults.take(method.name)
    if fault is not None and fault.kind is FaultKind.DROP_BEFORE:
        raise Dropped
    if fault is not None and fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    refusal = refusal_of(fault.kind) if fault is not None else None
    if refusal is not None:
        raise refusal
    center.quotas.spend(method.group, center.now)
    if method.name.startswith(_READS):
        center.settle()
    response = method.call(center, request)
    if fault is not None and fault.kind is FaultKind.DROP_AFTER:
        raise Dropped
    return response
