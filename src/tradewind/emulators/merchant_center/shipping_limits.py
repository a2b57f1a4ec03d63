"""What shipping settings may hold (Merchant API, guide "quotas and limits": representation limits; reference of ShippingSettings)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tradewind.emulators.merchant_center.errors import invalid

SERVICES_PER_COUNTRY, GROUPS_PER_SERVICE, LABELS_PER_GROUP, SUBTABLES_PER_GROUP, TABLE_SIDE, LABEL_LENGTH = 20, 20, 30, 100, 150, 100
_FIELD = "shipping_setting.services"


def check_shipping(settings: Any) -> None:
    """Refuses what Google's settings cannot hold."""
    countries = Counter(country for service in settings.services for country in service.delivery_countries)
    for country, count in countries.items():
        _at_most(f"{_FIELD} for {country}", count, SERVICES_PER_COUNTRY)
    names = Counter(service.service_name for service in settings.services)
    for service in settings.services:
        name = f"{_FIELD}[{service.service_name}]"
        if not service.service_name or names[service.service_name] > 1:
            raise invalid(_FIELD, service.service_name, "a service needs a name of its own")
        if not service.delivery_countries or not service.currency_code:
            raise invalid(name, service.service_name, "a service needs a country and a currency")
        _at_most(f"{name}.rate_groups", len(service.rate_groups), GROUPS_PER_SERVICE)
        for number, group in enumerate(service.rate_groups, start=1):
            _check_group(f"{name}.rate_groups", group, is_last=number == len(service.rate_groups))


def _check_group(field: str, group: Any, *, is_last: bool) -> None:
    labels = group.applicable_shipping_labels
    _at_most(f"{field}.applicable_shipping_labels", len(labels), LABELS_PER_GROUP)
    if not labels and not is_last:
        raise invalid(field, group.name, "only the last group may be for everything else")
    for label in labels:
        _at_most(f"{field}.applicable_shipping_labels", len(label), LABEL_LENGTH)
    _at_most(f"{field}.subtables", len(group.subtables), SUBTABLES_PER_GROUP)
    for table in (*([group.main_table] if "main_table" in group else []), *group.subtables):
        _check_table(field, table)


def _check_table(field: str, table: Any) -> None:
    rows, columns = _count(table.row_headers), _count(table.column_headers)
    _at_most(f"{field}.table rows", rows, TABLE_SIDE)
    _at_most(f"{field}.table columns", columns, TABLE_SIDE)
    if len(table.rows) != max(rows, 1) or any(len(row.cells) != max(columns, 1) for row in table.rows):
        raise invalid(f"{field}.table", table.name, "cells and headers must agree")
    weights = [weight.amount_micros for weight in table.row_headers.weights]
    if weights and (weights[-1] != -1 or sorted(weights[:-1]) != weights[:-1]):
        raise invalid(f"{field}.table", table.name, "weights rise, and the last one is without limit (-1)")


def _count(headers: Any) -> int:
    parts: Iterable[Any] = (headers.prices, headers.weights, headers.number_of_items, headers.postal_code_group_names, headers.locations)
    return max(len(part) for part in parts)


def _at_most(field: str, count: int, limit: int) -> None:
    if count > limit:
        raise invalid(field, count, f"at most {limit} are allowed")
