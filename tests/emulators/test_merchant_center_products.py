"""Products in the emulated Merchant Center, written and read with the official client over gRPC."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.protobuf import field_mask_pb2
from google.shopping import merchant_products_v1 as products
from tests.emulators.merchant_center_fixtures import ACCOUNT, Merchant, a_merchant, an_input

from tradewind.emulators.merchant_center import CenterConfig, Fault, FaultKind


@pytest.fixture(scope="module")
def shared() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def test_an_inserted_product_is_read_back_approved_in_its_country(shared: Merchant) -> None:
    shared.insert(an_input("ok"), shared.primary())
    found = shared.get("en~US~ok")
    assert found.product_attributes.title == "Steel bottle"
    assert [status.approved_countries for status in found.product_status.destination_statuses] == [["US"], ["US"]]
    assert not found.product_status.item_level_issues


def test_an_id_with_slash_and_percent_is_reached_by_its_encoded_name(shared: Merchant) -> None:
    sent = shared.insert(an_input("a/b%1"), shared.primary())
    assert shared.products().get_product(name=sent.base64_encoded_product).offer_id == "a/b%1"


def test_an_older_version_is_aborted_and_the_same_one_refreshes(shared: Merchant) -> None:
    source = shared.primary()
    shared.insert(an_input("versioned", version=7), source)
    with pytest.raises(exceptions.Aborted) as refused:
        shared.insert(an_input("versioned", version=6, title="Old"), source)
    shared.insert(an_input("versioned", version=7, title="Same version"), source)
    assert refused.value.reason == "version_number_too_low"
    assert shared.get("en~US~versioned").product_attributes.title == "Same version"


def test_an_update_changes_what_its_mask_names_and_deletes_what_is_masked_but_absent(shared: Merchant) -> None:
    source = shared.primary()
    sent = shared.insert(an_input("patched", brand="Old brand"), source)
    change = products.ProductInput(name=sent.name, product_attributes=products.ProductAttributes(availability="OUT_OF_STOCK"))
    mask = field_mask_pb2.FieldMask(paths=["product_attributes.availability", "product_attributes.brand"])
    shared.inputs().update_product_input(
        request=products.UpdateProductInputRequest(product_input=change, update_mask=mask, data_source=source)
    )
    found = shared.get("en~US~patched").product_attributes
    assert (found.availability.name, found.brand, found.title) == ("OUT_OF_STOCK", "", "Steel bottle")


def test_a_supplemental_source_overrides_single_attributes(shared: Merchant) -> None:
    shared.insert(an_input("both"), shared.primary())
    extra = products.ProductInput(
        offer_id="both",
        content_language="en",
        feed_label="US",
        product_attributes=products.ProductAttributes(custom_label_0="season"),
        custom_attributes=[{"name": "native commerce", "value": "true"}],
    )
    shared.insert(extra, shared.supplemental())
    found = shared.get("en~US~both")
    assert (found.product_attributes.custom_label_0, found.product_attributes.title) == ("season", "Steel bottle")
    assert found.custom_attributes[0].value == "true"


def test_another_primary_source_takes_a_product_over(shared: Merchant) -> None:
    first, second = shared.primary(), shared.primary()
    shared.insert(an_input("moved"), first)
    shared.insert(an_input("moved"), second)
    assert shared.get("en~US~moved").data_source == second


def test_a_deleted_product_is_not_found(shared: Merchant) -> None:
    source = shared.primary()
    sent = shared.insert(an_input("gone"), source)
    shared.inputs().delete_product_input(request=products.DeleteProductInputRequest(name=sent.name, data_source=source))
    with pytest.raises(exceptions.NotFound):
        shared.get("en~US~gone")


@pytest.mark.parametrize(
    ("change", "code", "countries"),
    [
        ({"title": ""}, "item_missing_required_attribute", ["US", "DE"]),
        ({"gtins": ["4006381333930"]}, "item_invalid_gtin", ["US", "DE"]),
        ({"shipping": []}, "missing_shipping", ["US", "DE"]),
        ({"image_link": "ftp://x/y.jpg"}, "invalid_image_link", ["US", "DE"]),
        ({"availability": "PREORDER"}, "item_missing_required_attribute", ["US", "DE"]),
        ({}, "missing_shipping", ["DE"]),
    ],
)
def test_a_defect_is_reported_for_the_countries_it_concerns(
    shared: Merchant, change: dict[str, object], code: str, countries: list[str]
) -> None:
    shared.insert(an_input("defect", **change), shared.primary(countries=("US", "DE")))
    issues = shared.get("en~US~defect").product_status.item_level_issues
    assert countries in [list(issue.applicable_countries) for issue in issues if issue.code == code]


def test_lists_come_in_pages(shared: Merchant) -> None:
    source = shared.primary(label="PAGE")
    for number in range(5):
        shared.insert(an_input(f"p{number}", label="PAGE"), source)
    pages = list(shared.products().list_products(request={"parent": ACCOUNT, "page_size": 2}).pages)
    keys = [(product.feed_label, product.offer_id) for one in pages for product in one.products]
    assert max(len(one.products) for one in pages) == 2
    assert {("PAGE", f"p{number}") for number in range(5)} <= set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("language", "label"), [("EN", "US"), ("en", "us"), ("en", "A" * 21), ("eng", "US")])
def test_a_key_without_the_right_form_is_refused_with_its_field(shared: Merchant, language: str, label: str) -> None:
    with pytest.raises(exceptions.InvalidArgument) as refused:
        shared.insert(an_input(language=language, label=label), shared.primary())
    assert refused.value.metadata["FIELD_LOCATION"] in {"content_language", "feed_label"}


def test_a_product_is_read_only_after_its_processing_time() -> None:
    with a_merchant(CenterConfig(processing_seconds=60)) as merchant:
        merchant.insert(an_input(), merchant.primary())
        with pytest.raises(exceptions.NotFound):
            merchant.get("en~US~sku1")
        merchant.center.turn(timedelta(seconds=60))
        assert merchant.get("en~US~sku1").offer_id == "sku1"


def test_a_product_expires_thirty_days_after_its_last_refresh() -> None:
    with a_merchant() as merchant:
        source = merchant.primary()
        merchant.insert(an_input("old"), source)
        merchant.center.turn(timedelta(days=20))
        merchant.insert(an_input("young"), source)
        merchant.center.turn(timedelta(days=10))
        assert [product.offer_id for product in merchant.products().list_products(parent=ACCOUNT)] == ["young"]


def test_a_third_update_within_a_day_is_counted_and_refused_when_strict() -> None:
    with a_merchant(CenterConfig(strict_updates=True)) as merchant:
        source = merchant.primary()
        merchant.insert(an_input(), source)
        merchant.insert(an_input(), source)
        with pytest.raises(exceptions.ResourceExhausted):
            merchant.insert(an_input(), source)
        merchant.center.turn(timedelta(days=1))
        merchant.insert(an_input(), source)
        assert merchant.center.report()["update_policy_violations"] == 1


def test_a_minute_and_a_day_of_calls_are_metered_and_begin_anew() -> None:
    with a_merchant(CenterConfig(quota_per_minute=3, quota_per_day=5)) as merchant:
        source = merchant.primary()
        for number in range(3):
            merchant.insert(an_input(f"s{number}"), source)
        with pytest.raises(exceptions.ResourceExhausted) as minute:
            merchant.insert(an_input("s3"), source)
        merchant.center.turn(timedelta(minutes=1))
        merchant.insert(an_input("s3"), source)
        merchant.insert(an_input("s4"), source)
        with pytest.raises(exceptions.ResourceExhausted) as day:
            merchant.insert(an_input("s5"), source)
        assert (minute.value.reason, day.value.reason) == ("quota/request_rate_too_high", "quota/daily_limit_exceeded")
        merchant.center.turn(timedelta(days=1))
        merchant.insert(an_input("s5"), source)


def test_a_lost_answer_leaves_the_effect_behind() -> None:
    with a_merchant() as merchant:
        source = merchant.primary()
        merchant.center.faults.add(Fault(FaultKind.DROP_AFTER, "Insert*", times=1))
        with pytest.raises(exceptions.ServiceUnavailable):
            merchant.insert(an_input(), source)
        assert merchant.get("en~US~sku1").offer_id == "sku1"


def test_an_outage_before_the_effect_leaves_nothing_behind() -> None:
    with a_merchant() as merchant:
        source = merchant.primary()
        merchant.center.faults.add(Fault(FaultKind.UNAVAILABLE, "Insert*", times=1))
        with pytest.raises(exceptions.ServiceUnavailable):
            merchant.insert(an_input(), source)
        with pytest.raises(exceptions.NotFound):
            merchant.get("en~US~sku1")
