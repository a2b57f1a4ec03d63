"""A platform that signs: its profile is fetched, its signature holds through the whole door, and what it buys is answered with a signature."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, open_shop, paid_with, to

from tradewind.adapters.outgoing import GuardedClient
from tradewind.bootstrap.signing import make_keyring
from tradewind.bootstrap.webhooks import make_hooks
from tradewind.emulators.ucp_platform import WEBHOOK_PATH, PlatformStandIn, serve_platform
from tradewind.settings import Settings
from tradewind.ucp import read_profile
from tradewind.ucp.keys import Keyring
from tradewind.ucp.profiles import FetchedProfiles
from tradewind.ucp.signatures import Signatures
from tradewind.ucp.signing import Message, verify
from tradewind.ucp.signing_keys import new_signing_key

CREATE = "/ucp/2026-04-08/checkout-sessions"


@dataclass
class Signed:
    """A shop with its keys, and a platform on loopback."""

    shop: UcpShop
    platform: PlatformStandIn
    keyring: Keyring
    public_url: str

    def send(self, method: str, path: str, content: object = None, **changed: str) -> httpx.Response:
        body = b"" if content is None else json.dumps(content).encode()
        headers = self.platform.signed(method, self.public_url + path, body) | changed
        return self.shop.run(self.shop.client.request(method, path, content=body, headers=headers))

    def bought(self) -> httpx.Response:
        session = self.send("POST", CREATE, checkout(buyer=ANNA, fulfillment=to(NEW_YORK))).json()
        return self.send("POST", f"{CREATE}/{session['id']}/complete", paid_with("tok_visa"))


@pytest.fixture
def signed(workspace: Settings) -> Iterator[Signed]:
    with open_shop(workspace, None) as shop:
        clock = shop.clock
        with serve_platform(PlatformStandIn(clock=clock)) as platform:
            keyring = make_keyring(workspace, shop.ucp.counter.database, clock)
            shop.run(keyring.load())
            signatures = Signatures(keyring, workspace.public_url, clock, are_required=True)
            shop.ucp.profiles = FetchedProfiles(GuardedClient(allow_loopback=True), clock, read_profile)
            shop.ucp.verifier = shop.ucp.signer = signatures
            yield Signed(shop, platform, keyring, workspace.public_url)


def code(response: httpx.Response) -> tuple[int, str]:
    found: dict[str, Any] = response.json()
    return response.status_code, found["code"]


def test_a_signed_purchase_is_answered_with_a_signature_that_the_profile_s_keys_verify(signed: Signed) -> None:
    response = signed.bought()
    assert response.json()["status"] == "completed"
    published = {one["kid"]: one for one in signed.shop.run(signed.shop.client.get("/.well-known/ucp")).json()["signing_keys"]}
    answer = Message("POST", "", dict(response.headers), response.content, response.status_code)
    assert verify(answer, published, signed.shop.clock()) == signed.keyring.signing().kid
    assert signed.platform.profile_requests == 1


def test_answers_before_the_purchase_are_not_signed(signed: Signed) -> None:
    response = signed.send("POST", CREATE, checkout())
    assert response.status_code == 201
    assert "signature" not in response.headers


def test_the_five_refusals_reach_the_platform(signed: Signed) -> None:
    assert code(signed.send("POST", CREATE, checkout(), **{"content-digest": "sha-256=:AAAA:"})) == (400, "digest_mismatch")
    assert code(signed.send("POST", CREATE, checkout(), **{"idempotency-key": "another"})) == (401, "signature_invalid")
    plain = {"UCP-Agent": signed.platform.agent, "Content-Type": "application/json", "Idempotency-Key": "1"}
    unsigned = signed.shop.run(signed.shop.client.post(CREATE, content=b"{}", headers=plain))
    assert code(unsigned) == (401, "signature_missing")
    published = signed.platform.keys
    signed.platform.keys = [*published, new_signing_key("never-published", "ES256")]
    signed.platform.profile_body = {**signed.platform.profile(), "signing_keys": [one.jwk() for one in published]}
    assert code(signed.send("POST", CREATE, checkout())) == (401, "key_not_found")


def test_a_key_of_a_kind_that_is_not_known_is_algorithm_unsupported(signed: Signed) -> None:
    jwk = {**signed.platform.keys[0].jwk(), "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA"}
    signed.platform.profile_body = {**signed.platform.profile(), "signing_keys": [jwk]}
    assert code(signed.send("POST", CREATE, checkout())) == (400, "algorithm_unsupported")


def test_a_key_that_the_platform_has_just_published_is_found(signed: Signed) -> None:
    assert signed.send("POST", CREATE, checkout()).status_code == 201
    signed.platform.keys.append(new_signing_key("platform-2", "ES384"))
    assert signed.send("POST", CREATE, checkout()).status_code == 201
    assert signed.platform.profile_requests == 2


def test_an_escaped_path_and_a_query_are_verified_as_they_were_sent(signed: Signed) -> None:
    response = signed.send("GET", f"{CREATE}/chk%5F1?a=%20b&c")
    assert response.status_code != 401


def test_a_profile_that_cannot_be_had_is_told_apart(signed: Signed) -> None:
    signed.platform.profile_faults = [500]
    assert code(signed.send("POST", CREATE, checkout())) == (424, "profile_unreachable")
    agent = {"ucp-agent": 'profile="https://10.0.0.1/.well-known/ucp"'}
    assert code(signed.send("POST", CREATE, checkout(), **agent)) == (400, "invalid_profile_url")


def test_a_request_without_a_signature_is_served_where_none_is_asked_for_and_a_false_one_never(signed: Signed) -> None:
    shop = signed.shop
    shop.ucp.verifier = Signatures(signed.keyring, signed.public_url, shop.clock)
    plain = {"UCP-Agent": signed.platform.agent, "Content-Type": "application/json", "Idempotency-Key": "1"}
    assert shop.run(shop.client.post(CREATE, content=json.dumps(checkout()).encode(), headers=plain)).status_code == 201
    assert code(signed.send("POST", CREATE, checkout(), signature="sig1=:AAAA:"))[1] == "signature_invalid"


def test_the_platform_that_bought_hears_of_its_order_at_its_own_address_signed(signed: Signed, workspace: Settings) -> None:
    shop, platform = signed.shop, signed.platform
    platform.business_keys = lambda url: (
        {one["kid"]: one for one in signed.keyring.public_keys()} if url.startswith(signed.public_url) else {}
    )
    order_id = signed.bought().json()["order"]["id"]
    hooks = make_hooks(workspace, shop.ucp.counter.database, shop.clock)
    shop.run(hooks.keyring.load())
    shop.run(hooks.webhooks.tell(order_id))
    assert shop.run(hooks.delivering.run()).heard == 1
    (heard,) = platform.received
    assert (heard.path, heard.body["id"], platform.refused) == (WEBHOOK_PATH, order_id, [])
    assert heard.body["permalink_url"].startswith(f"{signed.public_url}/us/")
