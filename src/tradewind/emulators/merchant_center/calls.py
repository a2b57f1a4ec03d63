"""What each call does: one function a method, from its request message to its response message."""

from typing import Any

from google.protobuf import empty_pb2
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_issueresolution_v1 as resolution
from google.shopping import merchant_products_v1 as products
from google.shopping import merchant_quota_v1 as quota
from google.shopping import merchant_reports_v1 as reports

from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.errors import Refused, invalid
from tradewind.emulators.merchant_center.names import account_of
from tradewind.emulators.merchant_center.processed import aggregate, processed_product, product_view
from tradewind.emulators.merchant_center.reports import Query
from tradewind.emulators.merchant_center.resources import Collection, page, update
from tradewind.emulators.merchant_center.shipping_limits import check_shipping

UNLIMITED = 10**12
PRODUCTS_PAGE, PRODUCTS_CAP = 25, 1000
REPORT_PAGE, REPORT_CAP = 1000, 100_000
LIST_PAGE, LIST_CAP = 50, 250


def insert_product_input(center: Center, request: products.InsertProductInputRequest) -> products.ProductInput:
    return center.shelf.insert(request, center.now)


def update_product_input(center: Center, request: products.UpdateProductInputRequest) -> products.ProductInput:
    return center.shelf.update(request, center.now)


def delete_product_input(center: Center, request: products.DeleteProductInputRequest) -> empty_pb2.Empty:
    center.shelf.delete(request, center.now)
    return empty_pb2.Empty()


def get_product(center: Center, request: products.GetProductRequest) -> products.Product:
    account = account_of(request.name)
    key, stored = center.shelf.get(request.name)
    return processed_product(account, key, stored, *center.judged(account, stored))


def list_products(center: Center, request: products.ListProductsRequest) -> products.ListProductsResponse:
    account = account_of(request.parent, "parent")
    window, token = page(center.shelf.processed(account), request.page_size, request.page_token, PRODUCTS_PAGE, PRODUCTS_CAP)
    found = [processed_product(account, key, stored, *center.judged(account, stored)) for key, stored in window]
    return products.ListProductsResponse(products=found, next_page_token=token)


def search_reports(center: Center, request: reports.SearchRequest) -> reports.SearchResponse:
    account = account_of(request.parent, "parent")
    views = (product_view(key, stored, issues, countries) for key, stored, issues, countries in center.judged_products(account))
    rows = Query(request.query).rows(views)
    window, token = page(rows, request.page_size, request.page_token, REPORT_PAGE, REPORT_CAP)
    return reports.SearchResponse(results=window, next_page_token=token)


def list_aggregate_statuses(
    center: Center, request: resolution.ListAggregateProductStatusesRequest
) -> resolution.ListAggregateProductStatusesResponse:
    account = account_of(request.parent, "parent")
    judged = ((stored, issues, countries) for _, stored, issues, countries in center.judged_products(account))
    window, token = page(aggregate(account, judged, center.now), request.page_size, request.page_token, 25, LIST_CAP)
    return resolution.ListAggregateProductStatusesResponse(aggregate_product_statuses=window, next_page_token=token)


def list_quotas(center: Center, request: quota.ListQuotaGroupsRequest) -> quota.ListQuotaGroupsResponse:
    groups = [
        quota.QuotaGroup(
            name=f"{request.parent}/quotas/{group}",
            quota_usage=meter.day_count,
            quota_limit=UNLIMITED if center.config.quota_per_day is None else center.config.quota_per_day,
            quota_minute_limit=UNLIMITED if center.config.quota_per_minute is None else center.config.quota_per_minute,
            method_details=[quota.MethodDetails(method=group, version="v1", subapi=group)],
        )
        for group, meter in sorted(center.quotas.meters.items())
    ]
    window, token = page(groups, request.page_size, request.page_token, LIST_PAGE, 1000)
    return quota.ListQuotaGroupsResponse(quota_groups=window, next_page_token=token)


def list_account_limits(center: Center, request: quota.ListAccountLimitsRequest) -> quota.ListAccountLimitsResponse:
    scopes = quota.ProductLimit.Scope
    limits = [
        quota.AccountLimit(
            name=f"{request.parent}/limits/products~{scope.name}",
            products=quota.ProductLimit(scope=scope, limit=center.config.products_limit),
        )
        for scope in (scopes.ADS_NON_EEA, scopes.ADS_EEA)
    ]
    return quota.ListAccountLimitsResponse(account_limits=limits)


def create_data_source(center: Center, request: datasources.CreateDataSourceRequest) -> datasources.DataSource:
    source = datasources.DataSource(request.data_source)
    if not source.display_name:
        raise invalid("data_source.display_name", "", "a name is required")
    source.data_source_id = center.next_number()
    source.name = f"{request.parent}/dataSources/{source.data_source_id}"
    kinds = datasources.DataSource.Input
    source.input = kinds.FILE if "file_input" in source else kinds.API
    return center.data_sources.create(source.name, source)


def update_data_source(center: Center, request: datasources.UpdateDataSourceRequest) -> datasources.DataSource:
    kept = center.data_sources.get(request.data_source.name)
    update(kept, request.data_source, request.update_mask.paths)
    return kept


