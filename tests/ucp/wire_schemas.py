"""The JSON schemas of the protocol, as they lie beside the checkout: what an answer must look like."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

VERSION = "2026-04-08"


class Wire:
    """The schemas of one version; `check` says what is wrong with an answer."""

    def __init__(self, folder: Path) -> None:
        files = sorted((folder / "schemas").rglob("*.json"))
        schemas = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        self._registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas if "$id" in one)

    def problems(self, name: str, answer: Any) -> list[str]:
        """What the schema of this name (such as "shopping/order.json") does not allow in the answer."""
        validator = Draft202012Validator({"$ref": f"https://ucp.dev/schemas/{name}"}, registry=self._registry)
        return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(answer)]

    def check(self, name: str, answer: Any) -> None:
        """Fails with what is wrong."""
        assert self.problems(name, answer) == []


@cache
def wire(folder: Path) -> Wire:
    """The schemas in a folder, read once a run."""
    return Wire(folder)
