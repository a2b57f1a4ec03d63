"""Composes what leaves by mail: about accounts, and about orders."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import Database
    from tradewind.kit import Clock
    from tradewind.notifications import Mail, Mailer, Sender
    from tradewind.worker import NotificationWork

FORGET_SECONDS = 600


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

    async def read() -> "orders.OrderView | None":
        async with open_async_database(settings, connections=1) as held, held.transaction() as tx:
            order = await orders.store.order(tx, order_id)
            return orders.OrderView(order, tuple(await fulfillment.of_order(tx, order_id))) if order is not None else None

    view = asyncio.run(read())
    if view is None:
        return
    link = settings.public_url + order_address(load_sealer(settings, system_clock()), view.order.market, order_id)
    carrier, news = mailer(settings, system_clock), system_clock() - NEWS
    for number, happened in enumerate((one for one in view.order.timeline if one.name == event), start=1):
        if happened.at >= news:
            reference = f"order_{event}/{order_id}/{number}"
            mail = order_mail(view, happened, sender_of(settings), link, reference=reference)
            send_once(database, carrier, mail, f"order_{event}", system_clock)
