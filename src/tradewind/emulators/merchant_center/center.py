"""The Merchant Center itself: accounts, data sources, products, settings, quotas, faults and a clock that can be turned."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from google.shopping import merchant_accounts_v1 as accounts
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_inventories_v1 as inventories
from google.shopping import merchant_notifications_v1 as notifications
from google.shopping import merchant_promotions_v1 as promotions
from google.shopping.type.types import ReportingContext

from tradewind.emulators.merchant_center.errors import EmulatorIsMisused, invalid
from tradewind.emulators.merchant_center.faults import FaultPlan
from tradewind.emulators.merchant_center.judge import judge
from tradewind.emulators.merchant_center.model import CenterConfig, Issue, StoredProduct
from tradewind.emulators.merchant_center.names import ProductKey
from tradewind.emulators.merchant_center.processed import digest
from tradewind.emulators.merchant_center.products import ProductShelf, merged
from tradewind.emulators.merchant_center.quotas import Quotas
from tradewind.emulators.merchant_center.resources import Collection
from tradewind.kit import Clock

FIRST_ID = 100_000
MAX_TURN = timedelta(days=366)


class Center:
    """Everything one emulator holds. Not safe for threads: one event loop serves it."""

    def __init__(self, config: CenterConfig, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._turned = timedelta()
        self._numbers = count(FIRST_ID)
        self.quotas = Quotas(config)
        self.faults = FaultPlan(seed=config.seed)
        self.data_sources = Collection[datasources.DataSource]()
        self.file_uploads = Collection[datasources.FileUpload]()
        self.regional_inventories = Collection[inventories.RegionalInventory]()
        self.regions = Collection[accounts.Region]()
        self.promotions = Collection[promotions.Promotion]()
        self.return_policies = Collection[accounts.OnlineReturnPolicy]()
        self.users = Collection[accounts.User]()
        self.subscriptions = Collection[notifications.NotificationSubscription]()
        self.account_issues = Collection[accounts.AccountIssue]()
        self.singletons: dict[str, Any] = {}
        self.accounts = Collection[accounts.Account]()
        self.shelf = ProductShelf(config, self._source_kind)
        self.calls: dict[str, int] = {}
        for number in (config.advanced_account, *config.accounts):
            name = f"accounts/{number}"
            self.accounts.create(name, accounts.Account(name=name, account_id=number, account_name=f"account {number}", language_code="en"))

    @property
    def now(self) -> datetime:
        """The emulator's time: the clock it was given, turned forward by `turn`."""
        return self._clock() + self._turned

    def turn(self, forward: timedelta) -> datetime:
        """Moves time forward, to see quotas begin anew and products expire."""
        if not timedelta() <= forward <= MAX_TURN:
            raise EmulatorIsMisused(f"the clock cannot be turned by {forward}", hint=f"0 to {MAX_TURN.days} days forward")
        self._turned += forward
        return self.now

    def hold_against(self, account: int, issue: str, severity: str = "CRITICAL", title: str = "", detail: str = "") -> str:
        """Holds an account-level issue against an account, or with the severity "NONE" takes it back; its resource name."""
        name = f"accounts/{account}/issues/{issue}"
        if f"accounts/{account}" not in self.accounts or not issue:
            raise EmulatorIsMisused(f"{name} cannot be an issue", hint="name an account of this emulator and an issue")
        if severity == "NONE":
            self.account_issues.delete(name)
            return name
        if severity not in accounts.AccountIssue.Severity.__members__:
            raise EmulatorIsMisused(f'"{severity}" is no severity', hint="CRITICAL, ERROR, SUGGESTION, or NONE to take it back")
        kinds = accounts.AccountIssue
        impact = kinds.ImpactedDestination.Impact(region_code="US", severity=kinds.Severity[severity])
        where = kinds.ImpactedDestination(reporting_context=ReportingContext.ReportingContextEnum.SHOPPING_ADS, impacts=[impact])
        found = kinds(name=name, title=title or issue, severity=kinds.Severity[severity], detail=detail, impacted_destinations=[where])
        self.account_issues.put(name, found)
        return name

    def next_number(self) -> int:
        return next(self._numbers)

    def settle(self) -> None:
        """Processes what is due; called before every read."""
        self.shelf.settle(self.now)

    def countries_of(self, stored: StoredProduct) -> tuple[str, ...]:
        """The countries that the product's primary source targets, without those that the item excludes."""
        source = self.data_sources.get(stored.primary).primary_product_data_source
        excluded = set(merged(stored).product_attributes.shopping_ads_excluded_countries)
        return tuple(country for country in source.countries if country not in excluded)

    def judged(self, account: int, stored: StoredProduct) -> tuple[list[Issue], tuple[str, ...]]:
        """The issues of a processed product, and the countries it is meant for."""
        countries = self.countries_of(stored)
        settings = self.singletons.get(f"accounts/{account}/shippingSettings")
        ships_to = {country for service in settings.services for country in service.delivery_countries} if settings else set[str]()
        return judge(merged(stored), countries, frozenset(ships_to), self.now.date()), countries

    def judged_products(self, account: int) -> Iterator[tuple[ProductKey, StoredProduct, list[Issue], tuple[str, ...]]]:
        for key, stored in self.shelf.processed(account):
            yield key, stored, *self.judged(account, stored)

    def status_changes(self) -> Iterator[tuple[int, ProductKey, str]]:
        """Products whose status is another than when it was last told: account, key and what it is now."""
        changed, self.shelf.changed = self.shelf.changed, []
        for account, key in changed:
            stored = self.shelf.peek(account, key)
            if stored is None or stored.primary not in stored.processed:
                yield account, key, "deleted"
                continue
            issues, countries = self.judged(account, stored)
            status = digest(issues, countries)
            if status != stored.status_digest:
                stored.status_digest = status
                yield account, key, "disapproved" if any(issue.severity == "DISAPPROVED" for issue in issues) else "approved"

    def report(self) -> dict[str, Any]:
        """What a test wants to know: calls by method, refused calls, breaches of the update policy, products by account."""
        return {
            "now": self.now.isoformat(),
            "calls": dict(sorted(self.calls.items())),
            "quota_refusals": self.quotas.refused_count,
            "update_policy_violations": self.shelf.policy_violations,
            "products": {str(account): self.shelf.count(account) for account in self.config.accounts},
        }

    def _source_kind(self, name: str) -> str:
        if not name:
            raise invalid("data_source", name, "a data source is required")
        source = self.data_sources.get(name)
        if source.input != datasources.DataSource.Input.API:
            raise invalid("data_source", name, "only API data sources can be written through the API")
        return "supplemental" if "supplemental_product_data_source" in source else "primary"
