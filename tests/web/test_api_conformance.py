"""Any call that the description allows is answered as it describes, and never with a failure inside; real HTTP, a key of every scope."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from web_running import Running

from tradewind.db import open_database
from tradewind.kit import new_id, system_clock
from tradewind.web.api import SCOPES, issue

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checkout"))
from counter import open_counter

pytestmark = pytest.mark.slow
EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def key(store: Running) -> str:
    """A key of every scope, in a shop with two orders."""
    with open_counter(store.settings, ()) as counter:
        for _ in range(2):
            counter.buy(("S1", 1), ("S2", 2))
    with open_database(store.settings) as database, database.transaction() as tx:
        return issue(tx, "schemathesis", list(SCOPES), system_clock())


def described(store: Running) -> dict[str, Any]:
    made: dict[str, Any] = store.get("/api/v1/openapi.json").json()
    return made


def operations(store: Running) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(described(store))
    schema.config.update(base_url=store.url + "/api/v1")
    for found in schema.get_all_operations():
        yield found.ok()


def test_every_call_that_is_described_is_answered_as_described(store: Running, key: str) -> None:
    seen: set[tuple[str, int]] = set()
    for operation in operations(store):
        real = {"order": "100001"} | ({"endpoint": an_endpoint(store, key)} if "{endpoint}" in operation.path else {})
        check(operation, key, real, seen)
    statuses = {status for _, status in seen}
    assert {200, 201, 204, 400, 404} <= statuses
    assert max(statuses) < 500


def an_endpoint(store: Running, key: str) -> str:
    """The id of a webhook endpoint that was just registered."""
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": new_id("call", clock=system_clock)}
    answer = httpx.post(f"{store.url}/api/v1/webhooks/endpoints", json={"url": "https://erp.example/"}, headers=headers, timeout=20)
    return str(answer.json()["endpoint_id"])


def check(operation: Any, key: str, real: dict[str, str], seen: set[tuple[str, int]]) -> None:
    @given(case=operation.as_strategy(), is_real=st.booleans())
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def asked(case: Any, is_real: bool) -> None:
        if is_real:
            case.path_parameters = {name: real.get(name, value) for name, value in (case.path_parameters or {}).items()}
        answer = case.call(headers={"Authorization": f"Bearer {key}"}, timeout=20)
        seen.add((operation.path, answer.status_code))
        if answer.status_code != 429:
            case.validate_response(answer, checks=CHECKS)

    asked()


def test_the_description_is_whole(store: Running) -> None:
    schema = described(store)
    assert schema["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"]
            assert operation["security"] == [{"ApiKey": []}], path
            assert operation["x-scope"] in SCOPES
            assert {"400", "401", "403", "429", "503"} <= set(operation["responses"])
            named = {one["name"] for one in operation.get("parameters", [])}
            assert ("Idempotency-Key" in named) == (method != "get"), path


def test_a_body_that_is_too_large_is_refused(store: Running, key: str) -> None:
    answer = httpx.post(f"{store.url}/api/v1/stock", content=b"x" * 70_000, headers={"Authorization": f"Bearer {key}"}, timeout=20)
    assert answer.status_code == 413
