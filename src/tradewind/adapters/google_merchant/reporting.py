"""What Google's product report and its counts of statuses say: a million listings in some hundred calls, without their versions."""

from collections.abc import AsyncIterator
from typing import Final

import grpc
from google.shopping import merchant_issueresolution_v1 as resolution
from google.shopping import merchant_reports_v1 as reports
from google.shopping.merchant_issueresolution_v1.services.aggregate_product_statuses_service.transports import (
    AggregateProductStatusesServiceGrpcAsyncIOTransport,
)
from google.shopping.merchant_reports_v1.services.report_service.transports import ReportServiceGrpcAsyncIOTransport

from tradewind.adapters.google_merchant.steps import CALL_SECONDS
from tradewind.kit import InputIsInvalid
from tradewind.listings.sync import CountryStatus, IssueCount, ItemIssue, Processed, Target

PAGE: Final = 5000
"""Rows of a page; Google takes up to 100,000, which one answer of some hundred bytes a row would make too large."""
_FIELDS: Final = "offer_id, price, availability, item_issues"
_SEVERITY: Final = reports.ProductView.ItemIssue.ItemIssueSeverity.AggregatedIssueSeverity
_WORDS: Final = {_SEVERITY.DISAPPROVED: "disapproved", _SEVERITY.DEMOTED: "demoted"}


class GoogleReports:
    """One open channel to the reports."""

    def __init__(self, channel: grpc.aio.Channel, page: int = PAGE) -> None:
        self._page = page
        self._reports = reports.ReportServiceAsyncClient(transport=ReportServiceGrpcAsyncIOTransport(channel=channel))
        self._statuses = resolution.AggregateProductStatusesServiceAsyncClient(
            transport=AggregateProductStatusesServiceGrpcAsyncIOTransport(channel=channel)
        )

    async def processed(self, target: Target) -> AsyncIterator[Processed]:
        """Every listing of the target in the product report, page by page. Its price is the one before a reduction."""
        query = f"SELECT {_FIELDS} FROM product_view WHERE feed_label = '{_plain(target.label)}' AND language_code = '{_plain(target.language)}'"
        request = reports.SearchRequest(parent=target.account, query=query, page_size=self._page)
        pager = await self._reports.search(request=request, timeout=CALL_SECONDS)
        async for row in pager:
            yield _shown(row.product_view)

    async def statuses(self, account: str) -> list[CountryStatus]:
        """How many listings of the account are shown in each country, and the causes that touch most of them."""
        pager = await self._statuses.list_aggregate_product_statuses(parent=account, timeout=CALL_SECONDS)
        return [_status(one) async for one in pager]


def _plain(text: str) -> str:
    """A label as it may stand in a query."""
    if not text.replace("-", "").replace("_", "").isalnum():
        raise InputIsInvalid(f'"{text}" cannot stand in a query of the reports', hint="use letters, digits, - and _ in feed labels")
    return text


def _shown(view: reports.ProductView) -> Processed:
    issues = tuple(
        ItemIssue(
            one.type_.code,
            _WORDS.get(one.severity.aggregated_severity, "not_impacted"),
            one.type_.canonical_attribute,
            _countries(one),
            one.type_.code.replace("_", " "),
        )
        for one in view.item_issues
    )
    return Processed(
        offer_id=view.offer_id,
        version=None,
        price_micros=int(view.price.amount_micros),
        currency=view.price.currency_code,
        available=str(view.availability).lower().replace(" ", "_") == "in_stock",
        issues=issues,
    )


def _countries(issue: reports.ProductView.ItemIssue) -> tuple[str, ...]:
    found = {
        country for one in issue.severity.severity_per_reporting_context for country in (*one.disapproved_countries, *one.demoted_countries)
    }
    return tuple(sorted(found))


def _status(found: resolution.AggregateProductStatus) -> CountryStatus:
    stats = found.stats
    return CountryStatus(
        country=found.country,
        context=found.reporting_context.name.lower(),
        active=int(stats.active_count),
        pending=int(stats.pending_count),
        disapproved=int(stats.disapproved_count),
        expiring=int(stats.expiring_count),
        issues=tuple(
            IssueCount(one.code, one.severity.name.lower(), one.attribute, int(one.product_count), one.description)
            for one in sorted(found.item_level_issues, key=lambda one: (-int(one.product_count), one.code))
        ),
    )
