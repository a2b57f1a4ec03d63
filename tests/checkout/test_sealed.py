"""Who bought, and where the parcel goes, stands nowhere in the database in clear; it is found, told, forgotten and sealed anew."""

import json
import os
import subprocess
from typing import Any

import pytest
from counter import ANNA, NEW_YORK, Counter, open_counter

from tradewind.bootstrap import reseal
from tradewind.checkout import CreateSession, WantedLine, as_json, session_from
from tradewind.db import SealIsBroken, load_sealer, rotate_keys, sealer_of
from tradewind.db.programs import installed_programs
from tradewind.kit import fixed_clock
from tradewind.orders import Orders, OrderView
from tradewind.settings import Settings

PERSON = ("anna@example.com", "Anna Schmidt", "350 5th Ave", "212 555 0100")


def bought(counter: Counter) -> OrderView:
    done = counter.buy()
    assert done.order_id is not None
    return counter.run(orders(counter).find(done.order_id))


def orders(counter: Counter) -> Orders:
    return Orders(counter.database, counter.payments, counter.clock)


def dump(settings: Settings) -> str:
    address = settings.database_url
    assert address is not None
    asked = [str(installed_programs() / "pg_dump"), "--data-only", "--inserts", address.get_secret_value()]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout


def test_a_dump_after_a_purchase_names_nobody(counter: Counter, workspace: Settings) -> None:
    cart = counter.run(counter.sessions.create(CreateSession("us", (WantedLine("S1", 1),), buyer=ANNA, destination=NEW_YORK), "k"))
    counter.update(cart)
    number = bought(counter).order.number
    text = dump(workspace)
    assert str(number) in text
    assert [one for one in PERSON if one.casefold() in text.casefold()] == []


def test_an_order_is_found_by_its_e_mail_in_any_case(counter: Counter) -> None:
    order = bought(counter).order
    assert (order.email, order.facts["buyer"]["name"], order.facts["destination"]["city"]) == (ANNA.email, ANNA.name, "New York")
    for asked, found in (("Anna@Example.com ", [order.number]), ("bob@example.com", [])):
        assert [one.number for one in counter.run(orders(counter).newest(email=asked))] == found


def test_a_session_sealed_for_one_row_does_not_open_in_another(counter: Counter) -> None:
    first, second = counter.ready(), counter.ready()
    counter.rows(
        "UPDATE checkout_session SET body = body || jsonb_build_object('sealed',"
        " (SELECT body -> 'sealed' FROM checkout_session WHERE session_id = %s)) WHERE session_id = %s RETURNING 1",
        first.session_id,
        second.session_id,
    )
    with pytest.raises(SealIsBroken):
        counter.get(second)


def test_after_a_rotation_everything_is_sealed_anew_and_the_old_key_may_go(workspace: Settings) -> None:
    with open_counter(workspace) as counter:
        open_session, order = counter.ready(), bought(counter).order
    old = rotate_keys(workspace, order.placed_at)
    assert reseal(workspace, fixed_clock(order.placed_at)) >= 3
    assert reseal(workspace, fixed_clock(order.placed_at)) == 0
    held = json.loads((workspace.home / "data-keys.json").read_text("utf-8"))
    held["keys"] = [one for one in held["keys"] if one["name"] == old.name]
    (workspace.home / "data-keys.json").write_text(json.dumps(held), "utf-8")
    with open_counter(workspace, ()) as counter:
        assert counter.get(open_session).buyer == ANNA
        assert counter.run(orders(counter).find(order.order_id)).order == order


def test_what_was_written_in_clear_before_is_read_and_sealed_by_the_next_reseal(counter: Counter, workspace: Settings) -> None:
    session, order = counter.ready(), bought(counter).order
    clear = json.dumps(as_json(session))
    counter.rows("UPDATE checkout_session SET body = %s::jsonb WHERE session_id = %s RETURNING 1", clear, session.session_id)
    counter.rows(
        "UPDATE orders_order SET email = %s, email_digest = NULL, body = (body - 'sealed') || %s::jsonb RETURNING 1",
        ANNA.email,
        json.dumps({name: order.facts[name] for name in ("buyer", "destination")}),
    )
    assert counter.get(session) == session
    assert [one.order_id for one in counter.run(orders(counter).newest(email=ANNA.email))] == [order.order_id]
    assert reseal(workspace, counter.clock) == 2
    assert [one for one in PERSON if one in dump(workspace)] == []
    assert counter.run(orders(counter).find(order.order_id)).order == order


def test_a_guest_is_told_everything_and_forgotten_when_the_order_is_over(counter: Counter) -> None:
    order, room = bought(counter).order, orders(counter)
    (told,) = counter.run(room.export_person("ANNA@example.com"))
    assert (told["email"], told["facts"]["destination"]["lines"], len(told["lines"])) == (ANNA.email, ["350 5th Ave"], 2)
    assert counter.run(room.forget_person(ANNA.email, "ben")) == (0, 1)
    counter.run(room.cancel(order.order_id, "x", "ben"))
    assert counter.run(room.forget_person(ANNA.email, "ben")) == (1, 0)
    assert counter.run(room.export_person(ANNA.email)) == []
    kept = counter.run(room.find(order.order_id)).order
    assert (kept.email, kept.facts["buyer"], kept.facts["destination"]["name"]) == ("", {}, "Anna Schmidt")
    assert "phone" not in kept.facts["destination"]


def test_an_old_invoice_forgets_its_buyer(counter: Counter) -> None:
    from tradewind.orders import forget_old

    order, room = bought(counter).order, orders(counter)
    counter.run(room.cancel(order.order_id, "x", "ben"))

    def years_later(years: int) -> int:
        with counter.sync.transaction() as tx:
            return forget_old(tx, order.placed_at.replace(year=order.placed_at.year + years))

    assert (years_later(9), years_later(11), years_later(11)) == (0, 1, 0)
    assert counter.run(room.find(order.order_id)).order.facts["destination"] == {}


def test_a_session_without_keys_is_stored_in_clear_as_before(counter: Counter) -> None:
    session = counter.ready()
    assert session_from(as_json(session)) == session
    with pytest.raises(SealIsBroken):
        session_from({**as_json(session), "sealed": "x"})


def test_sealing_and_opening_a_session_costs_little(counter: Counter) -> None:
    from tradewind.checkout.codec import dumped

    async def keys() -> Any:
        async with counter.database.statements() as tx:
            return sealer_of(tx)

    session, sealer, rounds = counter.ready(), counter.run(keys()), 300
    took = {}
    for given in (None, sealer):
        began = os.times().user
        for _ in range(rounds):
            session_from(json.loads(dumped(session, given)), given)
        took[given is not None] = (os.times().user - began) * 1000 / rounds
    assert took[True] - took[False] < 0.3  # a read and a write; the limit is 0.15 ms each


def test_keys_are_those_of_the_workspace(counter: Counter, workspace: Settings) -> None:
    async def name() -> Any:
        async with counter.database.statements() as tx:
            found = sealer_of(tx)
            return found.keys[0].name if found else None

    assert counter.run(name()) == load_sealer(workspace, counter.clock()).keys[0].name
