"""The platform's hands: signed calls over REST and MCP, each timed, each answer read strictly."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tradewind.checks.ucp.model import Json, NotAsItMustBe, Wanted, must
from tradewind.emulators.ucp_platform import PlatformStandIn

JSON = "application/json"
SHOWN = 300


@dataclass
class Player:
    """One platform against one server. `profile` is the business profile once it was read."""

    wanted: Wanted
    platform: PlatformStandIn
    client: httpx.Client
    took_ms: dict[str, list[float]] = field(default_factory=dict)
    profile: Json = field(default_factory=dict)

    def endpoint(self, transport: str) -> str:
        """Where the profile says that a transport lies. NotAsItMustBe when it says none."""
        for services in self.profile.get("ucp", {}).get("services", {}).values():
            for one in services:
                if one.get("transport") == transport and one.get("endpoint"):
                    return str(one["endpoint"]).rstrip("/")
        raise NotAsItMustBe(f"the profile names no endpoint for {transport}")

    def send(
        self, method: str, path: str, content: object = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One signed call below the REST endpoint; the answer as it came."""
        url, body = self.endpoint("rest") + path, self.written(content)
        return self.raw(method, url, body, self.platform.signed(method, url, body, idempotency_key=key, headers=headers))

    def raw(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """A request with exactly these headers. NotAsItMustBe when nobody answers."""
        try:
            return self.client.request(method, url, content=body or None, headers=dict(headers))
        except httpx.HTTPError as error:
            raise NotAsItMustBe(
                f"{method} {url}: {type(error).__name__} {error}; is the server there? tradewind serve, or another address by --url"
            ) from None

    def ask(self, operation: str, method: str, path: str, content: object = None, *, key: str | None = None) -> Json:
        """The JSON of an answer with 200 or 201, timed under the operation's name. NotAsItMustBe for anything else."""
        started = time.perf_counter()
        response = self.send(method, path, content, key=key)
        self.took_ms.setdefault(operation, []).append((time.perf_counter() - started) * 1000)
        must(response.status_code in {200, 201}, f"{method} {path} answered {response.status_code}: {response.text[:SHOWN]}")
        return read(response)

    def tool(self, name: str, arguments: Json) -> Json:
        """The structured result of an MCP tool. NotAsItMustBe for an error."""
        key = str(uuid4())
        meta = {"ucp-agent": {"profile": self.platform.profile_url}, "idempotency-key": key}
        found = self.rpc("tools/call", {"name": name, "arguments": {"meta": meta, **arguments}}, key)
        result = found.get("result", {}).get("structuredContent")
        must(isinstance(result, dict), f"{name} has no structured result: {json.dumps(found)[:SHOWN]}")
        return dict(result)

    def rpc(self, method: str, params: Json, key: str | None = None) -> Json:
        """The JSON-RPC answer of the MCP endpoint."""
        url = self.endpoint("mcp")
        body = self.written({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        accept = {"accept": f"{JSON}, text/event-stream"}
        response = self.raw("POST", url, body, self.platform.signed("POST", url, body, idempotency_key=key, headers=accept))
        must(response.status_code == 200, f"{method} over MCP answered {response.status_code}: {response.text[:SHOWN]}")
        return read(response)

    @staticmethod
    def written(content: object) -> bytes:
        """The bytes of a body; none for None."""
        return b"" if content is None else json.dumps(content, ensure_ascii=False).encode()


def read(response: httpx.Response) -> Json:
    """The object of a JSON answer. NotAsItMustBe when it is none."""
    kind = response.headers.get("content-type", "")
    must(kind.startswith(JSON), f"the content type is {kind or 'missing'}, not {JSON}")
    try:
        found = response.json()
    except ValueError:
        raise NotAsItMustBe(f"the answer is not JSON: {response.text[:SHOWN]}") from None
    must(isinstance(found, dict), f"the answer is not an object: {response.text[:SHOWN]}")
    return dict(found)


def codes(found: Json) -> list[str]:
    """The codes of an answer's messages."""
    return [str(one.get("code")) for one in found.get("messages", ())]


def totals_add_up(found: Json) -> None:
    """NotAsItMustBe unless there is one subtotal and one total, and everything but the total adds up to it."""
    rows = found.get("totals", [])
    for kind in ("subtotal", "total"):
        must(sum(1 for one in rows if one["type"] == kind) == 1, f"there is not exactly one {kind}: {rows}")
    total = next(one["amount"] for one in rows if one["type"] == "total")
    others = sum(one["amount"] for one in rows if one["type"] != "total")
    must(total == others, f"the total is {total}, its parts add up to {others}")
