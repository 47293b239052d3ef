"""The way to the mail server, against a real one: TLS, login, and whose fault each failure is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.mail import smtp as mail
from bot.mail.smtp import Greylisted, OurFault, RecipientRefused, SmtpServer, TryLater
from bot.settings import Settings
from tests.harness.mail_server import HOST, MailServer, make_certificate, open_mail_server


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with open_mail_server(tmp_path_factory.mktemp("box")) as box:
        yield box


@pytest.fixture(autouse=True)
async def trusted(box: MailServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", box.certificate)
    yield
    await asyncio.sleep(0.05)  # connections close in the loop's own time
    box.answers.clear()
    box.mails.clear()


def letter(to: str = "anna@example.org") -> EmailMessage:
    about = EmailMessage()
    about["From"], about["To"], about["Subject"] = "bot@example.org", to, "a receipt"
    about.set_content("10 credits")
    return about


def server(url: str) -> SmtpServer:
    return SmtpServer(SecretStr(url), "Darkroom <bot@example.org>")


async def test_starttls_with_a_login(box: MailServer) -> None:
    await server(box.url).check()
    assert box.mails == []
    await server(box.url).send(letter())
    [mail] = box.mails
    assert (mail["To"], mail.get_content()) == ("anna@example.org", "10 credits\r\n")


async def test_tls_from_the_start(box: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_mail_server(tmp_path, implicit=True) as implicit:
        monkeypatch.setenv("SSL_CERT_FILE", implicit.certificate)
        await server(implicit.url).send(letter())
        assert len(implicit.mails) == 1


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("RCPT", "451 4.7.1 Greylisted, please try again", Greylisted),
        ("RCPT", "450 4.2.1 mailbox busy", Greylisted),
        ("RCPT", "550 5.1.1 no such user", RecipientRefused),
        ("RCPT", "550 no such user", RecipientRefused),
        ("RCPT", "552 5.2.2 mailbox full", RecipientRefused),
        ("RCPT", "550 5.7.1 relaying denied", OurFault),
        ("RCPT", "553 5.1.8 your sender address is unknown", OurFault),
        ("RCPT", "530 authentication required", OurFault),
        ("DATA", "451 4.3.0 try again", TryLater),
        ("DATA", "550 5.1.1 no such user", RecipientRefused),
        ("DATA", "554 5.7.0 looks like spam", OurFault),
        ("DATA", "drop", TryLater),
    ],
)
async def test_whose_fault_it_is(box: MailServer, command: str, answer: str, kind: type[Exception]) -> None:
    box.answer(command, answer)
    with pytest.raises(kind) as raised:
        await server(box.url).send(letter())
    assert type(raised.value) is kind
    assert not {"anna", "Greylisted", "no such user"} & set(str(raised.value).split())  # numbers only
    assert box.mails == []
    await server(box.url).send(letter())
    assert len(box.mails) == 1


async def test_a_wrong_password_is_ours(box: MailServer) -> None:
    box.logins = False
    with pytest.raises(OurFault, match="535"):
        await server(box.url).send(letter())
    box.logins = True


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    box: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with pytest.raises(OurFault, match="TLS"):
        await server(box.url).send(letter())
    assert box.mails == []


async def test_a_certificate_of_another_name_gets_no_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_mail_server(tmp_path, name="127.0.0.9") as other:
        monkeypatch.setenv("SSL_CERT_FILE", other.certificate)
        with pytest.raises(OurFault, match="TLS"):
            await server(other.url).send(letter())
        assert other.mails == []


async def test_without_tls_only_this_machine_gets_mail(box: MailServer, tmp_path: Path) -> None:
    with open_mail_server(tmp_path, tls=False) as plain:
        with pytest.raises(OurFault, match="TLS"):
            await server(plain.url.replace("bot%40example.org:a%20password%3A%20with%2Fodd%40signs@", "")).send(
                letter()
            )
        assert plain.mails == []


async def test_a_server_that_is_down_or_slow_is_tried_later(box: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    box.close()
    with pytest.raises(TryLater):
        await server(box.url).send(letter())
    box.open()
    monkeypatch.setattr(mail, "_SECONDS", 0.5)
    box.answer("DATA", "slow")
    with pytest.raises(TryLater):
        await server(box.url).send(letter())


async def test_a_server_that_never_greets_holds_nobody_for_ever(
    box: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_WHOLE_SECONDS", 0.3)
    with socket.create_server((HOST, 0)) as silent, pytest.raises(TryLater):
        await server(f"smtp://{HOST}:{silent.getsockname()[1]}").send(letter())


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example.org", "bot@example.org"),
        ("mail.example.org:587", "bot@example.org"),
        ("smtp://", "bot@example.org"),
        ("smtp://user:hunter2@mail.example.org", None),
        ("smtp://user:hunter2@mail.example.org", "nobody"),
        ("smtp://user:hunter2@mail.example.org:port", "bot@example.org"),
        ("smtp://mail.example.org", "bot@example.org\nBcc: eve@example.org"),
    ],
)
def test_settings_that_cannot_send_are_explained_without_the_password(url: str, sender: str | None) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(_env_file=None, smtp_url=url, mail_from=sender)
    assert "hunter2" not in str(raised.value)
    assert "SMTP_URL" in str(raised.value)
