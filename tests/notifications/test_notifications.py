"""Mails: whole in every language, taken by a real SMTP server, sent once, and found again by the link they carry."""

import asyncio
import email
import email.policy
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from argon2 import PasswordHasher
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from pydantic import SecretStr

from tradewind.accounts import Accounts, Shopper
from tradewind.adapters.mail import FolderMailer, SmtpMailer
from tradewind.bootstrap.notifying import notification_work
from tradewind.db import Database, load_sealer, open_async_database, open_database
from tradewind.fulfillment import Shipment
from tradewind.kit import InputIsInvalid
from tradewind.notifications import (
    MAIL_LANGUAGES,
    MAILED,
    Mail,
    MailIsRefused,
    MailServerIsAway,
    Sender,
    account_mail,
    order_mail,
    prune,
    send_once,
)
from tradewind.orders import (
    Adjustment,
    AdjustmentStatus,
    AdjustmentType,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    OrderView,
    TimelineEntry,
)
from tradewind.settings import Settings
from tradewind.worker import notification_jobs, run_worker

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = Sender("Tradewind", "shop@example.com", "https://shop.example")
ROOM = Path(__file__).resolve().parents[2] / "src" / "tradewind" / "notifications"


def a_clock() -> datetime:
    return NOW


def a_shopper(language: str = "de", name: str = "Mei Lin", to: str = "mei@example.com") -> Shopper:
    return Shopper("shp_1", to, name, language, "de", False, NOW, None)


def a_mail(reference: str = "account_reset/cod_1", **given: Any) -> Mail:
    return account_mail(a_shopper(**given), "account_reset", SHOP, reference=reference, code="cod_1.abc")


class Kept:
    """A server's handler that keeps what it took, or answers as it was told to."""

    def __init__(self, answer: str = "250 taken") -> None:
        self.answer, self.mails = answer, list[EmailMessage]()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return self.answer


