"""Composes what leaves by mail: about accounts, and about orders."""

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import AsyncDatabase, Database
    from tradewind.kit import Clock
    from tradewind.notifications import Attachment, Mail, Mailer, Sender
    from tradewind.orders import OrderView, TimelineEntry
    from tradewind.worker import NotificationWork

FORGET_SECONDS = 600
_log = structlog.get_logger("tradewind.notifications")


def mailer(settings: Settings, clock: "Clock") -> "Mailer":
    """What carries mails away: the SMTP server of the settings, else files in the workspace."""
    from tradewind.adapters.mail import FolderMailer, SmtpMailer
    from tradewind.settings import secret

    if settings.mail_server is None and settings.mail_server_file is None:
        return FolderMailer(settings.home / "mails", clock)
    return SmtpMailer(secret(settings.mail_server, settings.mail_server_file, "mail_server"), clock)


def notification_work() -> "NotificationWork":
    """What the worker sends to shoppers."""
    import asyncio

    from tradewind.accounts import Accounts, CodePurpose, ShopperUnknown
    from tradewind.db import load_sealer, open_async_database
    from tradewind.kit import system_clock
    from tradewind.notifications import account_mail, prune, send_once, webhooks
    from tradewind.worker import AccountMailJob, NotificationWork

    async def written(settings: Settings, job: AccountMailJob) -> "Mail":
        async with open_async_database(settings) as database:
            accounts = Accounts(database, load_sealer(settings, system_clock()), system_clock)
            code = accounts.code_text(job.code_id, CodePurpose(job.template.removeprefix("account_"))) if job.code_id else ""
            shopper = await accounts.shopper(job.shopper_id)
            return account_mail(shopper, job.template, sender_of(settings), reference=job.reference, code=code)

    def send(settings: Settings, database: "Database", job: AccountMailJob) -> bool:
        try:
            mail = asyncio.run(written(settings, job))
        except ShopperUnknown:  # erased meanwhile
            return False
        return send_once(database, mailer(settings, system_clock), mail, job.template, system_clock)

    def forget(settings: Settings, database: "Database") -> int:
        now = system_clock()
        with database.transaction(timeout_seconds=FORGET_SECONDS) as tx:
            mails = prune(tx, now, timedelta(days=settings.keep_mails_days))
            return mails + webhooks.prune(tx, now, timedelta(days=settings.keep_webhooks_days))

    return NotificationWork(send, forget)


def sender_of(settings: Settings) -> "Sender":
    """Who writes."""
    from tradewind.notifications import Sender

    return Sender(settings.store_name, settings.mail_from, settings.public_url)


def mail_about_order(settings: Settings, database: "Database", order_id: str, event: str) -> None:
    """Hears of an order's events, and writes to the buyer about those that a buyer wants to know: a mail for each shipment, each refund."""
    import asyncio

    from tradewind import fulfillment, orders
    from tradewind.db import load_sealer, open_async_database
    from tradewind.kit import system_clock
    from tradewind.notifications import MAILED, NEWS, order_mail, send_once
    from tradewind.web.shopping import order_address

    if event not in MAILED:
        return

    carrier, news = mailer(settings, system_clock), system_clock() - NEWS

    async def read() -> "tuple[orders.OrderView, list[tuple[Attachment, ...]]] | None":
        async with open_async_database(settings, connections=1) as held:
            async with held.transaction() as tx:
                order = await orders.store.order(tx, order_id)
                shipments = await fulfillment.of_order(tx, order_id)
            if order is None:
                return None
            view = orders.OrderView(order, tuple(shipments))
            told = [one for one in order.timeline if one.name == event]
            return view, [await papers_for(settings, held, view, one) if one.at >= news else () for one in told]

    found = asyncio.run(read())
    if found is None:
        return
    view, papers = found
    link = settings.public_url + order_address(load_sealer(settings, system_clock()), view.order.market, order_id)
    for number, happened in enumerate((one for one in view.order.timeline if one.name == event), start=1):
        if happened.at >= news:
            reference = f"order_{event}/{order_id}/{number}"
            mail = order_mail(view, happened, sender_of(settings), link, reference=reference, attachments=papers[number - 1])
            send_once(database, carrier, mail, f"order_{event}", system_clock)


async def papers_for(
    settings: Settings, database: "AsyncDatabase", view: "OrderView", happened: "TimelineEntry"
) -> "tuple[Attachment, ...]":
    """The invoice when goods leave, the credit note when money went back; a paper that cannot be written now stays behind the order's link."""
    from tradewind.bootstrap.invoicing import make_books
    from tradewind.kit import TradewindError, system_clock
    from tradewind.notifications import Attachment

    books, order_id = make_books(settings, database, system_clock), view.order.order_id
    try:
        if happened.name == "shipped":
            made = await books.invoice(order_id)
        elif happened.name in {"refunded", "returned"} and view.shipments:
            await books.invoice(order_id)
            made = await books.credit_note(order_id, str(happened.detail.get("adjustment_id", "")))
        else:
            return ()
    except TradewindError as error:
        _log.warning("mail goes without its paper", order_id=order_id, reason=error.message, next=error.hint)
        return ()
    return (Attachment(f"{made.number}.pdf", "application/pdf", made.content),)
