"""The mail server that SMTP_URL names: how a mail gets there, and whose fault it is when it does not."""

import asyncio
import re
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

_SECONDS = 20  # for each answer of the server
_WHOLE_SECONDS = 60
_PORTS = {"smtp": 587, "smtps": 465}
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")  # the playground's catcher speaks no TLS; nobody else listens there
_AUTHENTICATE = (530, 534, 535, 538)
_OF_SENDER = re.compile(r"5\.(7\.\d+|1\.[78])\b")  # RFC 3463: policy, or the sender's address
_OF_RECIPIENT = re.compile(r"5\.(1\.[1-6]|2\.\d+)\b")  # the recipient's address or mailbox


class RecipientRefused(Exception):
    """The server will never take mail for this address."""


class OurFault(Exception):
    """The server does not take mail from us: login, sender, certificate. The text says which, and nothing else."""


class TryLater(Exception):
    """Greylisted, busy, broken off, down: later it may work."""

    is_about_one = False  # whether it is the recipient who is not ready; else it is the server


class Greylisted(TryLater):
    """The server is not ready for this recipient; for others it may be."""

    is_about_one = True


class SmtpServer:
    def __init__(self, url: SecretStr, sender: str) -> None:
        self.sender = sender
        self._envelope = parseaddr(sender)[1]
        self._url = url

    async def send(self, mail: EmailMessage) -> None:
        """Hand over one mail to its one recipient. Raises RecipientRefused, OurFault or TryLater."""
        await self._visit(mail)

    async def check(self) -> None:
        """Connect and log in. Raises OurFault or TryLater."""
        await self._visit(None)

    async def _visit(self, mail: EmailMessage | None) -> None:
        try:
            async with asyncio.timeout(_WHOLE_SECONDS), self._client() as client:
                if mail is not None:
                    await client.send_message(mail, sender=self._envelope)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _about_recipient(error.recipients[0]) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _about_us(error) from None

    def _client(self) -> aiosmtplib.SMTP:
        url = urlsplit(self._url.get_secret_value())
        tls = url.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=url.hostname,
            port=url.port or _PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=tls,
            start_tls=False if tls else None if url.hostname in _THIS_MACHINE else True,
            tls_context=ssl.create_default_context(),
            local_hostname=self._envelope.rpartition("@")[2],  # the machine's own name is nobody's business
            timeout=_SECONDS,
        )


def _about_recipient(error: aiosmtplib.SMTPRecipientRefused) -> Exception:
    if error.code < 500:
        return Greylisted(f"recipient {error.code}")
    if error.code in _AUTHENTICATE or _OF_SENDER.match(error.message):
        return OurFault(f"recipient {error.code}")  # servers say so late: it is us whom they do not want
    return RecipientRefused()


def _about_us(error: Exception) -> Exception:
    """Kinds and numbers only: a server's words may quote the mail."""
    kind = type(error).__name__
    if isinstance(error, aiosmtplib.SMTPDataError) and _OF_RECIPIENT.match(error.message):
        return RecipientRefused()  # servers that look for the mailbox last
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return (OurFault if error.code >= 500 else TryLater)(f"{kind} {error.code}")
    no_tls = type(error) in (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)  # nor any login
    return OurFault("TLS") if no_tls or _is_certificate(error) else TryLater(kind)


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
