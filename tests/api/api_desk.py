"""A program at the API of a counter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from counter import NOON, Counter, open_counter

from tradewind.bootstrap.invoicing import make_books
from tradewind.bootstrap.webhooks import make_endpoints, make_looking
from tradewind.db import load_sealer
from tradewind.markets import load_markets
from tradewind.orders import Orders
from tradewind.settings import Settings
from tradewind.web.api import SCOPES, api_app, issue
from tradewind.web.house import House, MarketWindow
from tradewind.web.shopping import Till


@dataclass
class ApiDesk:
    """Calls of a program, with the keys that it makes up."""

    counter: Counter
    settings: Settings
    app: Any
    key: str
    calls: int = field(default=0)

    def ask(self, method: str, path: str, *, key: str | None = None, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://shop.test") as client:
                headers = {"Authorization": f"Bearer {key or self.key}"} | given.pop("headers", {})
                return await client.request(method, path, headers=headers, **given)

        return self.counter.run(asked())

    def get(self, path: str, **params: Any) -> Any:
        answer = self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, *, once: str | None = None, match: str | None = None) -> httpx.Response:
        self.calls += 1
        headers = {"Idempotency-Key": once or f"call-{self.calls}"} | ({"If-Match": match} if match else {})
        return self.ask("POST", path, headers=headers, **({} if body is None else {"json": body}))

    def key_for(self, name: str, *scopes: str) -> str:
        with self.counter.sync.transaction() as tx:
            return issue(tx, name, scopes, NOON)

    def bought(self, *lines: tuple[str, int]) -> str:
        done = self.counter.buy(*lines or (("S1", 1), ("S2", 2)))
        assert done.order_id is not None
        return done.order_id


@contextmanager
def open_desk(settings: Settings) -> Iterator[ApiDesk]:
    with open_counter(settings) as counter:
        rules = load_markets(None)
        known = {code: MarketWindow(code, one.country, one.languages, one.currency.code) for code, one in rules.items()}
        house = House(settings, counter.clock, known, rules=rules, database=counter.database)
        orders = Orders(counter.database, counter.payments, counter.clock)
        house.till = Till(
            counter.sessions,
            counter.completing,
            orders,
            load_sealer(settings, NOON),
            books=make_books(settings, counter.database, counter.clock),
            endpoints=make_endpoints(settings, counter.database, counter.clock),
            webhooks=make_looking(counter.database, counter.clock),
        )
        with counter.sync.transaction() as tx:
            tx.execute("UPDATE offers_offer SET text_from = 'supplier', condition = 'new', verdict = 'ok'")
            key = issue(tx, "erp", list(SCOPES), NOON)
        yield ApiDesk(counter, settings, api_app(house), key)
        counter.run(house.close())
