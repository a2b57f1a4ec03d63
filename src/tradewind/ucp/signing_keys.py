"""Keys of signatures: private ones that sign, and published ones (JWK) that verify. Pure."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from http_message_signatures import HTTPSignatureAlgorithm, algorithms

from tradewind.kit import InputIsInvalid
from tradewind.ucp.errors import AlgorithmIsUnsupported, SignatureIsInvalid

_COORDINATE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_POINTS = 1024


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve that is used here: `name` is that of JWK, `alg` that of JWA, `size` the bytes of a coordinate."""

    name: str
    alg: str
    size: int
    curve: ec.EllipticCurve
    hash: hashes.HashAlgorithm
    algorithm: type[HTTPSignatureAlgorithm]


CURVES = {
    one.name: one
    for one in (
        Curve("P-256", "ES256", 32, ec.SECP256R1(), hashes.SHA256(), algorithms.ECDSA_P256_SHA256),
        Curve("P-384", "ES384", 48, ec.SECP384R1(), hashes.SHA384(), algorithms.ECDSA_P384_SHA384),
    )
}
ALGORITHMS = tuple(one.alg for one in CURVES.values())


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the id that its public half is published under."""

    kid: str
    private: ec.EllipticCurvePrivateKey

    @property
    def algorithm(self) -> str:
        """ES256 or ES384."""
        return curve_of(self.private.curve).alg

    def jwk(self) -> dict[str, str]:
        """The public half, as profiles publish it (RFC 7517)."""
        curve, point = curve_of(self.private.curve), self.private.public_key().public_numbers()
        coordinates = {axis: _base64url(getattr(point, axis).to_bytes(curve.size, "big")) for axis in ("x", "y")}
        return {"kid": self.kid, "kty": "EC", "crv": curve.name, **coordinates, "use": "sig", "alg": curve.alg}

    def pem(self) -> str:
        """The private half as text, to be sealed."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def __repr__(self) -> str:
        return f"SigningKey({self.kid}, {self.algorithm})"


def new_signing_key(kid: str, algorithm: str) -> SigningKey:
    """A fresh key of ES256 or ES384. InputIsInvalid."""
    curve = next((one for one in CURVES.values() if one.alg == algorithm), None)
    if curve is None:
        raise InputIsInvalid(f'there is no algorithm "{algorithm}"', hint=f"use one of {', '.join(ALGORITHMS)}; platforms must know ES256")
    return SigningKey(kid, ec.generate_private_key(curve.curve))


def signing_key_of(kid: str, pem: str) -> SigningKey:
    """The key that `pem` gave."""
    loaded = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise InputIsInvalid(f"the key {kid} is not on a curve", hint="tradewind ucp keys rotate")
    return SigningKey(kid, loaded)


def curve_of(curve: ec.EllipticCurve) -> Curve:
    """What is known of a key's curve."""
    return next(one for one in CURVES.values() if one.curve.name == curve.name)


def public_key(jwk: Mapping[str, Any]) -> tuple[str, ec.EllipticCurvePublicKey]:
    """The curve's name and the key of a published JWK. AlgorithmIsUnsupported when it is not one that is verified here."""
    crv, coordinates = jwk.get("crv"), (jwk.get("x"), jwk.get("y"))
    known = CURVES.get(crv) if jwk.get("kty") == "EC" and isinstance(crv, str) else None
    if known is None or jwk.get("alg", known.alg) != known.alg or jwk.get("use", "sig") != "sig":
        kid = str(jwk.get("kid", ""))[:80]
        raise AlgorithmIsUnsupported(f"the key {kid} is none of {', '.join(ALGORITHMS)}", hint="sign with a P-256 or P-384 key")
    if not all(isinstance(one, str) and _COORDINATE.fullmatch(one) for one in coordinates):
        raise SignatureIsInvalid("the published key has no coordinates", hint="publish x and y in base64url")
    return known.name, _point(known.name, str(coordinates[0]), str(coordinates[1]))


@lru_cache(maxsize=_POINTS)
def _point(name: str, x: str, y: str) -> ec.EllipticCurvePublicKey:
    curve = CURVES[name]
    try:
        found = [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in (x, y)]
        if any(len(one) != curve.size for one in found):
            raise ValueError
        across, up = (int.from_bytes(one, "big") for one in found)
        return ec.EllipticCurvePublicNumbers(across, up, curve.curve).public_key()
    except ValueError:
        raise SignatureIsInvalid("the published key is no point of its curve", hint="publish the key's own coordinates") from None


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
