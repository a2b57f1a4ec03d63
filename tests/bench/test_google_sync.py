"""The measurements of Google's plan and push do what they say, at a small size."""

import pytest
from bench.google_sync import emulator, planned, pushed, workspace

from tradewind.listings.sync import Result, Urgency


@pytest.mark.slow
def test_what_changed_is_planned_and_pushed_to_an_emulator_of_its_own() -> None:
    with workspace(400) as channel:
        waiting, cost = planned(channel, 400, 8)
        with emulator() as (grpc_address, _rest_url, _pid):
            results, memory = pushed(channel, grpc_address)
    assert waiting == {Urgency.PRICE_RISE: 8}
    assert results == {Result.SUCCEEDED: 8}
    assert min(cost.wall, *memory) > 0
