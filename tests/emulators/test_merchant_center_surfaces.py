"""The other surfaces of the emulated Merchant Center: REST, reports, statuses, quotas, settings, notifications and switches."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import httpx
import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_notifications_v1 as notifications
from google.shopping import merchant_products_v1 as products
from google.shopping import merchant_quota_v1 as quota
from google.shopping import merchant_reports_v1 as reports
from google.shopping.merchant_accounts_v1.services.shipping_settings_service.transports import ShippingSettingsServiceGrpcTransport
from google.shopping.merchant_notifications_v1.services.notifications_api_service.transports import NotificationsApiServiceGrpcTransport
from google.shopping.merchant_quota_v1.services.quota_service.transports import QuotaServiceGrpcTransport
from google.shopping.merchant_reports_v1.services.report_service.transports import ReportServiceGrpcTransport
from tests.emulators.merchant_center_fixtures import ACCOUNT, Merchant, a_merchant, an_input

from tradewind.emulators.merchant_center import Center, CenterConfig, EmulatorIsMisused, run_center
from tradewind.emulators.merchant_center.wire import methods
from tradewind.kit import system_clock

WAIT_SECONDS = 10


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def test_the_rest_client_inserts_and_reads_a_product(merchant: Merchant) -> None:
    options = ClientOptions(api_endpoint=merchant.running.rest_url)
    writer = products.ProductInputsServiceClient(transport="rest", client_options=options, credentials=AnonymousCredentials())
    reader = products.ProductsServiceClient(transport="rest", client_options=options, credentials=AnonymousCredentials())
    sent = writer.insert_product_input(
        request=products.InsertProductInputRequest(parent=ACCOUNT, product_input=an_input("a/b%1"), data_source=merchant.primary())
    )
    found = reader.get_product(name=sent.base64_encoded_product)
    assert (found.offer_id, found.product_attributes.availability.name) == ("a/b%1", "IN_STOCK")


def test_rest_errors_carry_the_reason(merchant: Merchant) -> None:
    answer = httpx.get(f"{merchant.running.rest_url}/products/v1/{ACCOUNT}/products/en~US~nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["details"][0]["reason"] == "not_found"


def test_every_method_has_a_rest_path_of_its_own() -> None:
    ways = [(method.verb, method.path) for method in methods()]
    assert len(set(ways)) == len(ways)


def test_the_report_names_the_issues_of_the_rows_that_a_condition_selects(merchant: Merchant) -> None:
    source = merchant.primary()
    merchant.insert(an_input("fine"), source)
    merchant.insert(an_input("bad", title=""), source)
    client = reports.ReportServiceClient(transport=ReportServiceGrpcTransport(channel=merchant.channel))
    query = "SELECT offer_id, item_issues FROM product_view WHERE aggregated_reporting_context_status = 'NOT_ELIGIBLE_OR_DISAPPROVED'"
    rows = [row.product_view for row in client.search(request={"parent": ACCOUNT, "query": query})]
    assert [(row.offer_id, row.item_issues[0].type_.code) for row in rows] == [("bad", "item_missing_required_attribute")]
    assert not rows[0].title


@pytest.mark.parametrize(
    "query", ["", "SELECT nothing FROM product_view", "SELECT offer_id FROM best_sellers", "SELECT offer_id FROM product_view WHERE x"]
)
def test_a_query_that_cannot_be_answered_is_refused(merchant: Merchant, query: str) -> None:
    answer = httpx.post(f"{merchant.running.rest_url}/reports/v1/{ACCOUNT}/reports:search", json={"query": query})
    assert answer.status_code in {400, 501}


def test_quotas_tell_usage_and_limits() -> None:
    with a_merchant(CenterConfig(quota_per_minute=100, quota_per_day=1000)) as merchant:
        merchant.insert(an_input(), merchant.primary())
        client = quota.QuotaServiceClient(transport=QuotaServiceGrpcTransport(channel=merchant.channel))
        found = {group.name.rsplit("/", 1)[-1]: group for group in client.list_quota_groups(parent=ACCOUNT)}
        assert (found["products"].quota_usage, found["products"].quota_limit, found["products"].quota_minute_limit) == (1, 1000, 100)


def test_shipping_settings_of_the_account_cure_missing_shipping(merchant: Merchant) -> None:
    merchant.insert(an_input(shipping=[]), merchant.primary())
    client = accounts.ShippingSettingsServiceClient(transport=ShippingSettingsServiceGrpcTransport(channel=merchant.channel))
    service = accounts.Service(service_name="standard", active=True, delivery_countries=["US"], currency_code="USD")
    client.insert_shipping_settings(request={"parent": ACCOUNT, "shipping_setting": accounts.ShippingSettings(services=[service])})
    assert not merchant.get("en~US~sku1").product_status.item_level_issues


def test_a_status_change_is_pushed_to_its_subscriber(merchant: Merchant, inbox: tuple[str, Queue[bytes]]) -> None:
    url, received = inbox
    client = notifications.NotificationsApiServiceClient(transport=NotificationsApiServiceGrpcTransport(channel=merchant.channel))
    event = notifications.NotificationSubscription.NotificationEventType.PRODUCT_STATUS_CHANGE
    subscription = notifications.NotificationSubscription(call_back_uri=url, registered_event=event, target_account=ACCOUNT)
    client.create_notification_subscription(parent=ACCOUNT, notification_subscription=subscription)
    merchant.insert(an_input(title=""), merchant.primary())
    pushed = json.loads(base64.b64decode(json.loads(received.get(timeout=WAIT_SECONDS))["message"]["data"]))
    assert (pushed["resourceId"], pushed["changes"][0]["newValue"]) == ("en~US~sku1", "disapproved")


def test_switches_turn_the_clock_and_set_faults(merchant: Merchant) -> None:
    url = f"{merchant.running.rest_url}/emulator"
    before = httpx.get(f"{url}/report").json()["now"]
    assert httpx.post(f"{url}/clock", json={"seconds": 60}).json()["now"] > before
    assert httpx.post(f"{url}/fault", json={"kind": "unavailable", "method": "List*", "times": 1}).status_code == 200
    failing = f"{merchant.running.rest_url}/products/v1/{ACCOUNT}/products"
    assert [httpx.get(failing).status_code for _ in range(2)] == [503, 200]
    assert httpx.post(f"{url}/fault", json={"kind": "meteor"}).status_code == 400


def test_a_dropped_rest_answer_ends_the_connection(merchant: Merchant) -> None:
    httpx.post(f"{merchant.running.rest_url}/emulator/fault", json={"kind": "drop_after", "method": "List*", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{merchant.running.rest_url}/products/v1/{ACCOUNT}/products")


async def _start_twice(port: int) -> None:
    async with run_center(Center(CenterConfig(), system_clock), rest_port=port):
        pass


def test_a_taken_port_is_said_with_the_way_out(merchant: Merchant) -> None:

    with pytest.raises(EmulatorIsMisused, match="is taken"):
        asyncio.run(_start_twice(merchant.running.rest_port))


@pytest.fixture
def inbox() -> Iterator[tuple[str, Queue[bytes]]]:
    """A real HTTP receiver: its address and what it was sent."""
    received: Queue[bytes] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_the_command_prints_its_addresses_and_ends_cleanly_on_sigterm() -> None:
    command = [sys.executable, "-m", "tradewind", "google", "emulator"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        answer = httpx.get(lines[2].split()[1])
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0
    assert answer.json()["products"] == {"1001": 0}
