"""What carries mails away: an SMTP server, or files in the workspace where none is named."""

from tradewind.adapters.mail.folder import FolderMailer
from tradewind.adapters.mail.smtp import SmtpMailer

__all__ = ["FolderMailer", "SmtpMailer"]
