"""What Google would show of a stored product: the processed Product with its status, the report's view, the counts by country."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from google.shopping import merchant_issueresolution_v1 as resolution
from google.shopping import merchant_products_v1 as products
from google.shopping import merchant_reports_v1 as reports
from google.shopping.merchant_products_v1.types import ProductStatus
from google.shopping.type.types import ReportingContext
from google.type import date_pb2

from tradewind.emulators.merchant_center.judge import DEMOTED, DISAPPROVED
from tradewind.emulators.merchant_center.model import EXPIRY, Issue, StoredProduct
from tradewind.emulators.merchant_center.names import ProductKey
from tradewind.emulators.merchant_center.products import merged

CONTEXTS = (ReportingContext.ReportingContextEnum.SHOPPING_ADS, ReportingContext.ReportingContextEnum.FREE_LISTINGS)
HELP = "https://support.google.com/merchants/answer/7052112"
EXPIRING = timedelta(days=3)
_VIEW = reports.ProductView


def processed_product(
    account: int, key: ProductKey, stored: StoredProduct, issues: list[Issue], countries: tuple[str, ...]
) -> products.Product:
    """The product as ProductsService returns it."""
    item = merged(stored)
    refused = _refused(issues)
    statuses = [
        ProductStatus.DestinationStatus(
            reporting_context=context,
            approved_countries=[one for one in countries if one not in refused],
            disapproved_countries=[one for one in countries if one in refused],
        )
        for context in CONTEXTS
    ]
    found = products.Product(
        name=f"accounts/{account}/products/{key}",
        base64_encoded_name=f"accounts/{account}/products/{key.encoded}",
        offer_id=key.offer_id,
        content_language=key.language,
        feed_label=key.label,
        data_source=stored.primary,
        product_attributes=item.product_attributes,
        custom_attributes=item.custom_attributes,
        product_status=ProductStatus(
            destination_statuses=statuses,
            item_level_issues=[_item_issue(issue, context) for issue in issues for context in CONTEXTS],
            creation_date=stored.created_at,
            last_update_date=max(one.received_at for one in stored.processed.values()),
            google_expiration_date=expires_at(stored),
        ),
    )
    if stored.version_number is not None:
        found.version_number = stored.version_number
    return found


def product_view(key: ProductKey, stored: StoredProduct, issues: list[Issue], countries: tuple[str, ...]) -> reports.ProductView:
    """The product as a row of the report."""
    item = merged(stored).product_attributes
    refused = _refused(issues)
    status = _VIEW.AggregatedReportingContextStatus
    approved = [one for one in countries if one not in refused]
    overall = status.NOT_ELIGIBLE_OR_DISAPPROVED if not approved else status.ELIGIBLE_LIMITED if refused or issues else status.ELIGIBLE
    expires = expires_at(stored)
    return reports.ProductView(
        id=str(key),
        language_code=key.language,
        feed_label=key.label,
        offer_id=key.offer_id,
        title=item.title or item.structured_title.content,
        brand=item.brand,
        price=item.price,
        condition=item.condition.name,
        availability=item.availability.name,
        shipping_label=item.shipping_label,
        gtin=list(item.gtins),
        item_group_id=item.item_group_id,
        thumbnail_link=item.image_link,
        creation_time=stored.created_at,
        expiration_date=date_pb2.Date(year=expires.year, month=expires.month, day=expires.day),
        aggregated_reporting_context_status=overall,
        status_per_reporting_context=[
            _VIEW.StatusPerReportingContext(reporting_context=context, approved_countries=approved, disapproved_countries=sorted(refused))
            for context in CONTEXTS
        ],
        item_issues=[_view_issue(issue) for issue in issues],
    )


def aggregate(
    account: int, judged: Iterable[tuple[StoredProduct, list[Issue], tuple[str, ...]]], now: datetime
) -> list[resolution.AggregateProductStatus]:
    """Counts by reporting context and country: active, disapproved, expiring, and how many items each issue touches."""
    active, refused_count, expiring = Counter[str](), Counter[str](), Counter[str]()
    touched = Counter[tuple[str, Issue]]()
    for stored, issues, countries in judged:
        refused = _refused(issues)
        for country in countries:
            (refused_count if country in refused else active)[country] += 1
            expiring[country] += expires_at(stored) - now <= EXPIRING
        touched.update((country, _plain(issue)) for issue in issues for country in issue.countries)
    countries_seen = sorted(set(active) | set(refused_count))
    return [
        resolution.AggregateProductStatus(
            name=f"accounts/{account}/aggregateProductStatuses/{context.name}~{country}",
            reporting_context=context,
            country=country,
            stats=resolution.AggregateProductStatus.Stats(
                active_count=active[country], disapproved_count=refused_count[country], expiring_count=expiring[country]
            ),
            item_level_issues=[_aggregate_issue(issue, count) for (where, issue), count in touched.items() if where == country],
        )
        for context in CONTEXTS
        for country in countries_seen
    ]


def expires_at(stored: StoredProduct) -> datetime:
    """When the product vanishes unless it is sent again."""
    if stored.refreshed_at is None:
        raise ValueError("only a product with a primary input expires")
    return stored.refreshed_at + EXPIRY


def digest(issues: list[Issue], countries: tuple[str, ...]) -> str:
    """Changes when the product's status changes in any country."""
    refused = _refused(issues)
    return hashlib.sha256(",".join(f"{one}:{one in refused}" for one in countries).encode()).hexdigest()


def _refused(issues: Iterable[Issue]) -> frozenset[str]:
    return frozenset(country for issue in issues if issue.severity == DISAPPROVED for country in issue.countries)


def _plain(issue: Issue) -> Issue:
    return Issue(issue.code, issue.severity, issue.attribute, issue.description, ())


def _item_issue(issue: Issue, context: ReportingContext.ReportingContextEnum) -> ProductStatus.ItemLevelIssue:
    return ProductStatus.ItemLevelIssue(
        code=issue.code,
        severity=ProductStatus.ItemLevelIssue.Severity[issue.severity],
        resolution="merchant_action",
        attribute=issue.attribute,
        reporting_context=context,
        description=issue.description,
        documentation=HELP,
        applicable_countries=list(issue.countries),
    )


def _view_issue(issue: Issue) -> reports.ProductView.ItemIssue:
    kind = _VIEW.ItemIssue.ItemIssueSeverity
    countries = list(issue.countries)
    per_context = [
        kind.IssueSeverityPerReportingContext(
            reporting_context=context,
            disapproved_countries=countries if issue.severity == DISAPPROVED else [],
            demoted_countries=countries if issue.severity == DEMOTED else [],
        )
        for context in CONTEXTS
    ]
    return _VIEW.ItemIssue(
        type_=_VIEW.ItemIssue.ItemIssueType(code=issue.code, canonical_attribute=issue.attribute),
        severity=kind(severity_per_reporting_context=per_context, aggregated_severity=kind.AggregatedIssueSeverity[issue.severity]),
        resolution=_VIEW.ItemIssue.ItemIssueResolution.MERCHANT_ACTION,
    )


def _aggregate_issue(issue: Issue, count: int) -> resolution.AggregateProductStatus.ItemLevelIssue:
    kind = resolution.AggregateProductStatus.ItemLevelIssue
    return kind(
        code=issue.code,
        severity=kind.Severity[issue.severity],
        resolution=kind.Resolution.MERCHANT_ACTION,
        attribute=issue.attribute,
        description=issue.description,
        documentation_uri=HELP,
        product_count=count,
    )
