"""Discovery and negotiation: what the profile says, and what is refused at the door with which code."""

from urllib.parse import urlsplit

from tradewind.checks.ucp.model import CannotBeTried, NotAsItMustBe, must
from tradewind.checks.ucp.player import Player, read

WELL_KNOWN = "/.well-known/ucp"
LEAST_CACHE_SECONDS = 60
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def profile_is_served(player: Player) -> str:
    """200 without a redirect, cached publicly for a minute at least."""
    response = player.raw("GET", player.wanted.url + WELL_KNOWN, b"", {})
    must(
        response.status_code == 200,
        f"{player.wanted.url}{WELL_KNOWN} answered {response.status_code}; it must be 200, without a redirect, at the root of the shop's host",
    )
    cache = {part.strip().lower() for part in response.headers.get("cache-control", "").split(",")}
    age = next((int(one.partition("=")[2] or 0) for one in cache if one.startswith("max-age=")), 0)
    must("public" in cache and age >= LEAST_CACHE_SECONDS, f"Cache-Control is {response.headers.get('cache-control')}")
    must(not cache & {"private", "no-store", "no-cache"}, f"Cache-Control is {response.headers.get('cache-control')}")
    player.profile = read(response)
    found = player.profile.get("ucp", {})
    return f"version {found.get('version')}, {len(found.get('capabilities', {}))} capabilities, {player.endpoint('rest')}"


def names_have_their_origin(player: Player) -> str:
    """Every capability has `spec` and `schema` on the origin of its namespace."""
    declared = player.profile["ucp"].get("capabilities", {})
    for name, versions in declared.items():
        origin = ".".join(reversed(name.split(".")[:2]))
        for one in versions:
            for field in ("spec", "schema"):
                host = urlsplit(str(one.get(field, ""))).hostname or ""
                must(host == origin or host.endswith(f".{origin}"), f"{name}: {field} is {one.get(field)}, not on {origin}")
    return f"{len(declared)} capabilities"


def endpoints_are_https(player: Player) -> str:
    """Everything is reached by https; a server on this machine may be tried out without."""
    found = [player.endpoint("rest")] + ([player.endpoint("mcp")] if _has_mcp(player) else [])
    for one in found:
        parts = urlsplit(one)
        must(parts.scheme == "https" or parts.hostname in LOOPBACK, f"{one} is not https; set TRADEWIND_PUBLIC_URL")
    return ", ".join(found)


def older_versions_are_leaves(player: Player) -> str:
    """Each older version has a profile of its own that names no further ones."""
    older = player.profile["ucp"].get("supported_versions", {})
    if not older:
        raise CannotBeTried("the profile names no older version")
    for version, url in older.items():
        leaf = read(player.raw("GET", url, b"", {}))["ucp"]
        must(leaf.get("version") == version, f"{url} says version {leaf.get('version')}, not {version}")
        must("supported_versions" not in leaf, f"{url} names further versions")
    return ", ".join(older)


def keys_are_published(player: Player) -> str:
    """At least one public key, without its private part."""
    keys = player.profile.get("signing_keys", [])
    must(keys, "the profile has no signing_keys: tradewind ucp keys new")
    must(not any("d" in one for one in keys), "a private key is in the profile: rotate it at once")
    return ", ".join(f"{one.get('kid')} ({one.get('crv')})" for one in keys)


def nobody_is_refused(player: Player) -> str:
    """A call without a profile address."""
    return _refused(player, 400, "invalid_profile_url", {"content-type": "application/json"})


def plain_http_is_refused(player: Player) -> str:
    """A profile address without https."""
    return _refused(player, 400, "invalid_profile_url", {"ucp-agent": 'profile="http://platform.example/ucp"'})


def silence_is_told(player: Player) -> str:
    """A profile that cannot be fetched."""
    return _refused(player, 424, "profile_unreachable", {"ucp-agent": 'profile="https://nobody.invalid/.well-known/ucp"'})


def changed_bodies_are_refused(player: Player) -> str:
    """A body that is not the one that was signed."""
    url = player.endpoint("rest") + "/checkout-sessions"
    headers = player.platform.signed("POST", url, b'{"line_items":[]}')
    response = player.raw("POST", url, b'{"line_items":[ ]}', headers)
    return _code(response.status_code, read(response).get("code"), 400, "digest_mismatch")


def strangers_keys_are_refused(player: Player) -> str:
    """A signature by a key that the profile does not name."""
    from tradewind.ucp.signing import Message, signed_headers
    from tradewind.ucp.signing_keys import new_signing_key

    url, body = player.endpoint("rest") + "/checkout-sessions", b'{"line_items":[]}'
    sent = {"ucp-agent": player.platform.agent, "content-type": "application/json", "idempotency-key": "stranger-000000000000000000"}
    stranger = new_signing_key("stranger", "ES256")
    response = player.raw("POST", url, body, sent | signed_headers(Message("POST", url, sent, body), stranger, player.platform.clock()))
    return _code(response.status_code, read(response).get("code"), 401, "key_not_found")


def _refused(player: Player, status: int, code: str, headers: dict[str, str]) -> str:
    url = player.endpoint("rest") + "/checkout-sessions/none"
    response = player.raw("GET", url, b"", headers)
    return _code(response.status_code, read(response).get("code"), status, code)


def _code(status: int, code: object, wanted_status: int, wanted: str) -> str:
    if (status, code) != (wanted_status, wanted):
        raise NotAsItMustBe(f"answered {status} {code}, not {wanted_status} {wanted}")
    return f"{status} {code}"


def _has_mcp(player: Player) -> bool:
    return any(one.get("transport") == "mcp" for services in player.profile["ucp"]["services"].values() for one in services)
