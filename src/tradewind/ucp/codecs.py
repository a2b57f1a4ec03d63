"""The dialects of the versions behind one face: how a session, a refusal and something unknown are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import msgspec

from tradewind.checkout import CheckoutSession, Message
from tradewind.ucp.capabilities import ROOT_OF
from tradewind.ucp.counter import Counter
from tradewind.ucp.model import V2026_01_23, V2026_04_08, Answer, Call
from tradewind.ucp.policy import OK, policy_of
from tradewind.ucp.v2026_01_23 import checkout as january
from tradewind.ucp.v2026_04_08 import checkout as april
from tradewind.ucp.v2026_04_08.checkout import Telling

WRITERS: Mapping[str, ModuleType] = {V2026_04_08: april, V2026_01_23: january}
"""What tells a checkout in each version."""
UNKNOWN = {"checkout": "There is no such checkout session.", "cart": "There is no such cart.", "order": "There is no such order."}
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Codec:
    """Tells what the core says in the words of one version to one platform."""

    writer: Any
    telling: Telling

    def checkout(self, session: CheckoutSession, *more: Mapping[str, Any]) -> bytes:
        """The checkout as JSON, with further messages."""
        entity = self.writer.checkout_entity(session, self.telling)
        entity["messages"].extend(more)
        return _encode(entity)

    def error(self, code: str, content: str, *, market: str = "", path: str = "") -> bytes:
        """An answer without a resource as JSON."""
        return _encode(self.writer.error_entity(code, content, self.telling, market=market, path=path))

    def not_found(self, kind: str, path: str = "") -> Answer:
        """There is no such resource, or it is not this platform's."""
        return Answer(self.telling.policy.not_found, self.error("not_found", UNKNOWN[kind], path=path), is_refusal=True)

    def refusal(self, code: str, content: str, path: str = "") -> Answer:
        """The business says no, and nothing was made or changed."""
        return Answer(OK, self.error(code, content, path=path), is_refusal=True)

    def unchanged(self, session: CheckoutSession, code: str = "", content: str = "", path: str = "$") -> Answer:
        """The session as it was, and why it stayed so."""
        more = [{"type": "error", "code": code, "content": content, "severity": "recoverable", "path": path}] if code else []
        return Answer(OK, self.checkout(session, *more), is_refusal=True)

    def sentence(self, message: Message, session: CheckoutSession) -> str:
        """A message in the session's language."""
        return self.telling.counter.sentence(message, session, self.telling.speech(session))


def codec_of(call: Call, counter: Counter) -> Codec:
    """The codec for a call's version and platform."""
    negotiated = call.negotiated
    return Codec(
        WRITERS[negotiated.version],
        Telling(counter, negotiated, policy_of(negotiated.version, negotiated.platform.name), ROOT_OF[call.operation]),
    )