@contextmanager
def a_server(handler: Kept) -> Iterator[SmtpMailer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SmtpMailer(SecretStr(f"smtp://127.0.0.1:{port}"), a_clock)
    finally:
        controller.stop()


@pytest.mark.parametrize("language", [one for one in MAIL_LANGUAGES if one != "en"])
def test_every_text_of_a_mail_is_translated_and_none_is_left_over(language: str) -> None:
    methods = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
    found = extract_from_dir(ROOM, methods, keywords={"_": None, "gettext": None, "ngettext": (1, 2), "say": None})
    wanted = {message for _, _, message, _, _ in found if message}
    with (ROOM / f"locale/{language}/LC_MESSAGES/notifications.po").open("rb") as file:
        held = {message.id: message.string for message in read_po(file, locale=language) if message.id}
    assert set(held) == wanted
    assert all(held.values())
    assert all(set(re.findall(r"%\((\w+)\)s", key)) == set(re.findall(r"%\((\w+)\)s", text)) for key, text in held.items())


def test_text_and_html_carry_the_same_link_and_nobody_s_markup() -> None:
    mail = a_mail(name="<b>Mei</b>")
    link = "https://shop.example/de/account/reset?code=cod_1.abc"
    assert link in mail.text
    assert link in mail.html
    assert "<b>" in mail.text
    assert "<b>" not in mail.html
    assert mail.subject == "Ein neues Passwort für Tradewind"


def test_a_language_without_texts_is_served_in_english() -> None:
    assert a_mail(language="fr").subject == "A new password for Tradewind"


def test_a_real_server_takes_both_forms_in_any_script() -> None:
    handler = Kept()
    with a_server(handler) as mailer:
        mailer.send(a_mail(language="th", name="เหมย"))
    (taken,) = handler.mails
    assert (taken["To"], taken["From"], taken["Content-Language"]) == ("mei@example.com", "Tradewind <shop@example.com>", "th")
    assert "เหมย" in taken.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "เหมย" in taken.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_second_copy_can_be_recognized_by_its_id() -> None:
    handler = Kept()
    with a_server(handler) as mailer:
        for reference in ("one", "one", "two"):
            mailer.send(a_mail(reference))
    first, second, other = [mail["Message-ID"] for mail in handler.mails]
    assert first == second != other


@pytest.mark.parametrize(("answer", "error"), [("550 no such user", MailIsRefused), ("451 come again later", MailServerIsAway)])
def test_a_refusal_for_ever_differs_from_one_for_now(answer: str, error: type[Exception]) -> None:
    with a_server(Kept(answer)) as mailer, pytest.raises(error, match=answer[4:]):
        mailer.send(a_mail())


def test_a_server_that_is_away_is_told_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        mailer = SmtpMailer(SecretStr(f"smtp://me:hunter2@127.0.0.1:{probe.getsockname()[1]}"), a_clock)
        with pytest.raises(MailServerIsAway) as caught:
            mailer.send(a_mail())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("to", ["mei@example.com\nBcc: x@example.com", "nonsense", ""])
def test_an_address_cannot_smuggle_a_header(to: str) -> None:
    handler = Kept()
    with a_server(handler) as mailer, pytest.raises(MailIsRefused):
        mailer.send(a_mail(to=to))
    assert handler.mails == []


@pytest.mark.parametrize("url", ["", "smtp://", "http://example.com", "smtp://host:port"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(InputIsInvalid):
        SmtpMailer(SecretStr(url), a_clock)


def test_two_workers_send_a_mail_once(database: Database) -> None:
    handler, start, left = Kept(), Barrier(4), list[bool]()

    def work(mailer: SmtpMailer) -> None:
        start.wait()
        left.append(send_once(database, mailer, a_mail(), "account_reset", a_clock))

    with a_server(handler) as mailer:
        threads = [Thread(target=work, args=(mailer,)) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(left) == [False, False, False, True]
    assert len(handler.mails) == 1


def test_a_mail_refused_for_ever_is_not_tried_again_and_one_refused_for_now_is(database: Database) -> None:
    handler = Kept("451 later")
    with a_server(handler) as mailer:
        with pytest.raises(MailServerIsAway):
            send_once(database, mailer, a_mail("a"), "account_reset", a_clock)
        handler.answer = "550 never"
        assert not send_once(database, mailer, a_mail("b"), "account_reset", a_clock)
        handler.answer = "250 taken"
        assert send_once(database, mailer, a_mail("a"), "account_reset", a_clock)
        assert not send_once(database, mailer, a_mail("b"), "account_reset", a_clock)


def test_the_mail_that_the_worker_writes_confirms_the_account(workspace: Settings) -> None:
    def with_accounts(use: Callable[[Accounts], Any]) -> Any:
        async def main() -> Any:
            async with open_async_database(workspace) as database:
                quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
                return await use(Accounts(database, load_sealer(workspace, NOW), lambda: datetime.now(UTC), hasher=quick))

        return asyncio.run(main())

    with open_database(workspace):  # one server for all that follows
        with_accounts(lambda a: a.sign_up("mei@example.com", "kettle harbour", "Mei", "192.0.2.1", language="zh", market="us"))
        run_worker(workspace, blueprints={"notifications": notification_jobs(notification_work())}, once=True)
        (file,) = (workspace.home / "mails").glob("*.eml")
        text = email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
        code = re.search(r"/us/account/confirm\?code=(\S+)", text)
        assert code is not None
        shopper_id = with_accounts(lambda a: a.confirm(code.group(1), "192.0.2.1"))
        assert with_accounts(lambda a: a.shopper(shopper_id)).confirmed_at is not None


def test_files_stand_in_for_a_server(tmp_path: Path) -> None:
    FolderMailer(tmp_path / "mails", a_clock).send(a_mail())
    (file,) = (tmp_path / "mails").iterdir()
    assert b"Subject: Ein neues Passwort" in file.read_bytes() or b"=?utf-8?" in file.read_bytes()


def an_order(event: OrderEvent, language: str = "de", detail: dict[str, str] | None = None, **given: Any) -> Mail:
    line = OrderLine("line_1", "S1", "S1", "Kessel <b>", None, 4999, 9998, 0, 9998, 0, "SZX-1", "SZX-1.de", 2, 2)
    facts = {
        "language": language,
        "buyer": {"name": "Mei Lin"},
        "delivery": {"earliest": "2026-11-30", "latest": "2026-12-04"},
        "totals": [["subtotal", 9998], ["total", 9998]],
        "policies": {"return_days": 14},
    }
    back = Adjustment("adj_1", AdjustmentType.REFUND, AdjustmentStatus.COMPLETED, -4999, {}, "broken", "mei", NOW)
    order = Order(
        "ord_1",
        100001,
        "chk_1",
        "pay_1",
        "default",
        "de",
        OrderStatus.OPEN,
        None,
        "EUR",
        9998,
        "mei@example.com",
        (line,),
        facts,
        NOW,
        NOW,
        (back, replace(back, adjustment_id="adj_2", amount=-1000)),
    )
    shipment = Shipment("shp_1", "ord_1", "DHL", "0034", "", (), NOW)
    view = OrderView(replace(order, **given), (shipment, replace(shipment, shipment_id="shp_2", tracking="0035")))
    happened = TimelineEntry(event, detail or {"shipment_id": "shp_1", "adjustment_id": "adj_1"}, NOW)
    return order_mail(view, happened, SHOP, "https://shop.example/de/orders/ord_1?t=x", reference="r")


def test_the_confirmation_says_what_was_bought_for_how_much_and_when_it_comes() -> None:
    mail = an_order(OrderEvent.CREATED)
    assert mail.subject == "Ihre Bestellung 100001 bei Tradewind"
    assert all(part in mail.text for part in ("2 × Kessel <b>", "99,98", "30. Nov.", "4. Dez.", "14 Tagen", "/de/orders/ord_1?t=x"))
    assert "Kessel <b>" not in mail.html


def test_every_mailed_event_has_words_of_its_own_in_every_language() -> None:
    for language in MAIL_LANGUAGES:
        assert len({an_order(event, language).subject for event in MAILED}) == len(MAILED)


def test_a_shipment_s_mail_names_its_parcel_and_a_refund_s_its_amount() -> None:
    assert "DHL 0034" in an_order(OrderEvent.SHIPPED).text
    assert "49,99" in an_order(OrderEvent.REFUNDED).text


def test_a_mail_is_about_its_own_parcel_and_its_own_money_whatever_happened_since() -> None:
    second = an_order(OrderEvent.SHIPPED, detail={"shipment_id": "shp_2"})
    assert "DHL 0035" in second.text
    assert "0034" not in second.text
    assert "10,00" in an_order(OrderEvent.REFUNDED, detail={"adjustment_id": "adj_2"}).text


def test_a_return_s_mail_names_the_money_that_went_back() -> None:
    mail = an_order(OrderEvent.RETURNED)
    assert mail.subject == "Ihre Rücksendung zur Bestellung 100001"
    assert "49,99" in mail.text
    assert "49,99" in mail.html


def test_which_mails_went_out_is_forgotten_in_time(database: Database) -> None:
    with a_server(Kept()) as mailer:
        send_once(database, mailer, a_mail("a"), "account_reset", a_clock)
    with database.transaction() as tx:
        assert (prune(tx, NOW, timedelta(days=90)), prune(tx, NOW + timedelta(days=91), timedelta(days=90))) == (0, 1)


def test_an_order_on_hold_promises_no_day() -> None:
    mail = an_order(OrderEvent.CREATED, hold="risk")
    assert "Wir prüfen sie" in mail.text
    assert "30. Nov." not in mail.text
