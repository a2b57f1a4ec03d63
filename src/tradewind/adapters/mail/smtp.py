"""Mails by SMTP submission: `smtp://user:password@host:587` with STARTTLS, `smtps://…:465` with TLS from the start (RFC 8314)."""

import smtplib
import ssl
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from tradewind.adapters.mail.message import message_of
from tradewind.kit import Clock, InputIsInvalid
from tradewind.notifications import Mail, MailIsRefused, MailServerIsAway

TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}
_LOCAL = {"127.0.0.1", "::1", "localhost"}
_FOR_EVER = 500  # SMTP's permanent answers are 5xx (RFC 5321, section 4.2.1)


class SmtpMailer:
    """Sends by the server of `url`. Without TLS only to this machine."""

    def __init__(self, url: SecretStr, clock: Clock, *, context: ssl.SSLContext | None = None) -> None:
        try:
            parts = urlsplit(url.get_secret_value())
            self._host, self._port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            self._host, self._port, parts = "", 0, urlsplit("")
        if parts.scheme not in _PORTS or not self._host:
            raise InputIsInvalid("TRADEWIND_MAIL_SERVER is not the address of a mail server", hint="smtp://user:password@host:587")
        self._is_tls = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._context = context or ssl.create_default_context()
        self._clock = clock

    def send(self, mail: Mail) -> None:
        message = message_of(mail, self._clock)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._failure(mail, code, said) from None
        except smtplib.SMTPResponseException as error:
            raise self._failure(mail, error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            raise MailIsRefused(
                f"{self._host} does not take this address, or offers no sign-in", hint="use the address of a submission server"
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerIsAway(
                f"the mail server {self._host}:{self._port} does not answer: {error}", hint="the mail is kept and tried again"
            ) from None

    def _connected(self) -> smtplib.SMTP:
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            self._prepare(server)
        except BaseException:
            with suppress(smtplib.SMTPException, OSError):
                server.close()
            raise
        return server

    def _prepare(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if not self._is_tls and server.has_extn("starttls"):
            server.starttls(context=self._context)
            server.ehlo()
        elif not self._is_tls and self._host not in _LOCAL:
            raise MailServerIsAway(f"{self._host} offers no TLS, and mails do not leave without it", hint="use smtps:// or another server")
        if self._user:
            server.login(self._user, self._password)

    def _failure(self, mail: Mail, code: int, said: bytes | str) -> MailIsRefused | MailServerIsAway:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        told = f"{self._host} answers {code} to {mail.reference}: {words[:200]}"
        if code >= _FOR_EVER:
            return MailIsRefused(told, hint="correct the address, the sender or the sign-in; this mail is not tried again")
        return MailServerIsAway(told, hint="the mail is kept and tried again")
