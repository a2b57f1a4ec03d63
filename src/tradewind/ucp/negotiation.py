"""What a platform's profile says, and what both sides share. Pure; profiles are fetched elsewhere."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tradewind.ucp.capabilities import ROOT_OF, Capability, served
from tradewind.ucp.errors import CapabilitiesAreIncompatible, ProfileIsMalformed, ProfileUrlIsInvalid, VersionIsUnsupported
from tradewind.ucp.model import VERSIONS, Declared, Negotiated, Operation, PlatformProfile

URL_LIMIT = 2_000
ENTRIES_LIMIT = 500
KEYS_LIMIT = 50
GOOGLE = "google"
_AGENT = re.compile(r'(?:^|[,\s])profile="((?:[^"\\]|\\.)*)"')
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_HINT = "publish a profile as the specification's discovery schema describes"


def profile_url_of(header: str) -> str:
    """The profile's address that a UCP-Agent header names (an RFC 8941 dictionary). ProfileUrlIsInvalid."""
    found = _AGENT.search(header)
    if found is None:
        raise ProfileUrlIsInvalid("the request names no platform profile", hint='send UCP-Agent: profile="https://…/.well-known/ucp"')
    return checked_url(found[1].replace('\\"', '"').replace("\\\\", "\\"))


def checked_url(url: str) -> str:
    """The address, when a profile can lie there. ProfileUrlIsInvalid."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.username is None and len(url) <= URL_LIMIT
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable() or " " in url:
        raise ProfileUrlIsInvalid("the platform profile's address is not a URL", hint="name an absolute https address")
    return url


def read_profile(url: str, content: bytes) -> PlatformProfile:
    """The profile that was fetched from an address. ProfileIsMalformed."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        raise ProfileIsMalformed(f"the profile at {url} is not JSON", hint=_HINT) from None
    told = found.get("ucp") if isinstance(found, dict) else None
    version = told.get("version") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ProfileIsMalformed(f"the profile at {url} has no ucp.version", hint=_HINT)
    keys = found.get("signing_keys", found.get("keys", []))
    return PlatformProfile(
        url,
        version,
        _declared(url, told.get("capabilities", {}), "capabilities"),
        _declared(url, told.get("payment_handlers", {}), "payment_handlers"),
        _keys(url, keys),
        GOOGLE if _is_google(url) else "",
    )


def negotiate(platform: PlatformProfile) -> Negotiated:
    """What both sides share, in the version that the platform speaks. VersionIsUnsupported."""
    version = platform.version
    if version not in VERSIONS:
        known = " and ".join(sorted(VERSIONS))
        raise VersionIsUnsupported(f"the protocol version {version} is not supported; this business supports {known}")
    shared = {one.name: one for one in served(version) if any(two.version == version for two in platform.capabilities.get(one.name, ()))}
    _prune(shared, version)
    config = {name: _config(platform, name, version) for name in shared}
    handlers = frozenset(platform.handlers) if platform.handlers else None
    return Negotiated(version, platform, dict.fromkeys(shared, version), config, handlers, _envelopes(shared, version))


def check_operation(negotiated: Negotiated, operation: Operation) -> None:
    """CapabilitiesAreIncompatible when the operation belongs to a capability that is not shared."""
    root = ROOT_OF[operation]
    if root not in negotiated.capabilities:
        shared = ", ".join(sorted(negotiated.capabilities)) or "nothing"
        raise CapabilitiesAreIncompatible(f"{root} is not shared by both sides in version {negotiated.version}; shared: {shared}")


def _prune(shared: dict[str, Capability], version: str) -> None:
    """Drops extensions whose every parent is missing, until nothing more falls."""
    while True:
        orphans = [name for name, one in shared.items() if one.parents(version) and not any(two in shared for two in one.parents(version))]
        if not orphans:
            return
        for name in orphans:
            del shared[name]


def _envelopes(shared: Mapping[str, Capability], version: str) -> dict[str, Mapping[str, Any]]:
    """For each root capability: the version, and the capabilities that matter to its answers."""
    roots = [name for name, one in shared.items() if not one.parents(version)]
    return {
        root: {
            "version": version,
            "capabilities": {name: [{"version": version}] for name, one in shared.items() if name == root or root in one.parents(version)},
        }
        for root in roots
    }


def _config(platform: PlatformProfile, name: str, version: str) -> Mapping[str, Any]:
    return next((one.config for one in platform.capabilities[name] if one.version == version), {})


def _declared(url: str, found: object, member: str) -> dict[str, tuple[Declared, ...]]:
    if not isinstance(found, dict) or len(found) > ENTRIES_LIMIT:
        raise ProfileIsMalformed(f"ucp.{member} of the profile at {url} is not an object of lists", hint=_HINT)
    kept: dict[str, tuple[Declared, ...]] = {}
    for name, entries in found.items():
        if not isinstance(entries, list) or not all(isinstance(one, dict) and isinstance(one.get("version"), str) for one in entries):
            raise ProfileIsMalformed(f"ucp.{member}.{name[:80]} of the profile at {url} is not a list of versions", hint=_HINT)
        kept[name] = tuple(Declared(one["version"], one["config"] if isinstance(one.get("config"), dict) else {}) for one in entries)
    return kept


def _keys(url: str, found: object) -> dict[str, Mapping[str, Any]]:
    if not isinstance(found, list) or len(found) > KEYS_LIMIT or not all(isinstance(one, dict) for one in found):
        raise ProfileIsMalformed(f"the keys of the profile at {url} are not a list of JWK", hint=_HINT)
    return {one["kid"]: one for one in found if isinstance(one.get("kid"), str)}


def _is_google(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "google.com" or host.endswith((".google.com", ".googleapis.com"))
