"""The order entity: whatever happened to an order, it is what the schema says, and its figures agree with each other."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from order_histories import ENVELOPE, PAGE, Story, a_shipment, an_order, stories
from wire_schemas import Wire, wire

from tradewind.orders import AdjustmentType
from tradewind.ucp.v2026_01_23 import order as january
from tradewind.ucp.v2026_04_08.order import order_entity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def told(story: Story) -> dict[str, Any]:
    return order_entity(story.order, story.shipments, ucp=ENVELOPE, permalink_url=PAGE)


def test_every_history_of_an_order_is_what_the_schema_says(schemas: Wire) -> None:
    @given(stories())
    def holds(story: Story) -> None:
        schemas.check("shopping/order.json", json.loads(json.dumps(told(story))))

    holds()


def test_every_history_of_an_order_is_what_january_s_schema_says(shared_data: Path) -> None:
    known, envelope = wire(shared_data / "reference" / "ucp" / "2026-01-23"), {"version": "2026-01-23", "capabilities": {}}

    @given(stories())
    def holds(story: Story) -> None:
        entity = january.order_entity(story.order, story.shipments, ucp=envelope, permalink_url=PAGE)
        known.check("shopping/order.json", json.loads(json.dumps(entity)))

    holds()


@given(stories())
def test_totals_add_up_in_the_order_and_in_each_line(story: Story) -> None:
    entity = told(story)
    for totals in (entity["totals"], *(line["totals"] for line in entity["line_items"])):
        assert sum(one["amount"] for one in totals if one["type"] != "total") == totals[-1]["amount"]


@given(stories())
def test_what_lines_say_is_fulfilled_is_what_shipped_events_carry(story: Story) -> None:
    entity = told(story)
    shipped: dict[str, int] = {}
    for event in (one for one in entity["fulfillment"]["events"] if one["type"] == "shipped"):
        for part in event["line_items"]:
            shipped[part["id"]] = shipped.get(part["id"], 0) + part["quantity"]
    assert {line["id"]: line["quantity"]["fulfilled"] for line in entity["line_items"] if line["quantity"]["fulfilled"]} == shipped


@given(stories())
def test_no_line_ever_vanishes_and_its_status_follows_from_its_quantities(story: Story) -> None:
    lines = told(story)["line_items"]
    assert [line["id"] for line in lines] == [line.line_id for line in story.order.lines]
    for line in lines:
        total, fulfilled = line["quantity"]["total"], line["quantity"]["fulfilled"]
        expected = "removed" if not total else "fulfilled" if fulfilled == total else "partial" if fulfilled else "processing"
        assert line["status"] == expected


@given(stories(), st.sampled_from(AdjustmentType))
def test_what_goes_back_to_the_buyer_is_negative(story: Story, kind: AdjustmentType) -> None:
    order = replace(story.order, adjustments=tuple(replace(one, type=kind) for one in story.order.adjustments))
    adjustments = order_entity(order, story.shipments, ucp=ENVELOPE, permalink_url=PAGE)["adjustments"]
    assert all(one["totals"][0]["amount"] <= 0 and all(part["quantity"] < 0 for part in one.get("line_items", ())) for one in adjustments)


@given(stories())
def test_events_stand_in_the_order_of_their_times_and_are_never_dropped_by_a_later_one(story: Story) -> None:
    events = told(story)["fulfillment"]["events"]
    assert [one["occurred_at"] for one in events] == sorted(one["occurred_at"] for one in events)
    fewer = {one["id"] for one in told(replace(story, shipments=story.shipments[:-1]))["fulfillment"]["events"]}
    assert fewer <= {one["id"] for one in events}


def test_a_shipment_tells_its_tracking_and_an_arrival_is_an_event_of_its_own() -> None:
    order = an_order()
    shipment = a_shipment(order, delivered_at=NOON + timedelta(days=3))
    shipped, delivered = order_entity(order, [shipment], ucp=ENVELOPE, permalink_url=PAGE)["fulfillment"]["events"]
    assert (shipped["type"], shipped["tracking_number"], shipped["carrier"]) == ("shipped", "1Z999", "UPS")
    assert (delivered["type"], delivered["occurred_at"]) == ("delivered", "2026-11-26T12:00:00Z")


def test_a_buyer_reads_the_promised_days_in_the_language_of_the_order() -> None:
    order = an_order()
    german = replace(order, market="de", facts={**order.facts, "language": "de"})
    said = [order_entity(one, [], ucp=ENVELOPE, permalink_url=PAGE)["fulfillment"]["expectations"][0] for one in (order, german)]
    assert [" ".join(one["description"].split()) for one in said] == ["Arrives Dec 1 – 5", "Lieferung 1.–5. Dez."]
    assert said[0]["destination"]["street_address"] == "350 5th Ave"


def test_a_canceled_order_promises_nothing_and_keeps_its_lines() -> None:
    order = an_order()
    canceled = replace(order, lines=tuple(replace(line, total=0) for line in order.lines))
    entity = order_entity(canceled, [], ucp=ENVELOPE, permalink_url=PAGE)
    assert entity["fulfillment"]["expectations"] == []
    assert {line["status"] for line in entity["line_items"]} == {"removed"}


def test_the_attribution_of_the_checkout_stands_on_its_order() -> None:
    order = an_order()
    from_campaign = replace(order, facts={**order.facts, "source": {"attribution": '{"utm_campaign":"autumn"}'}})
    assert order_entity(from_campaign, [], ucp=ENVELOPE, permalink_url=PAGE)["attribution"] == {"utm_campaign": "autumn"}
    assert "attribution" not in order_entity(order, [], ucp=ENVELOPE, permalink_url=PAGE)
