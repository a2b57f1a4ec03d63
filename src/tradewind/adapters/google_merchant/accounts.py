"""Accounts at Google held against google.toml: what differs, step by step, and how each step is applied."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import grpc
from google.api_core import exceptions
from google.protobuf import field_mask_pb2
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_notifications_v1 as notifications
from google.shopping.merchant_accounts_v1.services.account_issue_service.transports import AccountIssueServiceGrpcAsyncIOTransport
from google.shopping.merchant_accounts_v1.services.automatic_improvements_service.transports import (
    AutomaticImprovementsServiceGrpcAsyncIOTransport,
)
from google.shopping.merchant_accounts_v1.services.business_info_service.transports import BusinessInfoServiceGrpcAsyncIOTransport
from google.shopping.merchant_accounts_v1.services.homepage_service.transports import HomepageServiceGrpcAsyncIOTransport
from google.shopping.merchant_accounts_v1.services.online_return_policy_service.transports import (
    OnlineReturnPolicyServiceGrpcAsyncIOTransport,
)
from google.shopping.merchant_accounts_v1.services.shipping_settings_service.transports import ShippingSettingsServiceGrpcAsyncIOTransport
from google.shopping.merchant_accounts_v1.services.user_service.transports import UserServiceGrpcAsyncIOTransport
from google.shopping.merchant_datasources_v1.services.data_sources_service.transports import DataSourcesServiceGrpcAsyncIOTransport
from google.shopping.merchant_datasources_v1.services.file_uploads_service.transports import FileUploadsServiceGrpcAsyncIOTransport
from google.shopping.merchant_notifications_v1.services.notifications_api_service.transports import (
    NotificationsApiServiceGrpcAsyncIOTransport,
)
from google.type.timeofday_pb2 import TimeOfDay

from tradewind.adapters.google_merchant.returning import promised, return_policy
from tradewind.adapters.google_merchant.shipping import replaced, told
from tradewind.adapters.google_merchant.steps import ABSENT, CALL_SECONDS, Found
from tradewind.listings.shipping import ServicePlan
from tradewind.listings.sync import AccountIssue, Way
from tradewind.listings.topology import DEFAULT_LABEL, Account, Feed, Step, User

FeedFiles = Mapping[tuple[str, str], Sequence[str]]
"""The files of split feeds by market and language."""
FEED_FILE: Final = "products.tsv"
FETCH_HOUR: Final = 4
"""In UTC: night runs are published by then, and Google knows whole hours only."""


class GoogleAccounts:
    """One open channel to the account services."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._sources = datasources.DataSourcesServiceAsyncClient(transport=DataSourcesServiceGrpcAsyncIOTransport(channel=channel))
        self._uploads = datasources.FileUploadsServiceAsyncClient(transport=FileUploadsServiceGrpcAsyncIOTransport(channel=channel))
        self._homepages = accounts.HomepageServiceAsyncClient(transport=HomepageServiceGrpcAsyncIOTransport(channel=channel))
        self._users = accounts.UserServiceAsyncClient(transport=UserServiceGrpcAsyncIOTransport(channel=channel))
        self._returns = accounts.OnlineReturnPolicyServiceAsyncClient(
            transport=OnlineReturnPolicyServiceGrpcAsyncIOTransport(channel=channel)
        )
        self._business = accounts.BusinessInfoServiceAsyncClient(transport=BusinessInfoServiceGrpcAsyncIOTransport(channel=channel))
        self._automatic = accounts.AutomaticImprovementsServiceAsyncClient(
            transport=AutomaticImprovementsServiceGrpcAsyncIOTransport(channel=channel)
        )
        self._notifications = notifications.NotificationsApiServiceAsyncClient(
            transport=NotificationsApiServiceGrpcAsyncIOTransport(channel=channel)
        )
        self._shipping = accounts.ShippingSettingsServiceAsyncClient(transport=ShippingSettingsServiceGrpcAsyncIOTransport(channel=channel))
        self._issues = accounts.AccountIssueServiceAsyncClient(transport=AccountIssueServiceGrpcAsyncIOTransport(channel=channel))

    async def source_of(self, account: Account, feed: Feed) -> str | None:
        """The API data source that takes the feed's sends; None before it was made."""
        found = await self._source_names(account)
        return found.get(feed.source_name)

    async def account_issues(self, account: str) -> list[AccountIssue]:
        """Every issue of the account with this resource name."""
        pager = await self._issues.list_account_issues(parent=account, timeout=CALL_SECONDS)
        return [_issue(one) async for one in pager]

    async def differences(
        self, account: Account, services: Sequence[ServicePlan] | None = None, callback: str = "", files: FeedFiles | None = None
    ) -> list[Found]:
        """Every step from what is to what google.toml says; nothing is changed.

        `services` are the compiled shipping, `callback` the address that is told of changes; without them, these are left as they are.
        `files` are the parts of feeds whose file is split.
        """
        parts = (self._site(account), self._support(account), self._people(account), self._promises(account), self._updates(account))
        steps = [found for part in (*parts, self._feeds(account, files or {})) async for found in part]
        if services is not None:
            steps += [found async for found in self._ships(account, services)]
        if callback:
            steps += [found async for found in self._notices(account, callback)]
        return steps

    async def _notices(self, account: Account, callback: str) -> AsyncIterator[Found]:
        kinds = notifications.NotificationSubscription
        event = kinds.NotificationEventType.PRODUCT_STATUS_CHANGE
        pager = await self._notifications.list_notification_subscriptions(parent=account.resource, timeout=CALL_SECONDS)
        there = [one async for one in pager if one.registered_event == event]
        if any(one.call_back_uri == callback for one in there):
            return

        async def change() -> None:
            for one in there:  # an account has one subscription for each kind of event
                await self._notifications.delete_notification_subscription(name=one.name, timeout=CALL_SECONDS)
            made = kinds(registered_event=event, call_back_uri=callback, target_account=account.resource)
            await self._notifications.create_notification_subscription(
                parent=account.resource, notification_subscription=made, timeout=CALL_SECONDS
            )

        # The address holds a secret: it is not told.
        yield Found(Step(account.resource, "notices", "product status", "another address" if there else ABSENT, "our address"), change)

    async def _ships(self, account: Account, services: Sequence[ServicePlan]) -> AsyncIterator[Found]:
        try:
            now = await self._shipping.get_shipping_settings(name=f"{account.resource}/shippingSettings", timeout=CALL_SECONDS)
        except exceptions.NotFound:
            now = accounts.ShippingSettings(name=f"{account.resource}/shippingSettings")
        wanted = replaced(now, services)
        if wanted is None:
            return

        async def change() -> None:
            request = accounts.InsertShippingSettingsRequest(parent=account.resource, shipping_setting=wanted)
            await self._shipping.insert_shipping_settings(request=request, timeout=CALL_SECONDS)

        yield Found(Step(account.resource, "shipping", "services", told(now.services) or ABSENT, told(wanted.services) or ABSENT), change)

    async def _site(self, account: Account) -> AsyncIterator[Found]:
        name = f"{account.resource}/homepage"
        now = await self._homepages.get_homepage(name=name, timeout=CALL_SECONDS)
        if now.uri.rstrip("/") != account.site:

            async def change() -> None:
                page = accounts.Homepage(name=name, uri=account.site)
                await self._homepages.update_homepage(homepage=page, update_mask=field_mask_pb2.FieldMask(paths=["uri"]))
                await self._homepages.claim_homepage(request={"name": name})

            yield Found(Step(account.resource, "site", account.site, now.uri or ABSENT, "set and claimed"), change)
        elif not now.claimed:

            async def claim() -> None:
                await self._homepages.claim_homepage(request={"name": name})

            yield Found(Step(account.resource, "site", account.site, "not claimed", "claimed"), claim)

    async def _support(self, account: Account) -> AsyncIterator[Found]:
        name = f"{account.resource}/businessInfo"
        now = (await self._business.get_business_info(name=name, timeout=CALL_SECONDS)).customer_service
        wanted = account.support
        if (wanted.email, wanted.page) == (now.email, now.uri):
            return

        async def change() -> None:
            service = accounts.CustomerService(uri=wanted.page, email=wanted.email)
            info = accounts.BusinessInfo(name=name, customer_service=service)
            await self._business.update_business_info(business_info=info, update_mask=field_mask_pb2.FieldMask(paths=["customer_service"]))

        shown = f"{now.email} {now.uri}".strip() or ABSENT
        yield Found(Step(account.resource, "support", "customer service", shown, f"{wanted.email} {wanted.page}".strip()), change)

    async def _people(self, account: Account) -> AsyncIterator[Found]:
        pager = await self._users.list_users(parent=account.resource, timeout=CALL_SECONDS)
        now = {user.name.rsplit("/", 1)[-1]: user async for user in pager}
        for user in account.users:
            if user.email not in now:
                yield Found(Step(account.resource, "user", user.email, ABSENT, " ".join(user.rights)), self._adding(account, user))

    def _adding(self, account: Account, user: User) -> Callable[[], Awaitable[Any]]:
        rights = [accounts.AccessRight[right.upper()] for right in user.rights]
        made = accounts.User(access_rights=rights)
        return lambda: self._users.create_user(request={"parent": account.resource, "user_id": user.email, "user": made})

    async def _promises(self, account: Account) -> AsyncIterator[Found]:
        pager = await self._returns.list_online_return_policies(parent=account.resource, timeout=CALL_SECONDS)
        now = [policy async for policy in pager]
        for terms in account.returns:
            # A label may stand once in a country: whatever names one of these countries must make room.
            there = [one for one in now if (one.label or DEFAULT_LABEL) == terms.label and set(one.countries) & set(terms.countries)]
            policy = return_policy(terms)
            if [promised(one) for one in there] == [promised(policy)]:
                continue
            shown = "; ".join(promised(one) for one in there) or ABSENT
            step = Step(account.resource, "returns", terms.label, shown, promised(policy))
            yield Found(step, self._promising(account, policy, [one.name for one in there]))

    def _promising(self, account: Account, policy: accounts.OnlineReturnPolicy, old: Sequence[str]) -> Callable[[], Awaitable[Any]]:
        async def change() -> None:
            for name in old:
                with contextlib.suppress(exceptions.NotFound):  # one that covered two countries made room once already
                    await self._returns.delete_online_return_policy(name=name)
            await self._returns.create_online_return_policy(request={"parent": account.resource, "online_return_policy": policy})

        return change

    async def _updates(self, account: Account) -> AsyncIterator[Found]:
        name = f"{account.resource}/automaticImprovements"
        now = (await self._automatic.get_automatic_improvements(name=name, timeout=CALL_SECONDS)).item_updates.account_item_updates_settings
        wanted = account.automatic_item_updates
        if (now.allow_price_updates, now.allow_availability_updates) == (wanted, wanted):
            return

        async def change() -> None:
            kind = accounts.AutomaticItemUpdates
            settings = kind.ItemUpdatesAccountLevelSettings(
                allow_price_updates=wanted, allow_availability_updates=wanted, allow_strict_availability_updates=wanted
            )
            improvements = accounts.AutomaticImprovements(name=name, item_updates=kind(account_item_updates_settings=settings))
            mask = field_mask_pb2.FieldMask(paths=["item_updates"])
            await self._automatic.update_automatic_improvements(automatic_improvements=improvements, update_mask=mask)

        yield Found(Step(account.resource, "automatic item updates", "price and availability", "other", "on" if wanted else "off"), change)

    async def _feeds(self, account: Account, files: FeedFiles) -> AsyncIterator[Found]:
        now = await self._source_names(account)
        for feed in account.feeds:
            if feed.source_name not in now:
                wanted = f"{feed.primary} for {', '.join(feed.countries)}, label {feed.label}"
                yield Found(Step(account.resource, "data source", feed.source_name, ABSENT, wanted), self._making(account, feed))
            wanted_files = file_sources(feed, files.get((feed.market, feed.language), ())) if feed.primary is Way.FILE else {}
            for name, file in wanted_files.items():
                if name not in now:
                    address = feed_address(account, feed, file)
                    step = Step(account.resource, "data source", name, ABSENT, f"fetched daily from {address}")
                    yield Found(step, self._fetching(account, feed, name, address))
            # A file that was split is no more: its source would let every listing of it expire, or read an old one.
            for name in (one for one in now if _is_file_source(feed, one) and wanted_files and one not in wanted_files):
                yield Found(Step(account.resource, "data source", name, "there", "deleted"), self._forgetting(now[name]))

    def _forgetting(self, name: str) -> Callable[[], Awaitable[Any]]:
        return lambda: self._sources.delete_data_source(name=name, timeout=CALL_SECONDS)

    def _making(self, account: Account, feed: Feed) -> Callable[[], Awaitable[Any]]:
        source = datasources.DataSource(display_name=feed.source_name)
        if feed.primary is Way.API:
            source.primary_product_data_source = _primary(feed)
        else:
            source.supplemental_product_data_source = datasources.SupplementalProductDataSource(
                feed_label=feed.label, content_language=feed.language
            )
        return lambda: self._sources.create_data_source(parent=account.resource, data_source=source, timeout=CALL_SECONDS)

    def _fetching(self, account: Account, feed: Feed, name: str, address: str) -> Callable[[], Awaitable[Any]]:
        async def make() -> None:
            """The file is the primary source, and what the API overlays stands above it."""
            overlay = await self.source_of(account, feed)
            reference, primary = datasources.DataSourceReference, _primary(feed)
            parts = [reference(supplemental_data_source_name=overlay), reference(self_=True)] if overlay else [reference(self_=True)]
            primary.default_rule = datasources.PrimaryProductDataSource.DefaultRule(take_from_data_sources=parts)
            settings = datasources.FileInput.FetchSettings(
                enabled=True,
                frequency=datasources.FileInput.FetchSettings.Frequency.FREQUENCY_DAILY,
                time_of_day=TimeOfDay(hours=FETCH_HOUR),
                time_zone="UTC",
                fetch_uri=address,
            )
            source = datasources.DataSource(
                display_name=name,
                primary_product_data_source=primary,
                file_input=datasources.FileInput(fetch_settings=settings),
            )
            await self._sources.create_data_source(parent=account.resource, data_source=source, timeout=CALL_SECONDS)

        return make

    async def fetched_at(self, account: Account, feed: Feed) -> datetime | None:
        """When Google last read the feed's file, in all its parts, to its end; None when it never did, or the last time failed."""
        sources = [source for name, source in (await self._source_names(account)).items() if _is_file_source(feed, name)]
        read = [await self._read_at(source) for source in sources]
        done = [one for one in read if one is not None]
        return min(done) if done and len(done) == len(read) else None

    async def _read_at(self, source: str) -> datetime | None:
        try:
            found = await self._uploads.get_file_upload(name=f"{source}/fileUploads/latest", timeout=CALL_SECONDS)
        except exceptions.NotFound:
            return None
        done = found.processing_state == datasources.FileUpload.ProcessingState.SUCCEEDED
        return datetime.fromtimestamp(found.upload_time.timestamp(), UTC) if done else None

    async def _source_names(self, account: Account) -> dict[str, str]:
        try:
            pager = await self._sources.list_data_sources(parent=account.resource, timeout=CALL_SECONDS)
            return {source.display_name: source.name async for source in pager}
        except exceptions.NotFound:
            return {}