def fetch_data_source(center: Center, request: datasources.FetchDataSourceRequest) -> empty_pb2.Empty:
    source = center.data_sources.get(request.name)
    if "file_input" not in source:
        raise invalid("name", request.name, "only a file data source can be fetched")
    # The file itself is not read: what counts for a ledger is that it was.
    name, state = f"{source.name}/fileUploads/latest", datasources.FileUpload.ProcessingState.SUCCEEDED
    center.file_uploads.put(name, datasources.FileUpload(name=name, processing_state=state, upload_time=center.now))
    return empty_pb2.Empty()


def insert_regional_inventory(center: Center, request: Any) -> Any:
    kept = request.regional_inventory
    if not kept.region:
        raise invalid("regional_inventory.region", "", "a region is required")
    kept.name = f"{request.parent}/regionalInventories/{kept.region}"
    center.regions.get(f"accounts/{account_of(request.parent, 'parent')}/regions/{kept.region}")
    kept.account = account_of(request.parent, "parent")
    return center.regional_inventories.put(kept.name, kept)


def create_region(center: Center, request: accounts.CreateRegionRequest) -> accounts.Region:
    kept = accounts.Region(request.region)
    if not request.region_id or not kept.postal_code_area.postal_codes:
        raise invalid("region_id", request.region_id, "a region needs an id and places")
    kept.name = f"{request.parent}/regions/{request.region_id}"
    return center.regions.create(kept.name, kept)


def update_region(center: Center, request: accounts.UpdateRegionRequest) -> accounts.Region:
    kept = center.regions.get(request.region.name)
    update(kept, request.region, request.update_mask.paths)
    return kept


def insert_promotion(center: Center, request: Any) -> Any:
    kept = request.promotion
    kept.name = f"{request.parent}/promotions/{kept.content_language}~{kept.target_country}~{kept.promotion_id}"
    source = center.data_sources.get(request.data_source)
    if "promotion_data_source" not in source:
        raise invalid("data_source", request.data_source, "a promotion goes to a data source for promotions")
    period = kept.attributes.promotion_effective_time_period
    if not kept.promotion_id or not kept.attributes.long_title or period.end_time.ToNanoseconds() <= period.start_time.ToNanoseconds():
        raise invalid("promotion", kept.promotion_id, "it needs an id, a title, and an end after its start")
    there = center.promotions.get(kept.name) if kept.name in center.promotions else None
    if there is not None and kept.version_number < there.version_number:
        raise Refused("ABORTED", f"version {kept.version_number} is older than {there.version_number}", "version_number_too_low")
    kept.data_source = request.data_source
    return center.promotions.put(kept.name, kept)


def create_return_policy(center: Center, request: accounts.CreateOnlineReturnPolicyRequest) -> accounts.OnlineReturnPolicy:
    kept = accounts.OnlineReturnPolicy(request.online_return_policy)
    kept.return_policy_id = str(center.next_number())
    kept.name = f"{request.parent}/onlineReturnPolicies/{kept.return_policy_id}"
    return center.return_policies.create(kept.name, kept)


def create_user(center: Center, request: accounts.CreateUserRequest) -> accounts.User:
    kept = accounts.User(request.user)
    kept.name = f"{request.parent}/users/{request.user_id}"
    kept.state = accounts.User.State.PENDING
    return center.users.create(kept.name, kept)


def update_user(center: Center, request: accounts.UpdateUserRequest) -> accounts.User:
    kept = center.users.get(request.user.name)
    update(kept, request.user, request.update_mask.paths)
    return kept


def update_account(center: Center, request: accounts.UpdateAccountRequest) -> accounts.Account:
    kept = center.accounts.get(request.account.name)
    update(kept, request.account, request.update_mask.paths)
    return kept


def list_sub_accounts(center: Center, request: accounts.ListSubAccountsRequest) -> accounts.ListSubAccountsResponse:
    center.accounts.get(request.provider)
    found = [center.accounts.get(f"accounts/{number}") for number in center.config.accounts]
    window, token = page(found, request.page_size, request.page_token, LIST_PAGE, 500)
    return accounts.ListSubAccountsResponse(accounts=window, next_page_token=token)


def insert_shipping_settings(center: Center, request: accounts.InsertShippingSettingsRequest) -> accounts.ShippingSettings:
    kept = accounts.ShippingSettings(request.shipping_setting)
    check_shipping(kept)
    kept.name = f"{request.parent}/shippingSettings"
    kept.etag = f"etag-{center.next_number()}"
    center.singletons[kept.name] = kept
    return kept


def claim_homepage(center: Center, request: accounts.ClaimHomepageRequest) -> accounts.Homepage:
    kept: accounts.Homepage = center.singletons.setdefault(request.name, accounts.Homepage(name=request.name))
    if not kept.uri:
        raise invalid("name", request.name, "set the homepage before claiming it")
    kept.claimed = True
    return kept


def create_subscription(center: Center, request: Any) -> Any:
    kept = request.notification_subscription
    if not kept.call_back_uri.startswith(("http://", "https://")):
        raise invalid("notification_subscription.call_back_uri", kept.call_back_uri, "an http address is required")
    kept.name = f"{request.parent}/notificationsubscriptions/{center.next_number()}"
    return center.subscriptions.create(kept.name, kept)


def listing(collection: Collection[Any], request: Any, response: Any, field: str) -> Any:
    """A page of a plain collection in its response message."""
    window, token = page(collection.under(request.parent), request.page_size, request.page_token, LIST_PAGE, LIST_CAP)
    return response(**{field: window, "next_page_token": token})
