"""Limits of promotions hold when many claim at once, on a real database."""

import asyncio
from datetime import UTC, datetime

from tradewind.db import AsyncDatabase, open_async_database
from tradewind.promotions import Promotion, PromotionKind, claim, release, used
from tradewind.settings import Settings

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LIMITED = Promotion("black", "Black Friday", PromotionKind.PERCENT, "black", 100_000, limit_total=5, limit_per_buyer=2)
BUYERS = 40


class LimitReached(Exception):
    """Rolls a claim back, as a checkout does."""


async def claimed(database: AsyncDatabase, session: str, buyer: str, promotion: Promotion = LIMITED) -> bool:
    try:
        async with database.transaction() as tx:
            if not await claim(tx, promotion, session, buyer, NOW):
                raise LimitReached
    except LimitReached:
        return False
    return True


async def released(database: AsyncDatabase, session: str) -> int:
    async with database.transaction() as tx:
        return await release(tx, session, NOW)


async def uses(database: AsyncDatabase) -> dict[str, int]:
    async with database.transaction() as tx:
        return dict(await used(tx))


def test_of_forty_buyers_at_once_exactly_five_get_it(workspace: Settings) -> None:
    async def race() -> tuple[int, dict[str, int]]:
        async with open_async_database(workspace) as database:
            won = await asyncio.gather(*(claimed(database, f"chk_{number}", f"buyer {number}") for number in range(BUYERS)))
            return sum(won), await uses(database)

    assert asyncio.run(race()) == (5, {"black": 5})


def test_one_buyer_gets_it_twice_however_many_sessions_claim_at_once(workspace: Settings) -> None:
    async def race() -> int:
        async with open_async_database(workspace) as database:
            return sum(await asyncio.gather(*(claimed(database, f"chk_{number}", "anna") for number in range(10))))

    assert asyncio.run(race()) == 2


def test_a_session_that_claims_again_counts_once_and_what_it_gives_back_is_free_again(workspace: Settings) -> None:
    async def story() -> list[object]:
        async with open_async_database(workspace) as database:
            one = Promotion("one", "one", PromotionKind.FREE_SHIPPING, limit_total=1)
            first = [await claimed(database, "chk_1", "", one), await claimed(database, "chk_1", "", one)]
            full = await claimed(database, "chk_2", "", one)
            given = [await released(database, "chk_1"), await released(database, "chk_1")]
            return [*first, full, *given, await claimed(database, "chk_2", "", one), await uses(database)]

    assert asyncio.run(story()) == [True, True, False, 1, 0, True, {"one": 1}]


def test_a_limit_for_each_buyer_needs_to_know_the_buyer(workspace: Settings) -> None:
    async def story() -> bool:
        async with open_async_database(workspace) as database:
            return await claimed(database, "chk_1", "")

    assert not asyncio.run(story())


def test_a_promotion_without_limits_is_only_counted(workspace: Settings) -> None:
    async def story() -> dict[str, int]:
        async with open_async_database(workspace) as database:
            free = Promotion("free", "free", PromotionKind.FREE_SHIPPING)
            for number in range(3):
                assert await claimed(database, f"chk_{number}", "", free)
            return await uses(database)

    assert asyncio.run(story()) == {"free": 3}