def feed_address(account: Account, feed: Feed, file: str = FEED_FILE) -> str:
    """Where Google fetches the feed's file, or a part of it."""
    return f"{account.site}/feeds/{feed.market}/{feed.language}/{file}"


def file_sources(feed: Feed, parts: Sequence[str]) -> dict[str, str]:
    """The names of the data sources of a file feed, each with its file: one for the whole, or one for each part."""
    if len(parts) < 2:
        return {feed.file_source_name: FEED_FILE}
    return {f"{feed.file_source_name} {number:03d}": part for number, part in enumerate(parts, start=1)}


def _is_file_source(feed: Feed, name: str) -> bool:
    return name == feed.file_source_name or name.removeprefix(f"{feed.file_source_name} ").isdigit()


def _primary(feed: Feed) -> datasources.PrimaryProductDataSource:
    return datasources.PrimaryProductDataSource(feed_label=feed.label, content_language=feed.language, countries=list(feed.countries))


def _issue(found: accounts.AccountIssue) -> AccountIssue:
    where = {
        f"{destination.reporting_context.name} {impact.region_code}".strip()
        for destination in found.impacted_destinations
        for impact in destination.impacts
    }
    return AccountIssue(
        issue_id=found.name.rsplit("/", 1)[-1],
        severity=found.severity.name.lower(),
        title=found.title,
        detail=found.detail,
        documentation=found.documentation_uri,
        where=tuple(sorted(where)),
    )
