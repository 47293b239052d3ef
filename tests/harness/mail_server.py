"""A mail server for stories: TLS, a login, and faults on demand. It keeps the mails unchanged."""

import asyncio
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.2"  # this machine, but none of the names for which TLS is not required
PASSWORD = "a password: with/odd@signs"


class MailServer:
    """`answers`: what the next recipients or contents are answered, by command; the last of them stays."""

    def __init__(self, folder: Path, implicit: bool = False, tls: bool = True) -> None:
        self.mails: list[EmailMessage] = []
        self.tries = 0  # mails that came as far as the recipient
        self.answers: dict[str, list[str]] = {}
        self.logins = True
        self._folder = folder
        self._implicit = implicit
        self._tls = tls
        self._port = 0
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        scheme = "smtps" if self._implicit else "smtp"
        return f"{scheme}://bot%40example.org:a%20password%3A%20with%2Fodd%40signs@{HOST}:{self._port}"

    @property
    def certificate(self) -> str:
        """What a client must trust: SSL_CERT_FILE."""
        return str(self._folder / "cert.pem")

    def open(self) -> None:
        """At the port it had before, if it had one."""
        how: dict[str, Any] = {"hostname": HOST, "port": self._port or _free_port()}
        if self._implicit:
            how |= {"ssl_context": self._context(), "auth_require_tls": False}  # the library counts STARTTLS only
        elif self._tls:
            how |= {"tls_context": self._context(), "require_starttls": True}
        if self._tls:
            how |= {"authenticator": self._authenticate, "auth_required": not self._implicit}
        self._controller = Controller(self, **how)
        self._controller.start()
        self._port = how["port"]

    def close(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    def answer(self, command: str, *lines: str) -> None:
        """RCPT or DATA: these answers in turn, then all is well again. `drop`, `drop after` and `slow` are deeds."""
        self.answers[command] = list(lines)

    def gets(self, look: Callable[[EmailMessage], bool], timeout: float = 30) -> EmailMessage:
        """The newest mail of which this is true, as soon as there is one."""
        deadline = time.monotonic() + timeout
        while not (found := [mail for mail in self.mails if look(mail)]):
            assert time.monotonic() < deadline, f"no such mail; there are: {[each['Subject'] for each in self.mails]}"
            time.sleep(0.02)
        return found[-1]

    def gets_to(self, address: str, subject: str = "") -> EmailMessage:
        return self.gets(lambda mail: mail["To"] == address and subject in mail["Subject"])

    def code_to(self, address: str) -> str:
        """The six digits of the newest code."""
        return re.search(r"\b\d{6}\b", text_of(self.gets_to(address, "code")))[0]

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's own names)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        if line := self._next("RCPT"):
            return line
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        line = self._next("DATA")
        if line == "drop":
            server.transport.close()
            return "421 gone"
        if line == "slow":
            await asyncio.sleep(3)
        elif line and line != "drop after":
            return line
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert session.ssl or self._implicit or not self._tls, "a mail came without TLS"
        assert envelope.rcpt_tos == [mail["To"]]
        self.mails.append(mail)
        if line == "drop after":
            server.transport.close()
        return "250 OK"

    def _next(self, command: str) -> str | None:
        lines = self.answers.get(command)
        return lines.pop(0) if lines else None

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            b"bot@example.org",
            PASSWORD.encode(),
        )
        return AuthResult(success=right and self.logins, handled=False)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._folder / "cert.pem", self._folder / "key.pem")
        return context


@contextmanager
def open_mail_server(folder: Path, name: str = HOST, **how: bool) -> Iterator[MailServer]:
    make_certificate(folder, name)
    box = MailServer(folder, **how)
    box.open()
    try:
        yield box
    finally:
        box.close()


def make_certificate(folder: Path, name: str = HOST) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=postbox", "-addext", f"subjectAltName=IP:{name}"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, capture_output=True, check=True)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
