"""Accounts on a real PostgreSQL: nobody learns whether one exists, links work once, and an erased person is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher

from tradewind.accounts import (
    Accounts,
    AddressEntry,
    AddressLimitIsReached,
    CodeIsSpent,
    CodePurpose,
    PasswordIsWeak,
    ShopperUnknown,
    SignInFailed,
    TooManyAttempts,
)
from tradewind.accounts.rules import ADDRESSES_LIMIT, SIGN_IN_BY_EMAIL
from tradewind.accounts.service import reseal
from tradewind.db import AsyncDatabase, Database, DataKey, Sealer
from tradewind.kit import InputIsInvalid

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EMAIL, PASSWORD, HERE = "mei@example.com", "kettle harbour plum", "192.0.2.7"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OLD_KEY = DataKey("a" * 16, b"a" * 32, "2026-01-01")
NEW_KEY = DataKey("b" * 16, b"b" * 32, "2026-11-01")
T = TypeVar("T")


class AClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def opened(database: Database, clock: Callable[[], datetime], sealer: Sealer) -> AsyncIterator[Accounts]:
    held = AsyncDatabase(database.address, connections=2)
    await held.open()
    try:
        yield Accounts(held, sealer, clock, hasher=QUICK)
    finally:
        await held.close()


def run(database: Database, use: Callable[[Accounts, AClock], Awaitable[T]], *keys: DataKey) -> T:
    async def main() -> T:
        clock = AClock()
        async with opened(database, clock, Sealer(keys or (OLD_KEY,), b"i" * 32)) as accounts:
            return await use(accounts, clock)

    return asyncio.run(main())


async def signed_up(accounts: Accounts) -> None:
    await accounts.sign_up(EMAIL, PASSWORD, "Mei Lin", HERE, language="de", market="de")


def the_mails(database: Database) -> list[dict[str, Any]]:
    with database.transaction() as tx:
        return [row["args"] for row in tx.execute("SELECT args FROM db_outbox ORDER BY id").fetchall()]


def test_whoever_signed_up_can_sign_in_and_out(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> None:
        await signed_up(accounts)
        visit = await accounts.sign_in(" Mei@Example.com ", PASSWORD, HERE)
        held = await accounts.session(visit.token)
        assert held is not None
        assert (await accounts.shopper(held.shopper_id)).name == "Mei Lin"
        await accounts.sign_out(visit.token)
        assert await accounts.session(visit.token) is None

    run(database, use)


def test_a_second_sign_up_answers_the_same_and_only_the_mail_differs(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> None:
        await signed_up(accounts)
        await accounts.sign_up(EMAIL.upper(), "another secret phrase", "Somebody", HERE, language="de", market="de")
        with pytest.raises(SignInFailed):
            await accounts.sign_in(EMAIL, "another secret phrase", HERE)

    run(database, use)
    assert [mail["template"] for mail in the_mails(database)] == ["account_confirm", "account_exists"]


def test_an_unknown_address_and_a_wrong_password_are_refused_alike(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> list[str]:
        await signed_up(accounts)
        said = []
        for email, password in ((EMAIL, "wrong wrong wrong"), ("nobody@example.com", PASSWORD)):
            with pytest.raises(SignInFailed) as caught:
                await accounts.sign_in(email, password, HERE)
            said.append(caught.value.message)
        return said

    first, second = run(database, use)
    assert first == second


def test_after_too_many_failures_even_the_right_password_waits(database: Database) -> None:
    async def use(accounts: Accounts, clock: AClock) -> None:
        await signed_up(accounts)
        for number in range(SIGN_IN_BY_EMAIL[0]):
            with pytest.raises(SignInFailed):
                await accounts.sign_in(EMAIL, f"wrong guess {number}", f"192.0.2.{number}")
        with pytest.raises(TooManyAttempts):
            await accounts.sign_in(EMAIL, PASSWORD, HERE)
        clock.now += SIGN_IN_BY_EMAIL[1]
        await accounts.sign_in(EMAIL, PASSWORD, HERE)

    run(database, use)


def test_a_reset_link_works_once_and_ends_every_visit(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> None:
        await signed_up(accounts)
        thief = await accounts.sign_in(EMAIL, PASSWORD, HERE)
        await accounts.ask_reset(EMAIL, HERE)
        code = accounts.code_text(the_mails(database)[-1]["code_id"], CodePurpose.RESET)
        visit = await accounts.reset(code, "a new secret phrase", HERE)
        assert await accounts.session(thief.token) is None
        assert await accounts.session(visit.token) is not None
        with pytest.raises(CodeIsSpent):
            await accounts.reset(code, "yet another phrase", HERE)

    run(database, use)


def test_a_link_is_refused_when_changed_old_or_for_another_purpose(database: Database) -> None:
    async def use(accounts: Accounts, clock: AClock) -> None:
        await signed_up(accounts)
        code_id = the_mails(database)[-1]["code_id"]
        good = accounts.code_text(code_id, CodePurpose.CONFIRM)
        for bad in (good[:-1] + ("0" if good[-1] != "0" else "1"), code_id, "", "ä.ö"):
            with pytest.raises(CodeIsSpent):
                await accounts.confirm(bad, HERE)
        with pytest.raises(CodeIsSpent):
            await accounts.reset(good, "a new secret phrase", HERE)
        clock.now += timedelta(hours=24)
        with pytest.raises(CodeIsSpent):
            await accounts.confirm(good, HERE)

    run(database, use)


def test_asking_for_a_reset_of_nobody_mails_nothing(database: Database) -> None:
    run(database, lambda accounts, _clock: accounts.ask_reset("nobody@example.com", HERE))
    assert the_mails(database) == []


def test_a_visit_is_prolonged_while_it_is_used_but_not_for_ever(database: Database) -> None:
    async def use(accounts: Accounts, clock: AClock) -> int:
        await signed_up(accounts)
        token = (await accounts.sign_in(EMAIL, PASSWORD, HERE)).token
        days = 0
        while await accounts.session(token):
            clock.now += timedelta(days=10)
            days += 10
        return days

    assert run(database, use) == 90


def test_addresses_are_kept_changed_and_forgotten_by_their_owner_alone(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> None:
        await signed_up(accounts)
        owner = (await accounts.sign_in(EMAIL, PASSWORD, HERE)).session.shopper_id
        await accounts.sign_up("eve@example.com", PASSWORD, "Eve", HERE, language="en", market="us")
        eve = (await accounts.sign_in("eve@example.com", PASSWORD, HERE)).session.shopper_id
        home = AddressEntry("", "Mei Lin", "DE", "10115", "", "Berlin", ("Chausseestraße 1",), "", is_default=True)
        kept = await accounts.keep_address(owner, home)
        assert await accounts.addresses(owner) == [kept]
        with pytest.raises(AddressLimitIsReached):
            await accounts.keep_address(eve, kept)
        assert not await accounts.forget_address(eve, kept.address_id)
        assert await accounts.forget_address(owner, kept.address_id)

    run(database, use)


def test_an_account_keeps_a_bounded_number_of_addresses(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> None:
        await signed_up(accounts)
        owner = (await accounts.sign_in(EMAIL, PASSWORD, HERE)).session.shopper_id
        home = AddressEntry("", "Mei", "DE", "10115", "", "Berlin", ("Weg 1",), "")
        for _ in range(ADDRESSES_LIMIT):
            await accounts.keep_address(owner, home)
        with pytest.raises(AddressLimitIsReached):
            await accounts.keep_address(owner, home)

    run(database, use)


def test_the_export_holds_everything_and_the_erasure_leaves_nothing(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> dict[str, Any]:
        await signed_up(accounts)
        owner = (await accounts.sign_in(EMAIL, PASSWORD, HERE)).session.shopper_id
        await accounts.keep_address(owner, AddressEntry("", "Mei", "DE", "10115", "", "Berlin", ("Weg 1",), ""))
        told = await accounts.export(owner)
        with pytest.raises(SignInFailed):
            await accounts.erase(owner, "not the password")
        await accounts.erase(owner, PASSWORD)
        with pytest.raises(ShopperUnknown):
            await accounts.shopper(owner)
        await signed_up(accounts)  # the address is free again
        return told

    told = run(database, use)
    assert told["account"]["email"] == EMAIL
    assert told["addresses"][0]["lines"] == ["Weg 1"]


def test_the_database_never_holds_a_name_an_address_or_a_token_in_clear(database: Database) -> None:
    async def use(accounts: Accounts, _clock: AClock) -> str:
        await signed_up(accounts)
        visit = await accounts.sign_in(EMAIL, PASSWORD, HERE)
        await accounts.keep_address(visit.session.shopper_id, AddressEntry("", "Mei", "DE", "10115", "", "Berlin", ("Weg 1",), ""))
        return visit.token

    token = run(database, use)
    held = ""
    with database.transaction() as tx:
        for table in ("accounts_shopper", "accounts_session", "accounts_address", "accounts_code", "db_outbox"):
            rows = tx.execute(f"SELECT * FROM {table}").fetchall()
            held += "".join(
                bytes(value).decode("latin-1") if isinstance(value, bytes) else str(value) for row in rows for value in row.values()
            )
    assert not [word for word in (token, EMAIL, "Mei", "Berlin", PASSWORD, HERE) if word in held]


def test_sealing_again_lets_the_old_key_go(database: Database) -> None:
    async def first(accounts: Accounts, _clock: AClock) -> str:
        await signed_up(accounts)
        return (await accounts.sign_in(EMAIL, PASSWORD, HERE)).session.shopper_id

    owner = run(database, first, OLD_KEY)
    with database.transaction() as tx:
        assert reseal(tx, Sealer((NEW_KEY, OLD_KEY), b"i" * 32)) == 2
        assert reseal(tx, Sealer((NEW_KEY, OLD_KEY), b"i" * 32)) == 0
    assert run(database, lambda accounts, _clock: accounts.shopper(owner), NEW_KEY).email == EMAIL


@pytest.mark.parametrize("password", ["short", "1234567890", "aaaaaaaaaaaa", EMAIL, "x" * 129])
def test_a_weak_password_is_refused(database: Database, password: str) -> None:
    with pytest.raises(PasswordIsWeak):
        run(database, lambda accounts, _clock: accounts.sign_up(EMAIL, password, "Mei", HERE, language="en", market="us"))


@pytest.mark.parametrize(
    "email",
    ["", "mei", "mei@", "@example.com", "mei@example", "a b@example.com", "mei@example.com\nBcc: x@example.com", "x" * 250 + "@e.de"],
)
def test_what_is_no_address_is_refused(database: Database, email: str) -> None:
    with pytest.raises(InputIsInvalid):
        run(database, lambda accounts, _clock: accounts.sign_up(email, PASSWORD, "Mei", HERE, language="en", market="us"))
