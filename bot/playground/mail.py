"""The mail catcher: what the bot sends over SMTP arrives here, and nowhere else."""

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
        """Listen on this machine, at a port that is free; the address as SMTP_URL wants it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), "127.0.0.1", 0)
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd calls it by this name, once a mail; answers as SMTP does."""
        self.caught.append(_read(envelope))
        return "250 OK"


def _read(envelope: Envelope) -> Json:
    """Who sent it to whom is the envelope's word, as it is for a real server."""
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
