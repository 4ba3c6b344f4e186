"""E-mail by SMTP: STARTTLS (default), TLS or, on a trusted network only, none.

``Message-ID`` is made of the message's stable id, so that mail programs fold repeats. One
connection per message: alerts are few, and a kept connection is one more thing that breaks.
"""

import asyncio
import base64
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.header import Header
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from server.config import Email, SmtpSecurity
from server.transports.message import GiveUpError, Message, RetryError

_TIMEOUT_S: Final = 15.0
_PERMANENT: Final = 500
_SIGNED_IN: Final = 235

_Refused = dict[str, tuple[int, bytes]]
"""Addresses, and what the server said to each."""


class EmailTransport:
    """Mails to the configured addresses, or to a message's own."""

    def __init__(self, config: Email) -> None:
        self._config = config

    async def send(self, message: Message) -> str:
        """Send one mail to all of its addresses."""
        to = message.to or self._config.to
        if not to:
            raise GiveUpError("no address: neither the receiver nor the channel has one")
        try:
            mail = compose(message, sender=self._config.sender, to=to)
        except (ValueError, AttributeError) as error:  # a line break; "x@[y.z" (CPython 3.11)
            raise GiveUpError("an address can't stand in a mail") from error
        try:
            refused = await asyncio.to_thread(self._deliver, mail)
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= _PERMANENT for code, _ in error.recipients.values()):
                raise GiveUpError(
                    f"every address was refused: {_first(error.recipients)}"
                ) from error
            raise RetryError(
                f"the addresses were not taken now: {_first(error.recipients)}"
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise RetryError(f"the mail server refuses the password ({error.smtp_code})") from error
        except smtplib.SMTPResponseException as error:
            why = f"the mail server said {error.smtp_code}"
            if error.smtp_code >= _PERMANENT:
                raise GiveUpError(why) from error
            raise RetryError(why) from error
        except (smtplib.SMTPException, OSError) as error:
            raise RetryError(f"the mail server can't be reached: {error}") from error
        but = f", but not {_first(refused)}" if refused else ""
        return f"taken by {self._config.smtp}{but}"

    async def close(self) -> None:
        """Nothing is kept open."""

    def _deliver(self, mail: EmailMessage) -> _Refused:
        """Send; return the addresses that were refused, if not all were."""
        with self._connected() as smtp:
            if self._config.user is not None and self._config.password is not None:
                _login(smtp, self._config.user, self._config.password.reveal())
            return smtp.send_message(mail)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, and say goodbye; a mail that was taken is not undone by a rude goodbye."""
        smtp = self._connection()
        try:
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _connection(self) -> smtplib.SMTP:
        host, port = self._config.smtp.host, self._config.smtp.port
        context = ssl.create_default_context()
        if self._config.security is SmtpSecurity.TLS:
            return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=context)
        smtp = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
        if self._config.security is SmtpSecurity.STARTTLS:
            _start_tls(smtp, context)
        return smtp


def _start_tls(smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
    """Protect the connection; a server that won't may be set right within the day: try again."""
    try:
        smtp.starttls(context=context)
    except smtplib.SMTPResponseException as error:
        smtp.close()
        raise smtplib.SMTPNotSupportedError(f"no STARTTLS: {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError):
        smtp.close()
        raise


def _login(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in; smtplib can't with a name or password beyond ASCII, RFC 4616 (UTF-8) can."""
    if (user + password).isascii():
        smtp.login(user, password)
        return
    smtp.ehlo_or_helo_if_needed()
    response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, answer = smtp.docmd("AUTH", f"PLAIN {response}")
    if code != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, answer)


def compose(message: Message, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Return the mail of a message."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail.set_raw("Subject", _subject(message.subject))
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    for file in message.files:
        main, _, sub = file.media.partition("/")
        mail.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return mail


def _subject(text: str) -> str:
    """Return a subject as it travels. EmailMessage itself may lose a space (CPython 3.11)."""
    line = " ".join(text.split())
    charset = "us-ascii" if line.isascii() else "utf-8"
    return Header(line, charset, header_name="Subject").encode()


def _domain(sender: str) -> str:
    try:
        return MailAddress(addr_spec=sender).domain or "vonggac.invalid"
    except (ValueError, IndexError):
        return "vonggac.invalid"


def _first(refused: _Refused) -> str:
    address, (code, _) = next(iter(refused.items()))
    return f"{address}: {code}"
