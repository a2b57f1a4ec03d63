"""Which mails went out, in PostgreSQL."""

from datetime import datetime

from tradewind.db import Transaction, locks


def claim(tx: Transaction, reference: str) -> bool:
    """Whether this mail is still to be sent; whoever asks second waits for the first."""
    locks.lock(tx, f"mail {reference}")
    return tx.execute("SELECT 1 FROM notifications_mail WHERE reference = %s", (reference,)).fetchone() is None


def remember(tx: Transaction, reference: str, template: str, outcome: str, at: datetime) -> None:
    """The mail is done with: "sent" or "refused"."""
    tx.execute(
        "INSERT INTO notifications_mail (reference, template, outcome, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (reference, template, outcome, at),
    )
