"""What can go wrong with a mail. Every class is a sentence.

TradewindError
├── MailIsRefused: trying again would not help
└── MailServerIsAway: the job tries again
"""

from tradewind.kit import TradewindError


class MailIsRefused(TradewindError):
    """The mail server will never take this mail: the address does not exist, or the sender may not send."""

    code = "mail_refused"
    http_status = 502


class MailServerIsAway(TradewindError):
    """The mail server does not answer, or asks to come again later."""

    code = "mail_server_away"
    http_status = 503
