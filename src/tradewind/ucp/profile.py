"""The business profile: what this server says of itself at /.well-known/ucp, and the leaf of each older version. Made from what works."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tradewind.ucp.capabilities import served
from tradewind.ucp.handlers import PaymentHandlers
from tradewind.ucp.model import DEFAULT_VERSION, VERSIONS

SERVICE = "dev.ucp.shopping"
WELL_KNOWN = "/.well-known/ucp"
CACHE_CONTROL = "public, max-age=300"
SPECIFICATION = "https://ucp.dev"
TRANSPORTS: dict[str, tuple[str, ...]] = dict.fromkeys(VERSIONS, ("rest",)) | {DEFAULT_VERSION: ("rest", "mcp")}
"""How each version is served; whoever adds a transport names it here."""
_SCHEMAS = {"rest": "rest.openapi.json", "mcp": "mcp.openrpc.json"}
_OLD_SCHEMAS = {"rest": "openapi.json", "mcp": "openrpc.json"}


def rest_endpoint(public_url: str, version: str) -> str:
    """Where the REST operations of a version lie."""
    return f"{public_url}/ucp/{version}"


def mcp_endpoint(public_url: str) -> str:
    """Where the MCP operations lie; the platform's profile names the version."""
    return f"{public_url}/ucp/mcp"


def business_profile(
    public_url: str,
    version: str,
    handlers: PaymentHandlers,
    markets: Iterable[str],
    keys: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The profile of a version: the default one names the others, a leaf names none."""
    ucp: dict[str, Any] = {"version": version}
    older = [one for one in VERSIONS if one != DEFAULT_VERSION and served(one)]
    if version == DEFAULT_VERSION and older:
        ucp["supported_versions"] = {one: f"{public_url}{WELL_KNOWN}/{one}" for one in older}
    ucp["services"] = {SERVICE: [_service(public_url, version, one) for one in TRANSPORTS[version]]}
    ucp["capabilities"] = {
        one.name: [_capability(one.page, one.schema, one.parents(version), one.config, version)] for one in served(version)
    }
    ucp["payment_handlers"] = handlers.declared(markets)
    return {"ucp": ucp, **({"signing_keys": [dict(one) for one in keys]} if keys else {})}


def _service(public_url: str, version: str, transport: str) -> dict[str, Any]:
    names = _SCHEMAS if version >= DEFAULT_VERSION else _OLD_SCHEMAS
    return {
        "version": version,
        "spec": f"{SPECIFICATION}/{version}/specification/overview",
        "transport": transport,
        "schema": f"{SPECIFICATION}/{version}/services/shopping/{names[transport]}",
        "endpoint": rest_endpoint(public_url, version) if transport == "rest" else mcp_endpoint(public_url),
    }


def _capability(page: str, schema: str, parents: tuple[str, ...], config: Mapping[str, Any], version: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "version": version,
        "spec": f"{SPECIFICATION}/{version}/specification/{page}",
        "schema": f"{SPECIFICATION}/{version}/schemas/{schema}",
    }
    if parents:
        found["extends"] = parents[0] if len(parents) == 1 else list(parents)
    if config:
        found["config"] = dict(config)
    return found
