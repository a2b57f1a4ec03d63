"""Signatures at the door: requests are verified against the public address and their platform's keys, answers that matter are signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.kit import Clock
from tradewind.ucp.errors import SignatureIsMissing
from tradewind.ucp.keys import Keyring
from tradewind.ucp.model import PlatformProfile
from tradewind.ucp.ports import RequestFacts
from tradewind.ucp.signing import Message, check_digest, signed_headers, verify

_SIGNATURE = frozenset({"signature", "signature-input"})
_ANSWERED = range(200, 300)


class Signatures:
    """See RequestVerifier and ResponseSigner. Without `are_required` a request may come unsigned; what is signed must hold in any case."""

    def __init__(self, keyring: Keyring, public_url: str, clock: Clock, *, are_required: bool = False) -> None:
        self._keyring, self._public_url, self._clock, self._are_required = keyring, public_url, clock, are_required

    def verify(self, request: RequestFacts, platform: PlatformProfile) -> None:
        """See RequestVerifier. Whatever a proxy put into Host, a signature is for the public address."""
        if not _SIGNATURE.isdisjoint(request.headers):
            verify(self._message(request), platform.keys, self._clock())
            return
        if self._are_required:
            raise SignatureIsMissing("the request is not signed", hint="sign it as RFC 9421 says, with a key of your profile")
        check_digest(request.headers, request.body)

    def headers(self, request: RequestFacts, status: int, body: bytes) -> Mapping[str, str]:
        """See ResponseSigner: completions and orders are signed, and whatever MCP answers."""
        if status not in _ANSWERED or not _matters(request.path):
            return {}
        answer = Message(request.method, self._public_url, {"content-type": "application/json"}, body, status)
        return signed_headers(answer, self._keyring.signing(), self._clock())

    def public_keys(self) -> Sequence[Mapping[str, Any]]:
        """See ResponseSigner."""
        return self._keyring.public_keys()

    def _message(self, request: RequestFacts) -> Message:
        query = f"?{request.query}" if request.query else ""
        return Message(request.method, f"{self._public_url}{request.path}{query}", request.headers, request.body)


def _matters(path: str) -> bool:
    """Whether an answer at this address tells of a purchase: an operation's name is not in the address of MCP."""
    return path.endswith(("/complete", "/mcp")) or "/orders/" in path
