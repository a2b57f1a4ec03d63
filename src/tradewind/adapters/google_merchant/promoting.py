"""Promotions at Google held against those of the shop: inserted, changed, and ended (the API knows no deletion)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_promotions_v1 as promotions
from google.shopping.merchant_datasources_v1.services.data_sources_service.transports import DataSourcesServiceGrpcAsyncIOTransport
from google.shopping.merchant_promotions_v1.services.promotions_service.transports import PromotionsServiceGrpcAsyncIOTransport
from google.shopping.type.types import Destination
from google.type.interval_pb2 import Interval

from tradewind.adapters.google_merchant.rendering import price
from tradewind.adapters.google_merchant.steps import ABSENT, CALL_SECONDS, Found
from tradewind.listings.promoting import PlannedPromotion
from tradewind.listings.topology import Account, Step

SOURCE_PREFIX: Final = "tradewind promotions"
# A promotion that ends before it began is refused.
_SHORTEST = timedelta(seconds=1)
_WHERE = (Destination.DestinationEnum.SHOPPING_ADS, Destination.DestinationEnum.FREE_LISTINGS)


class GooglePromotions:
    """One open channel to the promotions of an account."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._promotions = promotions.PromotionsServiceAsyncClient(transport=PromotionsServiceGrpcAsyncIOTransport(channel=channel))
        self._sources = datasources.DataSourcesServiceAsyncClient(transport=DataSourcesServiceGrpcAsyncIOTransport(channel=channel))

    async def differences(self, account: Account, planned: Sequence[PlannedPromotion], now: datetime) -> list[Found]:
        """Every step from what Google shows to what the shop grants; those that somebody else made are left alone."""
        sources = await self._own_sources(account)
        pager = await self._promotions.list_promotions(parent=account.resource, timeout=CALL_SECONDS)
        ours = {_key(one): one async for one in pager if one.data_source in sources.values()}
        wanted = {(one.promotion_id, one.country, one.language): one for one in planned}
        steps = [self._sending(account, wanted[key], ours.get(key), sources, now) for key in sorted(wanted)]
        gone = [self._ending(account, ours[key], now) for key in sorted(ours) if key not in wanted]
        return [one for one in (*steps, *gone) if one is not None]

    async def _own_sources(self, account: Account) -> dict[str, str]:
        pager = await self._sources.list_data_sources(parent=account.resource, timeout=CALL_SECONDS)
        return {one.display_name: one.name async for one in pager if one.display_name.startswith(SOURCE_PREFIX)}

    def _sending(self, account: Account, wanted: PlannedPromotion, there: Any, sources: dict[str, str], now: datetime) -> Found | None:
        made = to_promotion(wanted, now)
        if there is not None and _said(there.attributes) == _said(made.attributes):
            return None

        async def send() -> None:
            source = await self._source(account, wanted, sources)
            request = promotions.InsertPromotionRequest(parent=account.resource, promotion=made, data_source=source)
            await self._promotions.insert_promotion(request=request, timeout=CALL_SECONDS)

        shown = ABSENT if there is None else f"until {_ends(there):%F}"
        name = f"{wanted.promotion_id} {wanted.country} {wanted.language}"
        return Found(Step(account.resource, "promotion", name, shown, f"{wanted.title}, until {wanted.ends_at:%F}"), send)

    def _ending(self, account: Account, there: Any, now: datetime) -> Found | None:
        if _ends(there) <= now:
            return None
        ended = promotions.Promotion(there)
        ended.version_number = _version(now)
        starts = min(there.attributes.promotion_effective_time_period.start_time.ToDatetime(UTC), now - _SHORTEST)
        ended.attributes.promotion_effective_time_period = _interval(starts, now)

        async def send() -> None:
            request = promotions.InsertPromotionRequest(parent=account.resource, promotion=ended, data_source=there.data_source)
            await self._promotions.insert_promotion(request=request, timeout=CALL_SECONDS)

        return Found(Step(account.resource, "promotion", there.promotion_id, "runs", "ended"), send)

    async def _source(self, account: Account, wanted: PlannedPromotion, sources: dict[str, str]) -> str:
        name = f"{SOURCE_PREFIX} {wanted.country} {wanted.language}"
        if name not in sources:
            kind = datasources.PromotionDataSource(target_country=wanted.country, content_language=wanted.language)
            source = datasources.DataSource(display_name=name, promotion_data_source=kind)
            made = await self._sources.create_data_source(parent=account.resource, data_source=source, timeout=CALL_SECONDS)
            sources[name] = made.name
        return sources[name]


def to_promotion(wanted: PlannedPromotion, now: datetime) -> promotions.Promotion:
    """The promotion as Google takes it; its version grows with time."""
    kinds = promotions
    attributes = kinds.Attributes(
        long_title=wanted.title,
        offer_type=kinds.OfferType.GENERIC_CODE if wanted.code else kinds.OfferType.NO_CODE,
        generic_redemption_code=wanted.code or "",
        coupon_value_type=kinds.CouponValueType.MONEY_OFF if wanted.percent is None else kinds.CouponValueType.PERCENT_OFF,
        product_applicability=kinds.ProductApplicability.SPECIFIC_PRODUCTS if wanted.offer_ids else kinds.ProductApplicability.ALL_PRODUCTS,
        item_id_inclusion=list(wanted.offer_ids),
        promotion_destinations=list(_WHERE),
        promotion_effective_time_period=_interval(wanted.starts_at, wanted.ends_at),
    )
    if wanted.percent is not None:
        attributes.percent_off = wanted.percent
    sums = {"money_off_amount": wanted.money_off, "minimum_purchase_amount": wanted.minimum, "limit_value": wanted.at_most}
    for name, minor in sums.items():
        if minor is not None:
            setattr(attributes, name, price(minor, wanted.currency))
    return kinds.Promotion(
        promotion_id=wanted.promotion_id,
        content_language=wanted.language,
        target_country=wanted.country,
        redemption_channel=[kinds.RedemptionChannel.ONLINE],
        attributes=attributes,
        version_number=_version(now),
    )


def _key(one: promotions.Promotion) -> tuple[str, str, str]:
    return one.promotion_id, one.target_country, one.content_language


def _ends(one: promotions.Promotion) -> datetime:
    ends: datetime = one.attributes.promotion_effective_time_period.end_time.ToDatetime(UTC)
    return ends


def _said(found: promotions.Attributes) -> tuple[object, ...]:
    """What we say of a promotion; Google may add fields of its own."""
    period = found.promotion_effective_time_period
    return (
        found.long_title, found.offer_type, found.generic_redemption_code, found.coupon_value_type, found.product_applicability,
        tuple(sorted(found.item_id_inclusion)), found.percent_off, found.money_off_amount, found.minimum_purchase_amount, found.limit_value,
        period.start_time.ToNanoseconds(), period.end_time.ToNanoseconds(),
    )  # fmt: skip


def _interval(starts_at: datetime, ends_at: datetime) -> Interval:
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(starts_at.astimezone(UTC))
    end.FromDatetime(ends_at.astimezone(UTC))
    return Interval(start_time=start, end_time=end)


def _version(now: datetime) -> int:
    return int(now.timestamp() * 1000)
