"""The operations as tools: their names, what they are for, and what they take. The input schemas are made of the very types that read requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from tradewind.ucp import wire
from tradewind.ucp.model import KEY_NEEDED, Operation
from tradewind.ucp.v2026_04_08 import asking_catalog


@dataclass(frozen=True, slots=True)
class ToolKind:
    """A tool: what it is for, the argument that holds its resource (and the type that reads it), whether it names one by id."""

    title: str
    words: str
    argument: str = ""
    body: Any = None
    needs_id: bool = False


TOOLS: Mapping[Operation, ToolKind] = {
    Operation.CREATE_CHECKOUT: ToolKind("Create a checkout", "Begins a purchase.", "checkout", wire.AskedCheckout),
    Operation.GET_CHECKOUT: ToolKind("Get a checkout", "A checkout as it stands.", needs_id=True),
    Operation.UPDATE_CHECKOUT: ToolKind(
        "Update a checkout", "Replaces everything that was chosen.", "checkout", wire.AskedCheckout, needs_id=True
    ),
    Operation.COMPLETE_CHECKOUT: ToolKind(
        "Complete a checkout", "Pays and places the order.", "checkout", wire.AskedComplete, needs_id=True
    ),
    Operation.CANCEL_CHECKOUT: ToolKind("Cancel a checkout", "Ends a checkout without an order.", needs_id=True),
    Operation.CREATE_CART: ToolKind("Create a cart", "Gathers articles with estimated prices.", "cart", wire.AskedCheckout),
    Operation.GET_CART: ToolKind("Get a cart", "A cart at the prices of this moment.", needs_id=True),
    Operation.UPDATE_CART: ToolKind("Update a cart", "Replaces everything in a cart.", "cart", wire.AskedCheckout, needs_id=True),
    Operation.CANCEL_CART: ToolKind("Cancel a cart", "Forgets a cart.", needs_id=True),
    Operation.SEARCH_CATALOG: ToolKind(
        "Search the catalog", "Products by words, categories and prices, page by page.", "catalog", asking_catalog.AskedSearch
    ),
    Operation.LOOKUP_CATALOG: ToolKind(
        "Look products up", "Products by ids of products or variants.", "catalog", asking_catalog.AskedLookup
    ),
    Operation.GET_PRODUCT: ToolKind("Get a product", "One product with its options and variants.", "catalog", asking_catalog.AskedProduct),
    Operation.GET_ORDER: ToolKind("Get an order", "An order as it stands, for the platform that placed it.", needs_id=True),
}
"""Every operation, in the order of the specification."""


@cache
def tool_list() -> tuple[dict[str, Any], ...]:
    """The tools as the Model Context Protocol lists them."""
    return tuple(_tool(operation, kind) for operation, kind in TOOLS.items())


def _tool(operation: Operation, kind: ToolKind) -> dict[str, Any]:
    properties: dict[str, Any] = {"meta": _meta(needs_key=operation in KEY_NEEDED)}
    definitions: dict[str, Any] = {}
    if kind.needs_id:
        properties["id"] = {"type": "string", "minLength": 1}
    if kind.body is not None:
        (properties[kind.argument],), definitions = msgspec.json.schema_components([kind.body], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "name": operation.value,
        "title": kind.title,
        "description": kind.words,
        "inputSchema": schema | ({"$defs": definitions} if definitions else {}),
        "annotations": {"readOnlyHint": operation.value.startswith(("get_", "search_", "lookup_")), "openWorldHint": False},
    }


def _meta(*, needs_key: bool) -> dict[str, Any]:
    agent = {"type": "object", "required": ["profile"], "properties": {"profile": {"type": "string", "format": "uri"}}}
    key = {"type": "string", "format": "uuid"}
    return {
        "type": "object",
        "required": ["ucp-agent", *(["idempotency-key"] if needs_key else [])],
        "properties": {"ucp-agent": agent, "idempotency-key": key},
    }
