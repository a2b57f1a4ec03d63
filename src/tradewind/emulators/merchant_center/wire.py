"""The methods that are served: gRPC name, message types, the REST rule of the public reference, and what does the work."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf import empty_pb2
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_inventories_v1 as inventories
from google.shopping import merchant_issueresolution_v1 as resolution
from google.shopping import merchant_notifications_v1 as notifications
from google.shopping import merchant_products_v1 as products
from google.shopping import merchant_promotions_v1 as promotions
from google.shopping import merchant_quota_v1 as quota
from google.shopping import merchant_reports_v1 as reports

from tradewind.emulators.merchant_center import calls
from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.resources import update

Call = Callable[[Center, Any], Any]
EMPTY = empty_pb2.Empty
_PACKAGE = "google.shopping.merchant"


@dataclass(frozen=True, slots=True)
class Method:
    """One method. `path` holds the REST template; `body` is the field that the HTTP body fills ("*": all, "": none)."""

    service: str
    name: str
    request: Any
    response: Any
    verb: str
    path: str
    body: str
    call: Call

    @property
    def group(self) -> str:
        """The quota group: the sub-API, such as "products"."""
        return self.service.split(".", 1)[0]


def methods() -> tuple[Method, ...]:
    """Every method that this emulator serves."""
    return (*_products(), *_data_sources(), *_selling(), *_accounts(), *_settings(), *_watching())


def service_name(method: Method) -> str:
    """The full gRPC service name."""
    return f"{_PACKAGE}.{method.service}"


def _products() -> Iterator[Method]:
    service, inputs = "products.v1.ProductInputsService", "/products/v1/{parent=accounts/*}/productInputs"
    one_input = "accounts/*/productInputs/*"
    answer = products.ProductInput
    yield Method(
        service, "InsertProductInput", products.InsertProductInputRequest, answer, "POST", f"{inputs}:insert", "product_input",
        calls.insert_product_input,
    )  # fmt: skip
    yield Method(
        service, "UpdateProductInput", products.UpdateProductInputRequest, answer, "PATCH",
        f"/products/v1/{{product_input.name={one_input}}}", "product_input", calls.update_product_input,
    )  # fmt: skip
    yield Method(
        service, "DeleteProductInput", products.DeleteProductInputRequest, EMPTY, "DELETE", f"/products/v1/{{name={one_input}}}", "",
        calls.delete_product_input,
    )  # fmt: skip
    service = "products.v1.ProductsService"
    yield Method(
        service, "GetProduct", products.GetProductRequest, products.Product, "GET", "/products/v1/{name=accounts/*/products/*}", "",
        calls.get_product,
    )  # fmt: skip
    yield Method(
        service, "ListProducts", products.ListProductsRequest, products.ListProductsResponse, "GET",
        "/products/v1/{parent=accounts/*}/products", "", calls.list_products,
    )  # fmt: skip


def _data_sources() -> Iterator[Method]:
    service, under, one = "datasources.v1.DataSourcesService", "/datasources/v1/{parent=accounts/*}/dataSources", "accounts/*/dataSources/*"
    kept = datasources.DataSource
    yield Method(
        service, "CreateDataSource", datasources.CreateDataSourceRequest, kept, "POST", under, "data_source", calls.create_data_source
    )
    yield Method(
        service, "UpdateDataSource", datasources.UpdateDataSourceRequest, kept, "PATCH", f"/datasources/v1/{{data_source.name={one}}}",
        "data_source", calls.update_data_source,
    )  # fmt: skip
    yield Method(
        service, "FetchDataSource", datasources.FetchDataSourceRequest, EMPTY, "POST", f"/datasources/v1/{{name={one}}}:fetch", "*",
        calls.fetch_data_source,
    )  # fmt: skip
    yield from _kept(service, "DataSource", "DataSources", (datasources, kept), f"/datasources/v1/{{name={one}}}", under, "data_sources")
    yield Method(
        "datasources.v1.FileUploadsService", "GetFileUpload", datasources.GetFileUploadRequest, datasources.FileUpload, "GET",
        f"/datasources/v1/{{name={one}/fileUploads/*}}", "", lambda center, request: center.file_uploads.get(request.name),
    )  # fmt: skip


def _selling() -> Iterator[Method]:
    service, under = "inventories.v1.RegionalInventoryService", "/inventories/v1/{parent=accounts/*/products/*}/regionalInventories"
    yield Method(
        service, "InsertRegionalInventory", inventories.InsertRegionalInventoryRequest, inventories.RegionalInventory, "POST",
        f"{under}:insert", "regional_inventory", calls.insert_regional_inventory,
    )  # fmt: skip
    one = "/inventories/v1/{name=accounts/*/products/*/regionalInventories/*}"
    yield _delete(service, "RegionalInventory", inventories, one, "regional_inventories")
    yield _list(service, "RegionalInventories", inventories, under, "regional_inventories")
    service, under = "promotions.v1.PromotionsService", "/promotions/v1/{parent=accounts/*}/promotions"
    yield Method(
        service, "InsertPromotion", promotions.InsertPromotionRequest, promotions.Promotion, "POST", f"{under}:insert", "*",
        calls.insert_promotion,
    )  # fmt: skip
    one = "/promotions/v1/{name=accounts/*/promotions/*}"
    yield _get(service, "Promotion", promotions.GetPromotionRequest, promotions.Promotion, one, "promotions")
    yield _list(service, "Promotions", promotions, under, "promotions")


def _accounts() -> Iterator[Method]:
    service, one = "accounts.v1.AccountsService", "/accounts/v1/{name=accounts/*}"
    yield _get(service, "Account", accounts.GetAccountRequest, accounts.Account, one, "accounts")
    yield Method(
        service, "UpdateAccount", accounts.UpdateAccountRequest, accounts.Account, "PATCH", "/accounts/v1/{account.name=accounts/*}",
        "account", calls.update_account,
    )  # fmt: skip
    yield Method(
        service, "ListSubAccounts", accounts.ListSubAccountsRequest, accounts.ListSubAccountsResponse, "GET",
        "/accounts/v1/{provider=accounts/*}:listSubaccounts", "", calls.list_sub_accounts,
    )  # fmt: skip
    service, under, one = "accounts.v1.UserService", "/accounts/v1/{parent=accounts/*}/users", "/accounts/v1/{name=accounts/*/users/*}"
    yield Method(service, "CreateUser", accounts.CreateUserRequest, accounts.User, "POST", under, "user", calls.create_user)
    yield Method(
        service, "UpdateUser", accounts.UpdateUserRequest, accounts.User, "PATCH", "/accounts/v1/{user.name=accounts/*/users/*}", "user",
        calls.update_user,
    )  # fmt: skip
    yield from _kept(service, "User", "Users", (accounts, accounts.User), one, under, "users")
    yield _list("accounts.v1.AccountIssueService", "AccountIssues", accounts, "/accounts/v1/{parent=accounts/*}/issues", "account_issues")


def _settings() -> Iterator[Method]:
    service, under = "accounts.v1.OnlineReturnPolicyService", "/accounts/v1/{parent=accounts/*}/onlineReturnPolicies"
    policy = accounts.OnlineReturnPolicy
    yield Method(
        service, "CreateOnlineReturnPolicy", accounts.CreateOnlineReturnPolicyRequest, policy, "POST", under, "online_return_policy",
        calls.create_return_policy,
    )  # fmt: skip
    one = "/accounts/v1/{name=accounts/*/onlineReturnPolicies/*}"
    yield from _kept(
        service, "OnlineReturnPolicy", "OnlineReturnPolicies", (accounts, policy), one, under, "return_policies", "online_return_policies"
    )
    service = "accounts.v1.ShippingSettingsService"
    yield Method(
        service, "InsertShippingSettings", accounts.InsertShippingSettingsRequest, accounts.ShippingSettings, "POST",
        "/accounts/v1/{parent=accounts/*}/shippingSettings:insert", "shipping_setting", calls.insert_shipping_settings,
    )  # fmt: skip
    yield Method(
        service, "GetShippingSettings", accounts.GetShippingSettingsRequest, accounts.ShippingSettings, "GET",
        "/accounts/v1/{name=accounts/*/shippingSettings}", "", partial(_read, kind=accounts.ShippingSettings),
    )  # fmt: skip
    yield Method(
        "accounts.v1.HomepageService", "ClaimHomepage", accounts.ClaimHomepageRequest, accounts.Homepage, "POST",
        "/accounts/v1/{name=accounts/*/homepage}:claim", "*", calls.claim_homepage,
    )  # fmt: skip
    service, under, one = (
        "accounts.v1.RegionsService",
        "/accounts/v1/{parent=accounts/*}/regions",
        "/accounts/v1/{name=accounts/*/regions/*}",
    )
    region = accounts.Region
    yield Method(service, "CreateRegion", accounts.CreateRegionRequest, region, "POST", under, "region", calls.create_region)
    yield Method(
        service, "UpdateRegion", accounts.UpdateRegionRequest, region, "PATCH", "/accounts/v1/{region.name=accounts/*/regions/*}", "region",
        calls.update_region,
    )  # fmt: skip
    yield from _kept(service, "Region", "Regions", (accounts, region), one, under, "regions")
    yield from _singleton("HomepageService", "Homepage", accounts.Homepage, "homepage", "homepage")
    yield from _singleton("BusinessInfoService", "BusinessInfo", accounts.BusinessInfo, "businessInfo", "business_info")
    yield from _singleton(
        "AutomaticImprovementsService", "AutomaticImprovements", accounts.AutomaticImprovements, "automaticImprovements",
        "automatic_improvements",
    )  # fmt: skip


def _watching() -> Iterator[Method]:
    yield Method(
        "reports.v1.ReportService", "Search", reports.SearchRequest, reports.SearchResponse, "POST",
        "/reports/v1/{parent=accounts/*}/reports:search", "*", calls.search_reports,
    )  # fmt: skip
    yield Method(
        "issueresolution.v1.AggregateProductStatusesService", "ListAggregateProductStatuses",
        resolution.ListAggregateProductStatusesRequest, resolution.ListAggregateProductStatusesResponse, "GET",
        "/issueresolution/v1/{parent=accounts/*}/aggregateProductStatuses", "", calls.list_aggregate_statuses,
    )  # fmt: skip
    yield Method(
        "quota.v1.QuotaService", "ListQuotaGroups", quota.ListQuotaGroupsRequest, quota.ListQuotaGroupsResponse, "GET",
        "/quota/v1/{parent=accounts/*}/quotas", "", calls.list_quotas,
    )  # fmt: skip
    yield Method(
        "quota.v1.AccountLimitsService", "ListAccountLimits", quota.ListAccountLimitsRequest, quota.ListAccountLimitsResponse, "GET",
        "/accounts/v1/{parent=accounts/*}/limits", "", calls.list_account_limits,
    )  # fmt: skip
    service, under = "notifications.v1.NotificationsApiService", "/notifications/v1/{parent=accounts/*}/notificationsubscriptions"
    kept = notifications.NotificationSubscription
    yield Method(
        service, "CreateNotificationSubscription", notifications.CreateNotificationSubscriptionRequest, kept, "POST", under,
        "notification_subscription", calls.create_subscription,
    )  # fmt: skip
    one = "/notifications/v1/{name=accounts/*/notificationsubscriptions/*}"
    yield from _kept(
        service, "NotificationSubscription", "NotificationSubscriptions", (notifications, kept), one, under, "subscriptions",
        "notification_subscriptions",
    )  # fmt: skip


def _kept(  # noqa: PLR0917 - a table's columns
    service: str, one: str, many: str, types: tuple[Any, Any], path: str, under: str, store: str, field: str = ""
) -> Iterator[Method]:
    module, kept = types
    yield _get(service, one, getattr(module, f"Get{one}Request"), kept, path, store)
    yield _delete(service, one, module, path, store)
    yield _list(service, many, module, under, field or store, store)


def _get(service: str, one: str, request: Any, kept: Any, path: str, store: str) -> Method:  # noqa: PLR0917 - a table's columns
    return Method(service, f"Get{one}", request, kept, "GET", path, "", lambda center, sent: getattr(center, store).get(sent.name))


def _delete(service: str, one: str, module: Any, path: str, store: str) -> Method:
    def call(center: Center, sent: Any) -> empty_pb2.Empty:
        getattr(center, store).delete(sent.name)
        return empty_pb2.Empty()

    return Method(service, f"Delete{one}", getattr(module, f"Delete{one}Request"), EMPTY, "DELETE", path, "", call)


def _list(service: str, many: str, module: Any, path: str, field: str, store: str = "") -> Method:  # noqa: PLR0917 - a table's columns
    response = getattr(module, f"List{many}Response")

    def call(center: Center, sent: Any) -> Any:
        return calls.listing(getattr(center, store or field), sent, response, field)

    return Method(service, f"List{many}", getattr(module, f"List{many}Request"), response, "GET", path, "", call)


def _singleton(service: str, one: str, kept: Any, segment: str, field: str) -> Iterator[Method]:
    full = f"accounts.v1.{service}"
    name = f"accounts/*/{segment}"
    read = partial(_read, kind=kept)
    write = partial(_write, kind=kept, field=field)
    yield Method(full, f"Get{one}", getattr(accounts, f"Get{one}Request"), kept, "GET", f"/accounts/v1/{{name={name}}}", "", read)
    yield Method(
        full, f"Update{one}", getattr(accounts, f"Update{one}Request"), kept, "PATCH", f"/accounts/v1/{{{field}.name={name}}}", field, write
    )


def _read(center: Center, request: Any, *, kind: Any) -> Any:
    return center.singletons.setdefault(request.name, kind(name=request.name))


def _write(center: Center, request: Any, *, kind: Any, field: str) -> Any:
    sent = getattr(request, field)
    kept = center.singletons.setdefault(sent.name, kind(name=sent.name))
    update(kept, sent, request.update_mask.paths)
    return kept
