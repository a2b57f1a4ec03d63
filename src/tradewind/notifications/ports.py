"""What carries a mail away."""

from typing import Protocol

from tradewind.notifications.model import Mail


class Mailer(Protocol):
    """Hands a mail over, or raises MailIsRefused (for ever) or MailServerIsAway (for now)."""

    def send(self, mail: Mail) -> None: ...
