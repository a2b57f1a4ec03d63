"""Composes what leaves by mail: about accounts, and about orders."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import Database
    from tradewind.kit import Clock
    from tradewind.notifications import Mail, Mailer, Sender
    from tradewind.worker import NotificationWork


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
    from tradewind.notifications import account_mail, send_once
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

    return NotificationWork(send)


def sender_of(settings: Settings) -> "Sender":
    """Who writes."""
    from tradewind.notifications import Sender

    return Sender(settings.store_name, settings.mail_from, settings.public_url)


def mail_about_order(settings: Settings, database: "Database", order_id: str, event: str) -> None:
    """Hears of an order's events, and writes to the buyer about those that a buyer wants to know."""
    import asyncio

    from tradewind import fulfillment, orders
    from tradewind.db import load_sealer, open_async_database
    from tradewind.kit import system_clock
    from tradewind.notifications import MAILED, order_mail, send_once
    from tradewind.web.shopping import order_address

    if event not in MAILED:
        return

    async def written() -> "Mail | None":
        async with open_async_database(settings, connections=1) as held, held.transaction() as tx:
            order = await orders.store.order(tx, order_id)
            shipments = await fulfillment.of_order(tx, order_id)
        if order is None:
            return None
        view = orders.OrderView(order, tuple(shipments))
        link = settings.public_url + order_address(load_sealer(settings, system_clock()), order.market, order_id)
        # Several shipments or refunds of one order are several mails.
        happened = sum(one.name == event for one in order.timeline)
        reference = f"order_{event}/{order_id}/{happened}"
        return order_mail(view, orders.OrderEvent(event), sender_of(settings), link, reference=reference)

    mail = asyncio.run(written())
    if mail is not None:
        send_once(database, mailer(settings, system_clock), mail, f"order_{event}", system_clock)
