"""Personal data opens only with its key, in its own row, unchanged; keys change without losing anything."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tradewind.db import DataKey, DataKeysAreInvalid, Sealer, SealIsBroken, load_sealer, rotate_keys
from tradewind.settings import Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def a_sealer(*names: str) -> Sealer:
    keys = [DataKey((name * 16)[:16], (name.encode() * 32)[:32], NOW.isoformat()) for name in names or ("a",)]
    return Sealer(keys, b"i" * 32)


@given(st.text(), st.text(min_size=1, max_size=40))
def test_what_was_sealed_opens_with_the_same_context(text: str, context: str) -> None:
    sealer = a_sealer()
    assert sealer.open(sealer.seal(text, context), context) == text


@given(st.text(), st.integers(min_value=0))
def test_a_changed_byte_never_opens(text: str, place: int) -> None:
    sealer = a_sealer()
    sealed = bytearray(sealer.seal(text, "shopper.email/1"))
    sealed[place % len(sealed)] ^= 1
    with pytest.raises(SealIsBroken):
        sealer.open(bytes(sealed), "shopper.email/1")


def test_a_value_copied_to_another_row_does_not_open() -> None:
    sealer = a_sealer()
    with pytest.raises(SealIsBroken, match="belongs elsewhere"):
        sealer.open(sealer.seal("Mei", "shopper.name/1"), "shopper.name/2")


def test_equal_texts_are_sealed_differently_but_have_one_digest() -> None:
    sealer = a_sealer()
    assert sealer.seal("Mei", "x") != sealer.seal("Mei", "x")
    assert sealer.digest("mei@example.com", "email") == a_sealer("b").digest("mei@example.com", "email")
    assert sealer.digest("mei@example.com", "email") != sealer.digest("mei@example.com", "phone")


def test_after_a_rotation_old_values_open_and_are_told_apart() -> None:
    old = a_sealer("a")
    both, sealed = a_sealer("b", "a"), old.seal("Mei", "x")
    assert both.open(sealed, "x") == "Mei"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal("Mei", "x"))


def test_a_lost_key_is_named() -> None:
    with pytest.raises(SealIsBroken, match="aaaaaaaaaaaaaaaa, which is not held"):
        a_sealer("b").open(a_sealer("a").seal("Mei", "x"), "x")


def test_the_workspace_makes_its_keys_once_and_keeps_them_to_its_owner(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    sealed = load_sealer(settings, NOW).seal("Mei", "x")
    assert load_sealer(settings, NOW).open(sealed, "x") == "Mei"
    assert (tmp_path / "data-keys.json").stat().st_mode & 0o777 == 0o600


def test_rotating_keeps_the_old_keys_and_the_digests(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    before = load_sealer(settings, NOW)
    sealed, digest = before.seal("Mei", "x"), before.digest("m", "email")
    made = rotate_keys(settings, NOW)
    after = load_sealer(settings, NOW)
    assert [one.name for one in after.keys] == [made.name, before.keys[0].name]
    assert (after.open(sealed, "x"), after.digest("m", "email")) == ("Mei", digest)


def test_keys_may_come_from_the_environment_and_stay_there(tmp_path: Path) -> None:
    load_sealer(Settings(home=tmp_path), NOW)
    text = (tmp_path / "data-keys.json").read_text()
    settings = Settings(home=tmp_path / "other", data_keys=SecretStr(text))
    assert load_sealer(settings, NOW).keys[0].name == json.loads(text)["keys"][0]["name"]
    with pytest.raises(DataKeysAreInvalid, match="no command can add one"):
        rotate_keys(settings, NOW)


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"index": "00", "keys": [{"name": "ab", "key": "cd", "since": "x"}]}'])
def test_a_broken_key_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text or "nonsense")
    with pytest.raises(DataKeysAreInvalid):
        load_sealer(Settings(home=tmp_path, data_keys_file=file), NOW)


def test_a_key_never_shows_itself() -> None:
    assert "6161" not in repr(a_sealer("a").keys[0])
    assert "aaaa" * 9 not in repr(a_sealer("a").keys[0])
