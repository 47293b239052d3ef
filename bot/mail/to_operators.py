"""A mail to the operators, for when Telegram itself is the trouble. Our own sentences only, about nobody."""

import logging
import secrets
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, parseaddr

from bot.mail.smtp import OurFault, RecipientRefused, SmtpServer, TryLater
from bot.texts import DEFAULT, translator

_log = logging.getLogger(__name__)


class MailToOperators:
    def __init__(self, server: SmtpServer, sender: str, address: str) -> None:
        self._server = server
        self._sender = sender
        self._address = address

    async def send(self, text: str) -> bool:
        """True if the server took it."""
        try:
            await self._server.send(self._mail(text))
        except (RecipientRefused, OurFault, TryLater) as error:
            _log.error("a mail to the operators was not sent: %s %s", type(error).__name__, error)
            return False
        return True

    def _mail(self, text: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = self._address
        mail["Subject"] = translator(DEFAULT)("mail-operators-subject")
        mail["Date"] = localtime()
        mail["Message-ID"] = f"<{secrets.token_hex(16)}@{parseaddr(self._sender)[1].rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail
