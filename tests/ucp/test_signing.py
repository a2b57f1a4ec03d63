"""Signatures hold for the message that was signed and for no other, by our own reading as by the library's."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from hypothesis import given
from hypothesis import strategies as st

from tradewind.ucp.errors import (
    AlgorithmIsUnsupported,
    DigestDoesNotMatch,
    KeyNotFound,
    SignatureIsInvalid,
    SignatureIsMissing,
    UcpRefused,
)
from tradewind.ucp.signing import Message, check_digest, digest_of, required, signed_headers, verify
from tradewind.ucp.signing_keys import CURVES, SigningKey, new_signing_key, signing_key_of
from tradewind.ucp.signing_other import verify_other

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY, OTHER, LARGE = new_signing_key("key-1", "ES256"), new_signing_key("key-2", "ES256"), new_signing_key("key-3", "ES384")
PUBLISHED = {one.kid: one.jwk() for one in (KEY, OTHER, LARGE)}
HEADERS = {
    "content-type": "application/json",
    "ucp-agent": 'profile="https://platform.example/.well-known/ucp"',
    "idempotency-key": "550e8400-e29b-41d4-a716-446655440000",
}


def a_request(**given: Any) -> Message:
    return replace(Message("POST", "https://shop.example/ucp/checkout-sessions", HEADERS, b'{"line_items":[]}'), **given)


def a_response(**given: Any) -> Message:
    return replace(Message("POST", "https://shop.example/x", {"content-type": "application/json"}, b'{"id":"chk_1"}', 200), **given)


def signed(message: Message, key: SigningKey = KEY, at: datetime = NOW) -> Message:
    return replace(message, headers={**message.headers, **signed_headers(message, key, at)})


def with_header(message: Message, **changed: str | None) -> Message:
    wanted = {**message.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return replace(message, headers={name: value for name, value in wanted.items() if value is not None})


class OneKey(HTTPSignatureKeyResolver):  # type: ignore[misc]
    def resolve_private_key(self, key_id: str) -> Any:
        return {"key-1": KEY, "key-3": LARGE}[key_id].private


class Outside:
    def __init__(self, message: Message) -> None:
        self.method, self.url, self.headers = message.method, message.url, dict(message.headers)


def signed_by_the_library(message: Message, components: list[str] | None = None, kid: str = "key-1", **given: Any) -> Message:
    whole = with_header(message, content_digest=digest_of(message.body)) if message.body else message
    outside = Outside(whole)
    curve = next(one for one in CURVES.values() if one.alg == ("ES384" if kid == "key-3" else "ES256"))
    signer = HTTPMessageSigner(signature_algorithm=curve.algorithm, key_resolver=OneKey())
    covered = components or required(whole)
    signer.sign(
        outside, key_id=kid, created=NOW, include_alg=False, covered_component_ids=covered, use_existing_digest=bool(message.body), **given
    )
    return replace(message, headers={name.lower(): value for name, value in outside.headers.items()})


@pytest.mark.parametrize(
    "message", [a_request(), a_response(), a_request(url="https://shop.example/a?b=c&d=%20"), a_request(body=b"", method="GET")]
)
@pytest.mark.parametrize("key", [KEY, LARGE])
def test_what_was_signed_holds_by_both_readings(message: Message, key: SigningKey) -> None:
    sent = signed(message, key)
    curve = CURVES[key.jwk()["crv"]]
    assert verify(sent, PUBLISHED, NOW) == key.kid
    assert verify_other(sent, "sig1", curve.algorithm, key.private.public_key())


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.from_regex(r"\A/[a-z0-9/%20_.~-]{0,30}(\?[a-z0-9=&]{0,20})?\Z").filter(lambda path: not path.startswith("//")),
    st.binary(max_size=60),
    st.sampled_from(["", ":443", ":8443"]),
)
def test_what_the_library_signed_holds_here(method: str, path: str, body: bytes, port: str) -> None:
    escaped = path.replace("%", "%25")
    message = Message(method, f"https://Shop.example{port}{escaped}", HEADERS, body)
    assert verify(signed_by_the_library(message), PUBLISHED, NOW) == "key-1"
    assert verify(signed_by_the_library(message, kid="key-3"), PUBLISHED, NOW) == "key-3"


def test_a_signature_for_two_audiences_with_a_part_of_a_header_holds() -> None:
    agent = 'sig1="https://platform.example/.well-known/ucp";type=jwks_uri'
    message = with_header(a_request(), signature_agent=agent)
    covered = [*required(with_header(message, content_digest="x")), '"signature-agent";key="sig1"']
    sent = signed_by_the_library(message, covered, label="sig1", tag="web-bot-auth", nonce="abc", expires=NOW + timedelta(hours=1))
    assert verify(sent, PUBLISHED, NOW) == "key-1"


def test_one_of_several_signatures_is_enough_and_the_first_refusal_is_told() -> None:
    sent, strange = signed(a_request()), signed(a_request(), new_signing_key("unknown", "ES256"))
    both = with_header(
        sent,
        signature_input=strange.headers["signature-input"].replace("sig1=", "other=") + ", " + sent.headers["signature-input"],
        signature=strange.headers["signature"].replace("sig1=", "other=") + ", " + sent.headers["signature"],
    )
    assert verify(both, PUBLISHED, NOW) == "key-1"
    with pytest.raises(KeyNotFound, match="unknown"):
        verify(both, {"key-2": PUBLISHED["key-2"]}, NOW)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"body": b'{"line_items":[1]}'}, DigestDoesNotMatch),
        ({"method": "PUT"}, SignatureIsInvalid),
        ({"url": "https://shop.example/ucp/checkout-sessions/1"}, SignatureIsInvalid),
        ({"url": "https://other.example/ucp/checkout-sessions"}, SignatureIsInvalid),
        ({"url": "https://shop.example/ucp/checkout-sessions?a=b"}, SignatureIsInvalid),
    ],
)
def test_another_message_is_refused(changed: Mapping[str, Any], refusal: type[UcpRefused]) -> None:
    with pytest.raises(refusal):
        verify(replace(signed(a_request()), **changed), PUBLISHED, NOW)


@pytest.mark.parametrize("name", ["ucp-agent", "idempotency-key", "content-type"])
def test_a_changed_header_is_refused_and_so_is_one_that_nobody_signed(name: str) -> None:
    sent = signed(a_request())
    with pytest.raises(SignatureIsInvalid, match="does not hold"):
        verify(replace(sent, headers={**sent.headers, name: "text/plain"}), PUBLISHED, NOW)
    without = {one: value for one, value in HEADERS.items() if one != name} | {"content-type": "application/json"}
    if name != "content-type":
        later = signed(a_request(headers=without))
        with pytest.raises(SignatureIsInvalid, match="does not cover"):
            verify(replace(later, headers={**later.headers, name: HEADERS[name]}), PUBLISHED, NOW)


@pytest.mark.parametrize("name", ["signature", "signature-input", "content-digest"])
def test_a_missing_header_is_signature_missing(name: str) -> None:
    with pytest.raises(SignatureIsMissing) as caught:
        verify(with_header(signed(a_request()), **{name: None}), PUBLISHED, NOW)
    assert (caught.value.code, caught.value.http_status) == ("signature_missing", 401)


def test_a_key_that_is_not_published_is_key_not_found() -> None:
    with pytest.raises(KeyNotFound) as caught:
        verify(signed(a_request()), {"key-2": PUBLISHED["key-2"]}, NOW)
    assert (caught.value.code, caught.value.http_status) == ("key_not_found", 401)


@pytest.mark.parametrize(
    "jwk", [{"kty": "OKP", "crv": "Ed25519", "x": "a"}, {"kty": "RSA", "n": "a", "e": "AQAB"}, {"alg": "ES512"}, {"use": "enc"}]
)
def test_a_key_of_another_kind_is_algorithm_unsupported_and_harms_no_other(jwk: Mapping[str, str]) -> None:
    published = {**PUBLISHED, "key-1": {**PUBLISHED["key-1"], **jwk}}
    with pytest.raises(AlgorithmIsUnsupported) as caught:
        verify(signed(a_request()), published, NOW)
    assert (caught.value.code, caught.value.http_status) == ("algorithm_unsupported", 400)
    assert verify(signed(a_request(), OTHER), published, NOW) == "key-2"


def test_a_wrong_digest_is_digest_mismatch_with_or_without_a_signature() -> None:
    with pytest.raises(DigestDoesNotMatch) as caught:
        check_digest({"content-digest": digest_of(b"a")}, b"b")
    assert (caught.value.code, caught.value.http_status) == ("digest_mismatch", 400)
    check_digest({"content-digest": f"sha-512=:AAAA:, {digest_of(b'b')}"}, b"b")
    with pytest.raises(DigestDoesNotMatch):
        check_digest({"content-digest": "sha-512=:AAAA:"}, b"b")


def test_the_digest_is_of_the_bytes_and_not_of_what_they_mean() -> None:
    body = json.dumps({"a": 1}).encode()
    sent = signed(a_request(body=body))
    with pytest.raises(DigestDoesNotMatch):
        verify(replace(sent, body=json.dumps(json.loads(body), separators=(",", ":")).encode()), PUBLISHED, NOW)


@pytest.mark.parametrize(("minutes", "holds"), [(-60 * 24 * 30, True), (4, True), (6, False)])
def test_a_clock_may_go_a_little_before_ours(minutes: int, holds: bool) -> None:
    sent = signed(a_request(), at=NOW + timedelta(minutes=minutes))
    if holds:
        assert verify(sent, PUBLISHED, NOW) == "key-1"
    else:
        with pytest.raises(SignatureIsInvalid, match="created"):
            verify(sent, PUBLISHED, NOW)


def test_an_expired_signature_is_refused() -> None:
    sent = signed_by_the_library(a_request(), expires=NOW + timedelta(minutes=1))
    assert verify(sent, PUBLISHED, NOW + timedelta(minutes=5)) == "key-1"
    with pytest.raises(SignatureIsInvalid, match="expires"):
        verify(sent, PUBLISHED, NOW + timedelta(minutes=7))


def test_a_signature_in_der_is_refused() -> None:
    sent = signed(a_request())
    der = KEY.private.sign(b"x", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(SignatureIsInvalid):
        verify(with_header(sent, signature=f"sig1=:{base64.b64encode(der).decode()}:"), PUBLISHED, NOW)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_header_is_refused_in_the_protocol_s_words(told: str, made: str) -> None:
    sent = signed(a_request())
    for message in (
        with_header(sent, signature_input=told, signature=made),
        with_header(sent, signature_input=f'sig1=("@method");keyid={told}'),
    ):
        with pytest.raises(UcpRefused):
            verify(message, PUBLISHED, NOW)


@given(st.data())
def test_no_single_changed_character_of_a_signature_passes(data: st.DataObject) -> None:
    sent = signed(a_request())
    name = data.draw(st.sampled_from(["signature", "signature-input", "content-digest", "ucp-agent", "idempotency-key"]))
    text = sent.headers[name]
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda one: one != text[at]))
    changed = with_header(sent, **{name: text[:at] + put + text[at + 1 :]})
    try:
        kid = verify(changed, PUBLISHED, NOW)
    except UcpRefused:
        return
    # The last character of base64 may carry bits that mean nothing; then the signature's bytes are the same.
    assert kid == "key-1"
    assert base64.b64decode(changed.headers["signature"].split(":")[1]) == base64.b64decode(sent.headers["signature"].split(":")[1])


@pytest.mark.parametrize("algorithm", ["ES256", "ES384"])
def test_a_private_key_comes_back_from_its_text_and_is_not_shown(algorithm: str) -> None:
    key = new_signing_key("k", algorithm)
    again = signing_key_of("k", key.pem())
    assert (again.jwk(), again.algorithm) == (key.jwk(), algorithm)
    assert "PRIVATE" not in repr(key)
    assert "d" not in key.jwk()
