"""The detached JWS of 2026-01-23: what was signed holds, by another reading too, and nothing else does."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tradewind.ucp.errors import UcpRefused
from tradewind.ucp.signing_detached import detached, verify_detached
from tradewind.ucp.signing_keys import new_signing_key

KEY, OTHER = new_signing_key("k1", "ES256"), new_signing_key("k1", "ES256")
BODY = b'{"id": "ord_1", "label": "\xc3\xa9"}'


@pytest.mark.parametrize("algorithm", ["ES256", "ES384"])
def test_what_was_signed_holds_for_these_bytes_and_this_key(algorithm: str) -> None:
    key = new_signing_key("k2", algorithm)
    assert verify_detached(detached(BODY, key), BODY, {"k2": key.jwk()}) == "k2"


def test_it_is_read_as_rfc_7797_says() -> None:
    header, nothing, made = detached(BODY, KEY).split(".")
    told, raw = (base64.urlsafe_b64decode(part + "==") for part in (header, made))
    assert (json.loads(told), nothing) == ({"alg": "ES256", "kid": "k1", "b64": False, "crit": ["b64"]}, "")
    points = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    KEY.private.public_key().verify(points, header.encode() + b"." + BODY, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        KEY.private.public_key().verify(points, BODY, ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    ("signature", "body", "code"),
    [
        ("", BODY, "signature_missing"),
        ("a.b.c", BODY, "signature_invalid"),
        ("..", BODY, "signature_invalid"),
        (detached(BODY, KEY), BODY + b" ", "signature_invalid"),
        (detached(BODY, OTHER), BODY, "signature_invalid"),
        (detached(BODY, KEY).replace("..", ".e30."), BODY, "signature_invalid"),
        (detached(BODY, new_signing_key("k9", "ES256")), BODY, "key_not_found"),
        (detached(BODY, new_signing_key("k1", "ES384")), BODY, "signature_invalid"),
    ],
)
def test_nothing_else_holds(signature: str, body: bytes, code: str) -> None:
    with pytest.raises(UcpRefused) as refused:
        verify_detached(signature, body, {"k1": KEY.jwk()})
    assert refused.value.code == code
