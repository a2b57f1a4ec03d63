"""The official asynchronous clients as the listings' MerchantPort: every answer of the wire becomes an outcome."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import grpc
from google.api_core import exceptions
from google.auth.credentials import Credentials
from google.auth.transport.grpc import AuthMetadataPlugin
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from google.shopping import merchant_products_v1 as products
from google.shopping import merchant_quota_v1 as quota
from google.shopping.merchant_products_v1.services.product_inputs_service.transports import ProductInputsServiceGrpcAsyncIOTransport
from google.shopping.merchant_products_v1.services.products_service.transports import ProductsServiceGrpcAsyncIOTransport
from google.shopping.merchant_products_v1.types import Availability
from google.shopping.merchant_quota_v1.services.quota_service.transports import QuotaServiceGrpcAsyncIOTransport
from pydantic import SecretStr

from tradewind.adapters.google_merchant.errors import CredentialsAreUnusable, MerchantRefused
from tradewind.adapters.google_merchant.rendering import overlay_input, product_input, withdrawal_input
from tradewind.kit import InputIsInvalid
from tradewind.listings.sync import Budget, ItemIssue, Outcome, Processed, Result, Send, Target, Way

ENDPOINT: Final = "merchantapi.googleapis.com:443"
SCOPE: Final = "https://www.googleapis.com/auth/content"
CALL_SECONDS: Final = 30.0
PRODUCTS_GROUP = "products"
PAGE = 1000
_REACH_HINT: Final = "check network, key and account with: tradewind google connect"
# The call surely had no effect, and may be made again.
_AGAIN = (exceptions.TooManyRequests, exceptions.ResourceExhausted)
# It may have had one: only the channel knows.
_UNSURE = (
    exceptions.ServiceUnavailable,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.GatewayTimeout,
    exceptions.Unknown,
)


class GoogleMerchant:
    """One open channel to the Merchant API (or to the emulator)."""

    def __init__(self, channel: grpc.aio.Channel, currencies: dict[str, str]) -> None:
        self._inputs = products.ProductInputsServiceAsyncClient(transport=ProductInputsServiceGrpcAsyncIOTransport(channel=channel))
        self._products = products.ProductsServiceAsyncClient(transport=ProductsServiceGrpcAsyncIOTransport(channel=channel))
        self._quota = quota.QuotaServiceAsyncClient(transport=QuotaServiceGrpcAsyncIOTransport(channel=channel))
        self._currencies = currencies

    async def insert(self, target: Target, send: Send, row: Any) -> Outcome:
        """Sends the whole listing."""
        try:
            made = product_input(target, send, row)
        except InputIsInvalid as error:
            return Outcome(send.offer_id, send.version, Result.FAILED, error.code, error.message)
        return await self._insert(target, send, made)

    async def overlay(self, target: Target, send: Send, row: Mapping[str, str | None] | None = None) -> Outcome:
        """Sends price and availability to the supplemental source."""
        return await self._insert(target, send, overlay_input(target, send, self._currencies[target.market], row))

    async def delete(self, target: Target, send: Send, way: Way) -> Outcome:
        """Deletes the input; beside a file, which would bring it back, it is excluded everywhere instead."""
        if way is Way.SUPPLEMENTAL:
            return await self._insert(target, send, withdrawal_input(target, send))
        request = products.DeleteProductInputRequest(name=_name(target, send.offer_id, "productInputs"), data_source=target.source)
        try:
            await self._inputs.delete_product_input(request=request, retry=None, timeout=CALL_SECONDS)
        except exceptions.NotFound:
            return Outcome(send.offer_id, send.version, Result.SUCCEEDED)
        except exceptions.GoogleAPICallError as error:
            return _outcome(send, error)
        return Outcome(send.offer_id, send.version, Result.SUCCEEDED)

    async def held_version(self, target: Target, offer_id: str) -> int | None:
        """The version of the processed product."""
        found = await self.shown(target, offer_id)
        return None if found is None else found.version or 0

    async def shown(self, target: Target, offer_id: str) -> Processed | None:
        """The processed product."""
        try:
            return _processed(await self._products.get_product(name=_name(target, offer_id, "products"), timeout=CALL_SECONDS))
        except exceptions.NotFound:
            return None

    async def budget(self, target: Target) -> Budget:
        """The tightest quota that an insert is charged to; without one nothing was called yet and nothing limits."""
        pager = await self._quota.list_quota_groups(parent=target.account, timeout=CALL_SECONDS)
        now = datetime.now(UTC)
        groups = [group async for group in pager if any(_is_insert(detail) for detail in group.method_details)]
        if not groups:
            return Budget(None, None, now)
        tightest = min(groups, key=lambda group: int(group.quota_limit) - int(group.quota_usage))
        minute = min((int(group.quota_minute_limit) for group in groups if group.quota_minute_limit), default=None)
        return Budget(minute, max(int(tightest.quota_limit) - int(tightest.quota_usage), 0), now, int(tightest.quota_limit))

    async def processed(self, target: Target) -> AsyncIterator[Processed]:
        """The products of the account in the target's feed label and language, page by page."""
        request = products.ListProductsRequest(parent=target.account, page_size=PAGE)
        pager = await self._products.list_products(request=request, timeout=CALL_SECONDS)
        async for product in pager:
            if (product.feed_label, product.content_language) == (target.label, target.language):
                yield _processed(product)

    async def _insert(self, target: Target, send: Send, made: products.ProductInput) -> Outcome:
        request = products.InsertProductInputRequest(parent=target.account, product_input=made, data_source=target.source)
        call: Awaitable[Any] = self._inputs.insert_product_input(request=request, retry=None, timeout=CALL_SECONDS)
        try:
            await call
        except exceptions.Aborted:
            # A newer version is there already: what we wanted to say has been overtaken, and needs no second saying.
            return Outcome(send.offer_id, send.version, Result.SUCCEEDED, "version_number_too_low")
        except exceptions.GoogleAPICallError as error:
            return _outcome(send, error)
        return Outcome(send.offer_id, send.version, Result.SUCCEEDED)


