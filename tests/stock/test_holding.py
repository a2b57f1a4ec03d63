"""Units on their way to a shopper: never more than there are, back when their time is over, and a ledger that proves it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind import stock
from tradewind.db import AsyncDatabase, AsyncTransaction, Database, open_async_database
from tradewind.network import load_network
from tradewind.settings import Settings
from tradewind.stock import Wanted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=2)
T = TypeVar("T")


def counted(database: Database, folder: Path, *rows: str) -> None:
    path = folder / "counted.csv"
    path.write_text("\n".join(["sku,location_id,on_hand", *rows]) + "\n", encoding="utf-8")
    stock.import_counts(database, path, at=NOW)


def run(workspace: Settings, work: Callable[[AsyncDatabase], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with open_async_database(workspace) as database:
            return await work(database)

    return asyncio.run(opened())


def step(workspace: Settings, work: Callable[[AsyncTransaction], Awaitable[T]]) -> T:
    async def inside(database: AsyncDatabase) -> T:
        async with database.transaction() as tx:
            return await work(tx)

    return run(workspace, inside)


def units(**wants: int) -> list[Wanted]:
    return [Wanted(sku, "SZX-1", quantity) for sku, quantity in wants.items()]


def hold(workspace: Settings, reference: str, wants: Sequence[Wanted], until: datetime = SOON) -> list[tuple[str, str]]:
    """Holds all or nothing, as the checkout does: what is short."""

    async def held(database: AsyncDatabase) -> list[tuple[str, str]]:
        short: list[tuple[str, str]] = []
        try:
            async with database.transaction() as tx:
                short = await stock.reserve_all(tx, wants, reference=reference, at=NOW, until=until)
                if short:
                    raise LookupError
        except LookupError:
            return short
        return short

    return run(workspace, held)


def level(database: Database, sku: str) -> tuple[int, int, int, int]:
    found = stock.show(database, sku)[0][0]
    return found.on_hand, found.reserved, found.allocated, found.available


def proven(database: Database) -> bool:
    with database.transaction() as tx:
        return stock.prove(tx).holds


def test_no_more_is_held_than_is_available(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    assert [hold(workspace, f"chk_{n}", units(A=2)) for n in range(3)] == [[], [], [("A", "SZX-1")]]
    assert level(database, "A") == (5, 4, 0, 1)
    assert proven(database)


def test_a_basket_is_held_whole_or_not_at_all(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5", "B,SZX-1,0")
    assert hold(workspace, "chk_1", units(A=1, B=1)) == [("B", "SZX-1")]
    assert level(database, "A") == (5, 0, 0, 5)


def test_lines_with_the_same_goods_count_together(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    assert hold(workspace, "chk_1", [*units(A=3), *units(A=3)]) == [("A", "SZX-1")]
    assert hold(workspace, "chk_1", [*units(A=3), *units(A=2)]) == []


def test_what_nobody_counts_cannot_be_held(workspace: Settings) -> None:
    assert hold(workspace, "chk_1", units(A=1)) == [("A", "SZX-1")]


def test_a_location_keeps_its_buffer_and_an_old_count_counts_as_nothing(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    assert hold(workspace, "chk_1", [Wanted("A", "SZX-1", 4, spare=2)]) == [("A", "SZX-1")]
    assert hold(workspace, "chk_1", [Wanted("A", "SZX-1", 3, spare=2, oldest=NOW + timedelta(seconds=1))]) == [("A", "SZX-1")]
    assert hold(workspace, "chk_1", [Wanted("A", "SZX-1", 3, spare=2, oldest=NOW)]) == []


def test_the_network_says_what_a_location_never_sells() -> None:
    locations = {one.location_id: one for one in load_network().locations}
    wanted = stock.wanted_of("A", "LAX-1", 1, locations, NOW)
    assert (wanted.spare, wanted.oldest) == (0, NOW - timedelta(hours=720))
    assert stock.wanted_of("A", "nowhere", 1, locations, NOW) == Wanted("A", "nowhere", 1)


def test_held_units_become_allocated_then_leave(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    hold(workspace, "chk_1", units(A=2))
    assert step(workspace, lambda tx: stock.allocate_held(tx, reference="chk_1", at=NOW)) == {("A", "SZX-1"): 2}
    assert step(workspace, lambda tx: stock.allocate_held(tx, reference="chk_1", at=NOW)) == {}
    assert level(database, "A") == (5, 0, 2, 3)
    assert step(workspace, lambda tx: stock.ship_units(tx, units(A=1), reference="shp_1", at=NOW)) == []
    assert step(workspace, lambda tx: stock.deallocate(tx, units(A=1), reference="ord_1", at=NOW)) == []
    assert step(workspace, lambda tx: stock.ship_units(tx, units(A=1), reference="shp_2", at=NOW)) == [("A", "SZX-1")]
    assert level(database, "A") == (4, 0, 0, 4)
    assert proven(database)


def test_given_up_units_can_be_sold_again(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    hold(workspace, "chk_1", units(A=5))
    assert step(workspace, lambda tx: stock.release_held(tx, reference="chk_1", at=NOW)) == ["A"]
    assert hold(workspace, "chk_2", units(A=5)) == []
    assert proven(database)


def test_expired_units_return_once_and_not_a_moment_before(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    for number in range(2):
        hold(workspace, f"chk_{number}", units(A=2), until=SOON + timedelta(minutes=number))
    with database.transaction() as tx:
        found = [[one.reference for one in stock.expire(tx, at=at)] for at in (NOW, SOON, SOON)]
    assert found == [[], ["chk_0"], []]
    assert level(database, "A") == (5, 2, 0, 3)
    assert proven(database)


def test_an_expired_hold_cannot_be_allocated_but_free_units_can(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    hold(workspace, "chk_1", units(A=2))
    step(workspace, lambda tx: stock.expire_async(tx, ["A"], at=SOON))
    assert step(workspace, lambda tx: stock.allocate_held(tx, reference="chk_1", at=SOON)) == {}
    assert step(workspace, lambda tx: stock.allocate_free(tx, units(A=2), reference="chk_1", at=SOON)) == []
    assert step(workspace, lambda tx: stock.allocate_free(tx, units(A=4), reference="chk_2", at=SOON)) == [("A", "SZX-1")]


def test_a_longer_hold_stays(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    hold(workspace, "chk_1", units(A=2))
    step(workspace, lambda tx: stock.extend_held(tx, reference="chk_1", until=SOON + timedelta(minutes=15)))
    with database.transaction() as tx:
        assert stock.expire(tx, at=SOON) == []


def test_fifty_shoppers_at_once_get_exactly_what_there_is(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,20", "B,SZX-1,100")

    async def race(opened: AsyncDatabase) -> list[bool]:
        async def one(number: int) -> bool:
            wants = units(A=1, B=1) if number % 2 else units(B=1, A=1)  # in both orders: a deadlock would show
            try:
                async with opened.transaction() as tx:
                    if await stock.reserve_all(tx, wants, reference=f"chk_{number}", at=NOW, until=SOON):
                        raise LookupError
            except LookupError:
                return False
            return True

        return list(await asyncio.gather(*(one(number) for number in range(50))))

    assert sum(run(workspace, race)) == 20
    assert (level(database, "A"), level(database, "B")) == ((20, 20, 0, 0), (100, 20, 0, 80))
    assert proven(database)


def test_the_proof_names_the_level_the_counter_and_both_figures(workspace: Settings, database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    hold(workspace, "chk_1", units(A=2))
    with database.transaction() as tx:
        tx.execute("UPDATE stock_level SET on_hand = 6, reserved = 1")
    with database.transaction() as tx:
        found = [(one.counter, one.shown, one.proven) for one in stock.prove(tx).mismatches]
    assert found == [("on_hand", 6, 5), ("reserved", 1, 2), ("reservations", 1, 2)]


STEPS = st.lists(
    st.tuples(st.sampled_from(["hold", "allocate", "release", "expire", "free"]), st.integers(0, 3), st.integers(1, 3)), max_size=12
)


@pytest.fixture
def counted_five(database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_order_of_steps_keeps_the_ledger_and_promises_no_more_than_there_is(
    workspace: Settings, database: Database, counted_five: None, steps: list[tuple[str, int, int]]
) -> None:
    async def walk(opened: AsyncDatabase) -> None:
        for name, number, quantity in steps:
            reference = f"chk_{number}"
            async with opened.transaction() as tx:
                if name == "hold":
                    known = await (await tx.execute("SELECT 1 FROM stock_reservation WHERE reference = %s", (reference,))).fetchone()
                    if known is None:
                        await stock.reserve_all(tx, units(A=quantity), reference=reference, at=NOW, until=SOON)
                elif name == "allocate":
                    await stock.allocate_held(tx, reference=reference, at=NOW)
                elif name == "release":
                    await stock.release_held(tx, reference=reference, at=NOW)
                elif name == "expire":
                    await stock.expire_async(tx, ["A"], at=SOON)
                else:
                    await stock.allocate_free(tx, units(A=quantity), reference=reference, at=NOW)

    run(workspace, walk)
    assert proven(database)
    assert level(database, "A")[3] >= 0
