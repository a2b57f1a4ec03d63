"""The schemas of the specification, ready to validate answers and requests; `ucp_request` annotations are resolved for each operation."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

BASE = "https://ucp.dev/schemas"
FULL_NAME = "dev.ucp.shopping.checkout"
CHECKOUT = f"{BASE}/shopping/checkout.json"
ERROR = f"{BASE}/shopping/types/error_response.json"
PROFILE = "https://ucp.dev/discovery/profile.json#/$defs/business_profile"


class Schemas:
    """Validators of one version, for answers (`operation` "") or for the requests of an operation."""

    def __init__(self, folder: Path, operation: str = "") -> None:
        files = [*folder.glob("schemas/**/*.json"), *folder.glob("discovery/*.json")]
        self._registry: Registry[Any] = Registry().with_resources(_resources(folder, files, operation))

    def problems(self, content: object, *names: str) -> list[str]:
        """What of the content is not as every one of the schemas says."""
        schema = {"allOf": [{"$ref": name} for name in names]}
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{one.json_path}: {one.message[:300]}" for one in validator.iter_errors(content)]

    def checkout_problems(self, content: object) -> list[str]:
        """The same for a checkout with its extensions."""
        return self.problems(content, CHECKOUT, self._of_checkout("fulfillment"), self._of_checkout("discount"))

    def _of_checkout(self, name: str) -> str:
        """A checkout with an extension: defined under the checkout's name, in the older version plainly as `checkout`."""
        defined = self._registry.contents(f"{BASE}/shopping/{name}.json")["$defs"]
        return f"{BASE}/shopping/{name}.json#/$defs/{next(one for one in (FULL_NAME, 'checkout') if one in defined)}"


@cache
def schemas(folder: Path, operation: str = "") -> Schemas:
    """The same for every test of a run: making them takes a moment."""
    return Schemas(folder, operation)


def _resources(folder: Path, files: list[Path], operation: str) -> Iterator[tuple[str, Resource[Any]]]:
    for file in files:
        content = json.loads(file.read_text("utf-8"))
        if operation:
            content = _asked(content, operation)
        place = file.relative_to(folder).as_posix().removeprefix("schemas/")
        name = f"https://ucp.dev/schemas/{place}" if not place.startswith("discovery/") else PROFILE.partition("#")[0]
        content["$id"] = name
        yield name, Resource(content, DRAFT202012)


def _asked(node: Any, operation: str) -> Any:
    """The schema as a request of the operation must follow it."""
    if isinstance(node, list):
        return [_asked(one, operation) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _asked(one, operation) for name, one in node.items()}
    properties = node.get("properties")
    if isinstance(properties, dict):
        needed = set(node.get("required", []))
        for name, one in properties.items():
            rule = one.get("ucp_request") if isinstance(one, dict) else None
            rule = rule.get(operation) if isinstance(rule, dict) else rule
            if rule == "omit":
                made["properties"][name] = False
            if rule in {"omit", "optional"}:
                needed.discard(name)
            elif rule == "required":
                needed.add(name)
        made["required"] = sorted(needed)
    return made
