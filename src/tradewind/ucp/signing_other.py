"""Signatures in any form that RFC 9421 allows, by its library: several labels, components with parameters. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import http_sf
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureAlgorithm, HTTPSignatureKeyResolver, InvalidSignature
from http_sf.compat import Dictionary

from tradewind.ucp.errors import SignatureIsInvalid

CANDIDATES_LIMIT = 4
COMPONENTS_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """One signature of a message. `plain` is the text of its components and parameters where they have the plain form."""

    label: str
    components: Sequence[str]
    parameters: Mapping[str, Any]
    plain: str = ""
    signature: str = ""


class Signed(Protocol):
    """A message, as signatures see it."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def status(self) -> int | None: ...


def candidates(told: str) -> list[Candidate]:
    """The signatures that Signature-Input names, a few at most. SignatureIsInvalid."""
    try:
        parsed: Any = http_sf.parse(told.encode("ascii"), tltype="dictionary")
        found = [Candidate(label, [_name(item) for item in member[0]], dict(member[1])) for label, member in parsed.items()]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise SignatureIsInvalid("Signature-Input cannot be read", hint="it is a dictionary of lists (RFC 8941)") from None
    if not 0 < len(found) <= CANDIDATES_LIMIT or any(len(one.components) > COMPONENTS_LIMIT for one in found):
        raise SignatureIsInvalid("Signature-Input names too many signatures or components, or none", hint="send one signature")
    return found


def verify_other(message: Signed, label: str, algorithm: type[HTTPSignatureAlgorithm], public: ec.EllipticCurvePublicKey) -> bool:
    """Whether this one signature holds; its times and what it covers were judged before."""
    headers = dict(message.headers)
    try:
        for name in ("signature-input", "signature"):
            parsed, kept = Dictionary(), Dictionary()
            parsed.parse(headers[name].encode("ascii"))
            kept[label] = parsed[label]
            headers[name] = str(kept)
        view = _Request(message, headers) if message.status is None else _Response(message, headers)
        _Verifier(signature_algorithm=algorithm, key_resolver=_OneKey(public)).verify(view, max_age=None)
    except (InvalidSignature, ValueError, TypeError, KeyError):
        return False
    return True


def _name(item: Any) -> str:
    """A component that is whole; one with parameters is another thing, and covers no more than its part."""
    name, parameters = item
    return f"{name};" if parameters else str(name)


class _Request:
    def __init__(self, message: Signed, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = message.method, message.url, headers


class _Response:
    request = None  # a response's signature here never covers what was asked

    def __init__(self, message: Signed, headers: dict[str, str]) -> None:
        self.status_code, self.headers = message.status, headers


class _OneKey(HTTPSignatureKeyResolver):  # type: ignore[misc]
    def __init__(self, public: ec.EllipticCurvePublicKey) -> None:
        self._public = public

    def resolve_public_key(self, key_id: str) -> Any:
        del key_id
        return self._public


class _Verifier(HTTPMessageVerifier):  # type: ignore[misc]
    """The library's verifier without its own clock."""

    require_created = False

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        del sig_input, max_age
