"""Signatures of 2026-01-23: a detached JWS over the body (RFC 7515, appendix F) that does not encode it (RFC 7797). Pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tradewind.ucp.errors import KeyNotFound, SignatureIsInvalid, SignatureIsMissing
from tradewind.ucp.signing_keys import CURVES, SigningKey, curve_of, public_key

HEADER = "request-signature"
HEADER_LIMIT = 4_096


def detached(body: bytes, key: SigningKey) -> str:
    """The value of Request-Signature for a body: the header, nothing, and the signature over the header and the raw bytes."""
    curve = curve_of(key.private.curve)
    told = {"alg": curve.alg, "kid": key.kid, "b64": False, "crit": ["b64"]}
    header = _encoded(json.dumps(told, separators=(",", ":")).encode())
    across, up = decode_dss_signature(key.private.sign(header.encode() + b"." + body, ec.ECDSA(curve.hash)))
    return f"{header}..{_encoded(across.to_bytes(curve.size, 'big') + up.to_bytes(curve.size, 'big'))}"


def verify_detached(signature: str, body: bytes, keys: Mapping[str, Mapping[str, Any]]) -> str:
    """The id of the key that signed the body. SignatureIsMissing, SignatureIsInvalid, KeyNotFound, AlgorithmIsUnsupported."""
    if not signature:
        raise SignatureIsMissing("the header Request-Signature is not there", hint="sign the body as RFC 7797 says")
    try:
        header, nothing, made = signature[:HEADER_LIMIT].split(".")
        told, raw = json.loads(_decoded(header)), _decoded(made)
        kid, is_plain = str(told["kid"]), told.get("b64") is False and told.get("crit") == ["b64"] and not nothing
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise _invalid("is no detached JWS") from None
    if kid not in keys:
        raise KeyNotFound(f'there is no key "{kid[:80]}"', hint="publish the key in the profile")
    name, known = public_key(keys[kid])
    curve = CURVES[name]
    if not is_plain or told.get("alg") != curve.alg or len(raw) != 2 * curve.size:
        raise _invalid("has another form or algorithm than its key")
    points = (int.from_bytes(raw[: curve.size], "big"), int.from_bytes(raw[curve.size :], "big"))
    try:
        known.verify(encode_dss_signature(*points), header.encode() + b"." + body, ec.ECDSA(curve.hash))
    except InvalidSignature:
        raise _invalid("does not fit the body") from None
    return kid


def _invalid(why: str) -> SignatureIsInvalid:
    return SignatureIsInvalid(f"Request-Signature {why}", hint="sign the bytes of the body as they are sent")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
