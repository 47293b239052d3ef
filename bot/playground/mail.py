"""The mail catcher: an SMTP server that keeps the bot's e-mails and sends them nowhere."""

import asyncio
import time
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.playground.world import Json

_KEPT = 100


class Mail:
    """The last hundred mails, oldest first."""

    def __init__(self) -> None:
        self.caught: deque[Json] = deque(maxlen=_KEPT)
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen on a free port of this machine. Returns the SMTP_URL."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), "127.0.0.1", 0)
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take one mail. aiosmtpd calls this method by its name and expects an SMTP reply."""
        self.caught.append(_read(envelope))
        return "250 OK"


def _read(envelope: Envelope) -> Json:
    """The mail as JSON. Sender and recipients are those of the envelope, as for a real server."""
    mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
    return {
        "at": time.time(),
        "from": envelope.mail_from,
        "to": ", ".join(envelope.rcpt_tos),
        "subject": mail["subject"] or "",
        "text": _body(mail, "plain"),
        "html": _body(mail, "html"),
    }


def _body(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""
