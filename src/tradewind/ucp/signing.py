"""Signatures of messages (RFC 9421) with digests of bodies (RFC 9530), as the protocol narrows them. Pure; the time is handed in.

Nearly every signature has the plain form: one label, components without parameters, each a line of the signature base. It is read here,
in a fraction of the library's time; whatever has another form goes to the library. The refusals that the specification names are decided
here before either, because the library knows one failure only. Tests hold the two against each other.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tradewind.ucp.errors import DigestDoesNotMatch, KeyNotFound, SignatureIsInvalid, SignatureIsMissing, UcpRefused
from tradewind.ucp.signing_keys import CURVES, SigningKey, curve_of, public_key
from tradewind.ucp.signing_other import Candidate, candidates, verify_other

LABEL = "sig1"
CLOCK_SKEW = timedelta(minutes=5)
HEADER_LIMIT = 8_192
_NAME = '"[a-z@][a-z0-9@_-]*"'
_PLAIN = re.compile(
    rf"(?P<label>[a-z*][a-z0-9_.*-]*)=(?P<whole>\((?P<names>{_NAME}(?: {_NAME})*)\)"
    r'(?P<rest>(?:;(?:created|expires)=(?:0|[1-9]\d{0,11})|;(?:keyid|nonce|tag)="[ !#-\[\]-~]*")*))',
    re.ASCII,
)
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))', re.ASCII)
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+={0,2}):", re.ASCII)
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]*={0,2}):\s*(?=,|$)", re.ASCII)
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or with `status` a response, as it goes over the wire. `url` is the public address; header names are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    status: int | None = None


def digest_of(body: bytes) -> str:
    """The header Content-Digest for a body's raw bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signed_headers(message: Message, key: SigningKey, at: datetime) -> dict[str, str]:
    """The headers to add to a message: Content-Digest when there is a body, Signature-Input, Signature."""
    added = {"content-digest": digest_of(message.body)} if message.body else {}
    whole = Message(message.method, message.url, {**message.headers, **added}, message.body, message.status)
    needed = required(whole)
    names = " ".join(f'"{one}"' for one in needed)
    # The algorithm follows from the key; the specification keeps it out of the parameters.
    parameters = f'({names});created={int(at.timestamp())};keyid="{key.kid}"'
    curve = curve_of(key.private.curve)
    across, up = decode_dss_signature(key.private.sign(_base(whole, needed, parameters), ec.ECDSA(curve.hash)))
    made = base64.b64encode(across.to_bytes(curve.size, "big") + up.to_bytes(curve.size, "big")).decode()
    return {**added, "signature-input": f"{LABEL}={parameters}", "signature": f"{LABEL}=:{made}:"}


def verify(message: Message, keys: Mapping[str, Mapping[str, Any]], at: datetime) -> str:
    """The id of the key that signed the message; `keys` are the signer's published JWK by id.

    Of several signatures one must hold; the refusal is that of the first.
    SignatureIsMissing, SignatureIsInvalid, KeyNotFound, DigestDoesNotMatch, AlgorithmIsUnsupported.
    """
    told, signatures = message.headers.get("signature-input"), message.headers.get("signature")
    if not told or not signatures:
        missing = "Signature" if told else "Signature-Input"
        raise SignatureIsMissing(f"the header {missing} is not there", hint="sign the message as RFC 9421 says")
    if len(told) > HEADER_LIMIT or len(signatures) > HEADER_LIMIT:
        raise SignatureIsInvalid("the headers of the signature are too long", hint=f"keep each under {HEADER_LIMIT} bytes")
    plain = _plain(told, signatures)
    refusal: UcpRefused | None = None
    for candidate in [plain] if plain else candidates(told):
        try:
            return _verify_one(message, candidate, keys, at)
        except UcpRefused as error:
            refusal = refusal or error
    raise refusal or SignatureIsMissing("the message carries no signature", hint="sign it as RFC 9421 says")


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """DigestDoesNotMatch when a Content-Digest was sent that is not the body's; a message without one passes."""
    told = headers.get("content-digest")
    if told is None:
        return
    found = _DIGEST.search(told[:HEADER_LIMIT])
    try:
        wanted = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        wanted = b""
    if not hmac.compare_digest(wanted, hashlib.sha256(body).digest()):
        raise DigestDoesNotMatch(
            "Content-Digest is not the sha-256 digest of the body's bytes", hint="hash the body as it is sent; let nothing rewrite it"
        )


