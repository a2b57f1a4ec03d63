"""A running Merchant Center for tests: in a thread with its own loop, spoken to by the official clients over real sockets."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_products_v1 as products
from google.shopping.merchant_datasources_v1.services.data_sources_service.transports import DataSourcesServiceGrpcTransport
from google.shopping.merchant_products_v1.services.product_inputs_service.transports import ProductInputsServiceGrpcTransport
from google.shopping.merchant_products_v1.services.products_service.transports import ProductsServiceGrpcTransport
from google.shopping.type.types import Price

from tradewind.emulators.merchant_center import Center, CenterConfig, RunningCenter, run_center
from tradewind.kit import fixed_clock

ACCOUNT = "accounts/1001"
NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
START_SECONDS = 20


@dataclass
class Merchant:
    """The emulator and the official clients of one sub-account."""

    running: RunningCenter
    channel: grpc.Channel

    @property
    def center(self) -> Center:
        return self.running.center

    def inputs(self) -> products.ProductInputsServiceClient:
        return products.ProductInputsServiceClient(transport=ProductInputsServiceGrpcTransport(channel=self.channel))

    def products(self) -> products.ProductsServiceClient:
        return products.ProductsServiceClient(transport=ProductsServiceGrpcTransport(channel=self.channel))

    def sources(self) -> datasources.DataSourcesServiceClient:
        return datasources.DataSourcesServiceClient(transport=DataSourcesServiceGrpcTransport(channel=self.channel))

    def primary(self, countries: tuple[str, ...] = ("US",), label: str = "US", language: str = "en") -> str:
        """The name of a new primary API data source."""
        kind = datasources.PrimaryProductDataSource(countries=countries, feed_label=label, content_language=language)
        source = datasources.DataSource(display_name="primary", primary_product_data_source=kind)
        return str(self.sources().create_data_source(parent=ACCOUNT, data_source=source).name)

    def supplemental(self) -> str:
        source = datasources.DataSource(display_name="extra", supplemental_product_data_source=datasources.SupplementalProductDataSource())
        return str(self.sources().create_data_source(parent=ACCOUNT, data_source=source).name)

    def insert(self, item: Any, source: str) -> Any:
        request = products.InsertProductInputRequest(parent=ACCOUNT, product_input=item, data_source=source)
        return self.inputs().insert_product_input(request=request, retry=None)

    def insert_one(self, target: Any, offer_id: str = "first") -> None:
        """One accepted call, so that quotas of the products group can be read."""
        self.insert(an_input(offer_id), target.source)

    def get(self, key: str) -> Any:
        return self.products().get_product(name=f"{ACCOUNT}/products/{key}", retry=None)


def an_input(offer_id: str = "sku1", *, label: str = "US", language: str = "en", version: int | None = None, **attributes: Any) -> Any:
    """A complete input that the emulator approves, unless `attributes` say otherwise."""
    complete: dict[str, Any] = {
        "title": "Steel bottle",
        "description": "Keeps drinks warm for twelve hours.",
        "link": "https://shop.example/us/p/sku1",
        "image_link": "https://shop.example/media/sku1.jpg",
        "availability": "IN_STOCK",
        "price": Price(amount_micros=19_990_000, currency_code="USD"),
        "gtins": ["4006381333931"],
        "shipping": [{"country": "US", "price": {"amount_micros": 0, "currency_code": "USD"}}],
    }
    made = products.ProductInput(
        offer_id=offer_id,
        content_language=language,
        feed_label=label,
        product_attributes=products.ProductAttributes(**{**complete, **attributes}),
    )
    if version is not None:
        made.version_number = version
    return made


@contextlib.contextmanager
def a_merchant(config: CenterConfig = CenterConfig()) -> Iterator[Merchant]:  # noqa: B008 - frozen
    """A running emulator; its clock stands at NOON unless it is turned."""
    center = Center(config, fixed_clock(NOON))
    ready, stop = threading.Event(), asyncio.Event()
    found: list[RunningCenter] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with run_center(center) as running:
            found.append(running)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(START_SECONDS), "the emulator did not start"
    try:
        with grpc.insecure_channel(found[0].grpc_address) as channel:
            yield Merchant(found[0], channel)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)
        loop.close()
