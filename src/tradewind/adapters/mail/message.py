"""A mail as RFC 5322 writes it."""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from tradewind.kit import Clock
from tradewind.notifications import Mail, MailIsRefused


def message_of(mail: Mail, clock: Clock) -> EmailMessage:
    """Text and HTML as alternatives. The Message-ID is made of the mail's reference, so that a second copy has the same."""
    made = EmailMessage()
    try:
        made["From"] = Address(display_name=mail.sender.name, addr_spec=mail.sender.address)
        made["To"] = Address(addr_spec=mail.to)
    except (ValueError, IndexError):
        raise MailIsRefused(
            f"the address of {mail.reference} cannot be written to", hint="correct the address, or TRADEWIND_MAIL_FROM"
        ) from None
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(clock())
    domain = mail.sender.address.rpartition("@")[2]
    made["Message-ID"] = f"<{hashlib.sha256(mail.reference.encode()).hexdigest()[:32]}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    made["Content-Language"] = mail.language  # last: what begins with Content- would be taken for the text's own
    for one in mail.attachments:
        kind, _, subtype = one.content_type.partition("/")
        made.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    return made
