"""An account-level issue stops the pushes of its account until a person lets them go on, and comes with its facts."""

import asyncio
from datetime import UTC, datetime

import pytest

from tradewind.db import Database
from tradewind.db.audit import entries
from tradewind.emulators.merchant_center import errors as emulated
from tradewind.listings.sync import AccountIssue, Frozen, fix_of, freeze, frozen, thaw, watch

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT = "accounts/1001"
MISREPRESENTATION = AccountIssue("misrepresentation", "critical", "Misrepresentation", where=("SHOPPING_ADS US",))
NO_PHONE = AccountIssue("phone", "error", "Verify your phone")
SUSPENDED = AccountIssue("suspended", "critical", "Suspended")


class Listed:
    """An account at Google that lists these issues."""

    def __init__(self, *issues: AccountIssue) -> None:
        self._issues = list(issues)

    async def account_issues(self, _account: str) -> list[AccountIssue]:
        return self._issues


def watched(database: Database, *issues: AccountIssue) -> Frozen | None:
    asyncio.run(watch(database, Listed(*issues), ACCOUNT, NOW))
    with database.transaction() as tx:
        return frozen(tx, ACCOUNT)


def thawed(database: Database) -> bool:
    with database.transaction() as tx:
        return thaw(tx, ACCOUNT)


def test_a_critical_issue_freezes_and_is_kept(database: Database) -> None:
    found = watched(database, NO_PHONE, MISREPRESENTATION)
    assert found == Frozen(ACCOUNT, "Misrepresentation", NOW, (MISREPRESENTATION,))
    with database.transaction() as tx:
        assert [one.action for one in entries(tx, subject=ACCOUNT)] == ["google.freeze"]


def test_lesser_issues_freeze_nothing(database: Database) -> None:
    assert watched(database, NO_PHONE) is None


def test_who_thaws_acknowledges_what_google_still_lists(database: Database) -> None:
    watched(database, MISREPRESENTATION)
    assert thawed(database)
    assert watched(database, MISREPRESENTATION) is None
    assert not thawed(database)


def test_a_new_issue_freezes_again(database: Database) -> None:
    watched(database, MISREPRESENTATION)
    thawed(database)
    again = watched(database, MISREPRESENTATION, SUSPENDED)
    assert again is not None
    assert again.reason == "Suspended"


def test_an_issue_that_went_and_came_back_freezes_again(database: Database) -> None:
    watched(database, MISREPRESENTATION)
    thawed(database)
    assert watched(database) is None
    assert watched(database, MISREPRESENTATION) is not None


def test_a_person_may_freeze_without_an_issue(database: Database) -> None:
    with database.transaction() as tx:
        freeze(tx, ACCOUNT, "wrong prices", NOW)
    found = watched(database, MISREPRESENTATION)
    assert found is not None
    assert (found.reason, found.issues) == ("wrong prices", ())


@pytest.mark.parametrize("code", ["quota/daily_limit_exceeded", "quota/request_rate_too_high", "version_number_too_low", "invalid",
                                  "too_many_items", "account_access_denied", "not_found", "PermissionDenied", "Unauthenticated"])  # fmt: skip
def test_every_known_reason_has_a_fix_of_its_own(code: str) -> None:
    assert fix_of("reason", code, "us") != fix_of("reason", "never heard of", "us")


@pytest.mark.parametrize("code", ["missing_shipping", "item_missing_required_attribute", "item_invalid_gtin", "image_link_generic",
                                  "price_updated", "availability_updated", "landing_page_error", "url_does_not_match_homepage"])  # fmt: skip
def test_every_common_item_issue_has_a_fix_that_names_the_market(code: str) -> None:
    found = fix_of("issue", code, "de")
    assert found != fix_of("issue", "never heard of", "de")
    assert "CODE" not in found.do


def test_the_emulator_refuses_with_reasons_that_have_fixes() -> None:
    for refused in (emulated.not_found("x"), emulated.invalid("title", "", "empty")):
        assert fix_of("reason", refused.reason, "us") != fix_of("reason", "never heard of", "us")
