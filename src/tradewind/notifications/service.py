"""Mails leave once: what was sent is remembered, what was refused for ever is told, what failed for now is tried again by its job."""

from datetime import timedelta

import structlog

from tradewind.accounts import CodePurpose, Shopper
from tradewind.db import Database
from tradewind.kit import Clock
from tradewind.notifications import store
from tradewind.notifications.errors import MailIsRefused
from tradewind.notifications.model import Mail, Sender
from tradewind.notifications.ports import Mailer
from tradewind.notifications.rules import compose

_log = structlog.get_logger("tradewind.notifications")
# What happened longer ago is no news: a worker that was away for a week writes nothing about it, and a pruned table repeats nothing.
NEWS = timedelta(days=7)
_PAGES = {CodePurpose.CONFIRM: "confirm", CodePurpose.RESET: "reset"}


def send_once(database: Database, mailer: Mailer, mail: Mail, template: str, clock: Clock) -> bool:
    """Sends the mail unless it went out before; whether it did now. MailServerIsAway passes on to the job, which comes again.

    The transaction is open while the server answers, so that two workers never send one mail; a crash in between can double it,
    with the same Message-ID.
    """
    with database.transaction() as tx:
        if not store.claim(tx, mail.reference):
            return False
        try:
            mailer.send(mail)
        except MailIsRefused as error:
            store.remember(tx, mail.reference, template, "refused", clock())
            _log.error("mail refused", reference=mail.reference, template=template, reason=error.message)
            return False
        store.remember(tx, mail.reference, template, "sent", clock())
        return True


def account_mail(shopper: Shopper, template: str, sender: Sender, *, reference: str, code: str = "") -> Mail:
    """The mail about an account: `account_confirm`, `account_reset` or `account_exists`."""
    purpose = CodePurpose(template.removeprefix("account_")) if code else None
    page = f"account/{_PAGES[purpose]}?code={code}" if purpose else "account/sign-in"
    country = shopper.market.upper()
    return compose(
        template,
        shopper.email,
        reference,
        sender,
        language=shopper.language,
        country=country,
        name=shopper.name,
        link=f"{sender.public_url}/{shopper.market}/{page}",
    )
