"""What leaves for shoppers by mail: written from templates in their language, sent once, through a port."""

from tradewind.notifications.errors import MailIsRefused, MailServerIsAway
from tradewind.notifications.model import Attachment, Mail, Sender
from tradewind.notifications.ordering import MAILED, order_mail
from tradewind.notifications.ports import Mailer
from tradewind.notifications.rules import MAIL_LANGUAGES, compose
from tradewind.notifications.service import NEWS, account_mail, send_once
from tradewind.notifications.store import prune

__all__ = [
    "MAILED",
    "MAIL_LANGUAGES",
    "NEWS",
    "Attachment",
    "Mail",
    "MailIsRefused",
    "MailServerIsAway",
    "Mailer",
    "Sender",
    "account_mail",
    "compose",
    "order_mail",
    "prune",
    "send_once",
]
