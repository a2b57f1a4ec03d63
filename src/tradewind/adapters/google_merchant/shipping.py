"""Compiled services in the types of the Merchant API, and the settings of an account with ours in their place."""

from collections.abc import Sequence
from typing import Final

from google.shopping import merchant_accounts_v1 as accounts
from google.shopping.type.types import Price, Weight

from tradewind.listings.shipping import PREFIX, ServicePlan

MICROS: Final = 1_000_000
NO_LIMIT: Final = -1
LABELS_PER_GROUP: Final = 30
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")


def to_service(plan: ServicePlan) -> accounts.Service:
    """The service as Google takes it."""
    days = accounts.BusinessDayConfig(business_days=[accounts.BusinessDayConfig.Weekday[day] for day in _WEEKDAYS])
    return accounts.Service(
        service_name=plan.name,
        active=True,
        delivery_countries=[plan.country],
        currency_code=plan.currency.code,
        shipment_type=accounts.Service.ShipmentType.DELIVERY,
        delivery_time=accounts.DeliveryTime(
            min_handling_days=plan.handling_days[0],
            max_handling_days=plan.handling_days[1],
            min_transit_days=plan.transit_days[0],
            max_transit_days=plan.transit_days[1],
            cutoff_time=accounts.CutoffTime(hour=plan.cut_off.hour, minute=plan.cut_off.minute, time_zone=plan.timezone),
            handling_business_day_config=days,
            transit_business_day_config=days,
        ),
        rate_groups=_groups(plan),
    )


def _groups(plan: ServicePlan) -> list[accounts.RateGroup]:
    """The group of the service's label; else one that leaves other labels to their own services, and one for everything else."""
    if plan.label:
        return [accounts.RateGroup(name=plan.name, applicable_shipping_labels=[plan.label], main_table=_table(plan))]
    nothing = accounts.Value(no_shipping=True)
    blocks = [plan.other_labels[start : start + LABELS_PER_GROUP] for start in range(0, len(plan.other_labels), LABELS_PER_GROUP)]
    elsewhere = [
        accounts.RateGroup(name=f"other services {number}", applicable_shipping_labels=list(labels), single_value=nothing)
        for number, labels in enumerate(blocks, start=1)
    ]
    return [*elsewhere, accounts.RateGroup(name=plan.name, main_table=_table(plan))]


def replaced(now: accounts.ShippingSettings, plans: Sequence[ServicePlan]) -> accounts.ShippingSettings | None:
    """The settings with our services in the place of our old ones and everybody else's as they are; None when nothing differs."""
    ours = [to_service(plan) for plan in plans]
    others = [one for one in now.services if not one.service_name.startswith(PREFIX)]
    held = {one.service_name: one for one in now.services if one.service_name.startswith(PREFIX)}
    if held == {one.service_name: one for one in ours}:
        return None
    return accounts.ShippingSettings(name=now.name, etag=now.etag, services=[*others, *ours], warehouses=now.warehouses)


def told(services: Sequence[accounts.Service]) -> str:
    """Our services among these, in words."""
    return ", ".join(
        f"{'/'.join(one.delivery_countries)} {one.delivery_time.min_handling_days + one.delivery_time.min_transit_days} to"
        f" {one.delivery_time.max_handling_days + one.delivery_time.max_transit_days} days"
        for one in services
        if one.service_name.startswith(PREFIX)
    )


def _table(plan: ServicePlan) -> accounts.Table:
    weights = [Weight(amount_micros=plan.max_weight_g * MICROS // 1000, unit=Weight.WeightUnit.KILOGRAM), _without_limit()]
    free = accounts.Value(flat_rate=Price(amount_micros=0, currency_code=plan.currency.code))
    rows = [accounts.Row(cells=[free]), accounts.Row(cells=[accounts.Value(no_shipping=True)])]
    return accounts.Table(row_headers=accounts.Headers(weights=weights), rows=rows)


def _without_limit() -> Weight:
    return Weight(amount_micros=NO_LIMIT, unit=Weight.WeightUnit.KILOGRAM)
