"""Signing keys: one when it is needed, the next published before it signs, the last published after, and none readable in the database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from tradewind.bootstrap.signing import make_keyring
from tradewind.cli.ucp import app
from tradewind.db import Database, load_sealer, open_async_database, rotate_keys
from tradewind.settings import Settings
from tradewind.ucp import key_store
from tradewind.ucp.errors import SigningKeyExists
from tradewind.ucp.keys import GRACE, KEPT, PUBLISHED_BEFORE, Keyring, state_of
from tradewind.ucp.signing import Message, signed_headers, verify

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def with_keys(settings: Settings, use: Callable[[Keyring, Time], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        time = Time()
        async with open_async_database(settings, connections=2) as database:
            return await use(make_keyring(settings, database, time), time)

    return asyncio.run(main())


def test_the_first_key_is_made_when_it_is_needed_and_found_by_everybody(workspace: Settings) -> None:
    async def use(keyring: Keyring, _time: Time) -> None:
        await keyring.load()
        signed = {"signature-input": "", **signed_headers(Message("GET", "https://a.example/x", {}), keyring.signing(), START)}
        assert len(keyring.public_keys()) == 1
        published = {one["kid"]: one for one in keyring.public_keys()}
        assert verify(Message("GET", "https://a.example/x", signed), published, START) == keyring.signing().kid
        first = keyring.signing().kid
        await keyring.load()
        assert keyring.signing().kid == first

    with_keys(workspace, use)


def test_two_processes_that_need_the_first_key_at_once_make_one(workspace: Settings) -> None:
    async def use(keyring: Keyring, _time: Time) -> None:
        await asyncio.gather(*(keyring.load() for _ in range(4)))
        assert len(await keyring.all()) == 1

    with_keys(workspace, use)


def test_a_rotation_publishes_before_it_signs_and_keeps_publishing_after(workspace: Settings) -> None:
    async def use(keyring: Keyring, time: Time) -> None:
        await keyring.load()
        old = keyring.signing().kid
        new = (await keyring.rotate("ES256", "anna")).kid
        seen = []
        for later in (
            timedelta(0),
            PUBLISHED_BEFORE - SECOND,
            PUBLISHED_BEFORE,
            PUBLISHED_BEFORE + GRACE - SECOND,
            PUBLISHED_BEFORE + GRACE,
        ):
            time.now = START + later
            await keyring.load()
            seen.append((keyring.signing().kid, {one["kid"] for one in keyring.public_keys()}))
        assert seen == [(old, {old, new}), (old, {old, new}), (new, {old, new}), (new, {old, new}), (new, {new})]

    with_keys(workspace, use)


def test_a_grace_is_never_shorter_than_the_protocol_s(workspace: Settings) -> None:
    async def use(keyring: Keyring, _time: Time) -> None:
        await keyring.load()
        await keyring.rotate("ES384", "anna", grace=timedelta(0))
        _, old = await keyring.all()
        assert old.retires_at == START + PUBLISHED_BEFORE + GRACE

    with_keys(workspace, use)


def test_compromised_keys_are_gone_at_once(workspace: Settings) -> None:
    async def use(keyring: Keyring, time: Time) -> None:
        await keyring.load()
        await keyring.rotate("ES256", "anna")
        made = await keyring.rotate("ES256", "anna", compromised=True)
        await keyring.load()
        assert [one["kid"] for one in keyring.public_keys()] == [keyring.signing().kid] == [made.kid]
        found = await keyring.all()
        assert [state_of(one, found, time.now) for one in found if one.kid != made.kid] == ["gone", "gone"]

    with_keys(workspace, use)


def test_a_running_process_hears_of_a_rotation_within_a_minute(workspace: Settings) -> None:
    async def use(keyring: Keyring, time: Time) -> None:
        await keyring.load()
        await make_keyring(workspace, keyring._database, time).rotate("ES256", "anna")
        assert len(keyring.public_keys()) == 1
        time.now += KEPT + SECOND
        keyring.public_keys()
        assert keyring._reading is not None
        await keyring._reading
        assert len(keyring.public_keys()) == 2

    with_keys(workspace, use)


def test_a_second_first_key_is_refused(workspace: Settings) -> None:
    async def use(keyring: Keyring, _time: Time) -> None:
        await keyring.first("ES256", "anna")
        with pytest.raises(SigningKeyExists):
            await keyring.first("ES256", "anna")

    with_keys(workspace, use)


def test_private_halves_are_sealed_sealed_again_and_removed_in_the_end(workspace: Settings, database: Database) -> None:
    async def use(keyring: Keyring, _time: Time) -> None:
        await keyring.load()
        await keyring.rotate("ES256", "anna", compromised=True)

    with_keys(workspace, use)
    rotate_keys(workspace, START)
    with database.transaction() as tx:
        assert b"PRIVATE" not in b"".join(bytes(row["sealed"]) for row in tx.execute("SELECT sealed FROM ucp_key").fetchall())
        sealer = load_sealer(workspace, START)
        assert (key_store.reseal(tx, sealer), key_store.reseal(tx, sealer)) == (2, 0)
        assert (key_store.prune(tx, START), key_store.prune(tx, START)) == (1, 0)


def test_the_commands_make_rotate_and_list(workspace: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    assert workspace.database_url is not None
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", workspace.database_url.get_secret_value())
    run = CliRunner().invoke
    made = json.loads(run(app, ["keys", "new", "--json"]).output)
    assert run(app, ["keys", "new"]).exit_code == 1
    assert "signs from" in run(app, ["keys", "rotate", "--algorithm", "ES384"]).output
    listed = json.loads(run(app, ["keys", "list", "--json"]).output)
    assert [(one["algorithm"], one["state"]) for one in listed] == [("ES384", "published"), ("ES256", "signs")]
    assert listed[1]["kid"] == made["kid"]
    assert "PRIVATE" not in run(app, ["keys", "list"]).output