def required(message: Message) -> list[str]:
    """The components that a signature must cover: the target, the body, and every header that means something."""
    if message.status is not None:
        return ["@status", *(("content-digest", "content-type") if message.body else ())]
    needed = ["@method", "@authority", "@path"]
    if "?" in message.url:
        needed.append("@query")
    needed += [name for name in ("ucp-agent", "idempotency-key", "webhook-id", "webhook-timestamp") if name in message.headers]
    return needed + (["content-digest", "content-type"] if message.body else [])


def _verify_one(message: Message, candidate: Candidate, keys: Mapping[str, Mapping[str, Any]], at: datetime) -> str:
    kid, components = candidate.parameters.get("keyid"), candidate.components
    if not isinstance(kid, str):
        raise SignatureIsInvalid("the signature names no key", hint="send the parameter keyid")
    if kid not in keys:
        raise KeyNotFound(f"the signer's profile publishes no key {kid[:80]}", hint="publish it in signing_keys")
    crv, public = public_key(keys[kid])
    if "content-digest" in components and "content-digest" not in message.headers:
        raise SignatureIsMissing("the header Content-Digest is not there", hint="send the digest that the signature covers")
    uncovered = [one for one in required(message) if one not in components]
    if uncovered:
        raise SignatureIsInvalid(f"the signature does not cover {', '.join(uncovered)}", hint="cover what the specification asks for")
    _check_times(candidate.parameters, at)
    check_digest(message.headers, message.body)
    if candidate.plain:
        holds = _holds(message, candidate, CURVES[crv].size, public)
    else:
        holds = verify_other(message, candidate.label, CURVES[crv].algorithm, public)
    if not holds:
        raise SignatureIsInvalid(
            f"the signature of the key {kid[:80]} does not hold: it was made of another message, or by another key",
            hint="sign the message as it is sent; @authority and @path are those of the public address",
        )
    return kid


def _check_times(parameters: Mapping[str, Any], at: datetime) -> None:
    """A signature may carry no time: replays are met by idempotency keys, one layer above. What it carries must fit the clock."""
    for name in ("created", "expires"):
        told = parameters.get(name)
        if told is None:
            continue
        try:
            moment = datetime.fromtimestamp(told, UTC) if type(told) is int else None
        except (ValueError, OverflowError, OSError):
            moment = None
        if moment is None or (moment > at + CLOCK_SKEW if name == "created" else moment < at - CLOCK_SKEW):
            raise SignatureIsInvalid(f"the time {name} of the signature does not fit the clock here", hint="set the signer's clock")


def _plain(told: str, signatures: str) -> Candidate | None:
    """The one signature of a message whose headers have the plain form."""
    form, made = _PLAIN.fullmatch(told.strip()), _SIGNATURE.fullmatch(signatures.strip())
    if form is None or made is None or form["label"] != made[1]:
        return None
    pairs = [(name, text if not number else int(number)) for name, text, number in _PARAMETER.findall(form["rest"])]
    names = [one.strip('"') for one in form["names"].split(" ")]
    if len({name for name, _ in pairs}) != len(pairs) or len(set(names)) != len(names):
        return None
    return Candidate(form["label"], names, dict(pairs), form["whole"], made[2])


def _holds(message: Message, candidate: Candidate, size: int, public: ec.EllipticCurvePublicKey) -> bool:
    try:
        raw = base64.b64decode(candidate.signature, validate=True)
    except binascii.Error:
        return False
    if len(raw) != 2 * size:  # r and s side by side; DER is not allowed
        return False
    packed = encode_dss_signature(int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))
    try:
        public.verify(packed, _base(message, candidate.components, candidate.plain), ec.ECDSA(curve_of(public.curve).hash))
    except InvalidSignature:
        return False
    return True


def _base(message: Message, components: Sequence[str], parameters: str) -> bytes:
    """The signature base (RFC 9421, section 2.5) of components without parameters. SignatureIsInvalid when one has no value."""
    lines = [f'"{one}": {_value(message, one)}' for one in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def _value(message: Message, component: str) -> str:
    found = _derived(message, component) if component.startswith("@") else message.headers.get(component)
    if found is None or not found.isascii() or not found.replace("\t", " ").isprintable():
        raise SignatureIsInvalid(f"the message has no {component[:60]} that could be signed", hint="cover only what is sent")
    return found.strip(" \t")


def _derived(message: Message, component: str) -> str | None:
    if message.status is not None:
        return str(message.status) if component == "@status" else None
    parts = urlsplit(message.url)
    found = {
        "@method": message.method,
        "@authority": parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, "\n")),
        "@path": parts.path or "/",
        "@query": f"?{parts.query}",
        "@scheme": parts.scheme,
        "@target-uri": message.url,
    }
    return found.get(component)