@contextlib.asynccontextmanager
async def connect(currencies: dict[str, str], key: SecretStr | None, emulator: str | None = None) -> AsyncIterator[GoogleMerchant]:
    """An open client: with a service account's key (the JSON text of its file), or without sign-in to an emulator's host:port."""
    async with open_channel(key, emulator) as channel:
        yield GoogleMerchant(channel, currencies)


@contextlib.asynccontextmanager
async def open_channel(key: SecretStr | None, emulator: str | None = None) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to Google, or to an emulator. CredentialsAreUnusable without a key; MerchantRefused when a call in the block fails."""
    opened = grpc.aio.insecure_channel(emulator) if emulator else grpc.aio.secure_channel(ENDPOINT, _secured(_credentials(key)))
    async with opened as channel:
        try:
            yield channel
        except exceptions.RetryError as error:
            raise MerchantRefused(f"{emulator or ENDPOINT} did not answer in time: {error.cause}", hint=_REACH_HINT) from error
        except exceptions.GoogleAPICallError as error:
            reason = error.reason or type(error).__name__
            raise MerchantRefused(f"{emulator or ENDPOINT} refused a call: {error.message} ({reason})", hint=_REACH_HINT) from error


def _credentials(key: SecretStr | None) -> Credentials:
    if key is None:
        raise CredentialsAreUnusable("no service account is configured", hint="tradewind google connect says what to create")
    try:
        told = json.loads(key.get_secret_value())
        found: Credentials = service_account.Credentials.from_service_account_info(told, scopes=[SCOPE])
    except (AttributeError, TypeError, ValueError) as error:
        # The error's own text may quote the key.
        raise CredentialsAreUnusable(
            f"what TRADEWIND_GOOGLE_KEY or its file holds is no service account key: {type(error).__name__}",
            hint="tradewind google connect",
        ) from None
    return found


def _secured(credentials: Credentials) -> grpc.ChannelCredentials:
    plugin = AuthMetadataPlugin(credentials, Request())
    return grpc.composite_channel_credentials(grpc.ssl_channel_credentials(), grpc.metadata_call_credentials(plugin))


def _is_insert(detail: quota.MethodDetails) -> bool:
    """Google groups methods as it likes, and names them by sub-API (`products`) and method (`productinputs.insert`)."""
    told = f"{detail.subapi} {detail.method}".lower()
    return "productinput" in told or detail.subapi.lower() == PRODUCTS_GROUP


def _processed(product: products.Product) -> Processed:
    attributes = product.product_attributes
    issues = tuple(
        ItemIssue(issue.code, issue.severity.name.lower(), issue.attribute, tuple(issue.applicable_countries), issue.description)
        for issue in product.product_status.item_level_issues
    )
    return Processed(
        offer_id=product.offer_id,
        version=int(product.version_number) if "version_number" in product else None,
        price_micros=int(attributes.sale_price.amount_micros or attributes.price.amount_micros),
        currency=attributes.price.currency_code,
        available=attributes.availability == Availability.IN_STOCK,
        issues=issues,
    )


def _outcome(send: Send, error: exceptions.GoogleAPICallError) -> Outcome:
    reason = str(error.reason or type(error).__name__)
    detail = str(error.message)[:500]
    if isinstance(error, _AGAIN):
        return Outcome(send.offer_id, send.version, Result.RETRY, reason, detail)
    if isinstance(error, _UNSURE):
        return Outcome(send.offer_id, send.version, Result.UNKNOWN, reason, detail)
    return Outcome(send.offer_id, send.version, Result.FAILED, reason, detail)


def _name(target: Target, offer_id: str, collection: str) -> str:
    key = f"{target.language}~{target.label}~{offer_id}"
    return f"{target.account}/{collection}/{base64.urlsafe_b64encode(key.encode()).decode().rstrip('=')}"
