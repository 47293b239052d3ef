"""Settings that would let others listen in, or guess: refused in words, and never shown."""

import pytest
from pydantic import ValidationError

from bot.settings import Settings, is_this_machine
from tests.stories.test_cli import bot

URLS = ("bot_api_url", "stripe_api_url", "ga4_url", "webhook_url")
SAFE = (
    "https://api.example.org",
    "https://api.example.org:8443/path",
    "http://127.0.0.1:8081",
    "http://127.0.0.1",
    "http://127.9.9.9:1/a/b",
    "http://localhost:8081",
    "http://LOCALHOST:8081",
    "http://[::1]:8081",
)
UNSAFE = (
    "http://127.0.0.1:80@evil.example/",
    "http://127.0.0.1:hunter2@[::1]/",
    "https://user:hunter2@api.example.org",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1:80.evil.example",
    "http://localhost.evil.example",
    "http://[::1].evil.example",
    "http://evil.example#http://127.0.0.1:",
    "http://evil.example?http://127.0.0.1:",
    "http://evil.example\\@127.0.0.1/",
    "http://127.0.0.1\\.evil.example/",
    "http://127.0.0.1\t.evil.example/",
    "http://127.1/",
    "http://0.0.0.0/",
    "http://10.0.0.1:8081",
    "http://[::ffff:10.0.0.1]/",
    "http://api.example.org",
    "http:127.0.0.1",
    "http:///127.0.0.1",
    "https://",
    "https://api.example.org:99999",
    "https://api.example.org:hunter2",
    "https://[::1",
    "//127.0.0.1",
    "ftp://127.0.0.1",
    "127.0.0.1:80",
)


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("url", SAFE)
def test_addresses_with_tls_or_of_this_machine_are_taken(name: str, url: str) -> None:
    assert getattr(_settings(**{name: url}), name) == url


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("url", UNSAFE)
def test_an_address_is_judged_by_its_host(name: str, url: str) -> None:
    assert "has to be an https address" in _refusal(**{name: url})


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1?@evil.example",
        "smtp://127.0.0.1#@evil.example",
        "smtp://user:hunter2#1@mail.example.org",
        "smtp://user:hunter2?1@mail.example.org:587",
        "smtp://user:[hunter2@mail.example.org",
        "smtp://127.0.0.1\\@evil.example",
        "smtp://mail.example.org:99999",
        "smtp://[::::::::::]",
    ],
)
def test_a_mail_server_is_judged_by_its_host(url: str) -> None:
    assert "percent-encoded" in _refusal(smtp_url=url, mail_from="bot@example.org")


def test_what_this_machine_is() -> None:
    assert all(map(is_this_machine, ("127.0.0.1", "127.0.0.2", "::1", "localhost")))
    assert not any(map(is_this_machine, ("", None, "0.0.0.0", "10.0.0.1", "localhost.example.org", "127.0.0.1.x")))


@pytest.mark.parametrize("name", ["webhook_secret", "stripe_webhook_secret"])
@pytest.mark.parametrize("secret", ["hunter2", "a" * 16, "passwordpassword", "hunter2-hunter2"])
def test_a_secret_that_can_be_guessed_is_refused(name: str, secret: str) -> None:
    assert "at least 8 of them different" in _refusal(**{name: secret})


@pytest.mark.parametrize(
    "secret", ["hunter2.and!more:than=that", "hunter2 hunter2 secret", "hunter2-" * 33, "hünter2" * 4]
)
def test_a_secret_is_one_that_telegram_takes(secret: str) -> None:
    assert "A-Z, a-z, 0-9, _ and -" in _refusal(webhook_secret=secret)


def test_good_secrets_are_taken() -> None:
    for good in ("0123456789abcdef", "only_Telegram-knows", "f3456789" * 32):
        assert _settings(webhook_secret=good).webhook_secret.get_secret_value() == good
    assert _settings(stripe_webhook_secret="whsec_abc/def+ghi=123").stripe_webhook_secret


@pytest.mark.parametrize("command", ["run", "check"])
def test_both_commands_say_so(command: str) -> None:
    done = bot(command, BOT_API_URL="http://127.0.0.1:80@evil.example/", WEBHOOK_SECRET="hunter2")
    assert done.returncode == 1
    assert "BOT_API_URL: " in done.stderr
    assert "WEBHOOK_SECRET: " in done.stderr
    assert "evil.example" not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def _settings(**given: str) -> Settings:
    return Settings(_env_file=None, **given)


def _refusal(**given: str) -> str:
    with pytest.raises(ValidationError) as raised:
        _settings(**given)
    assert "hunter2" not in str(raised.value)
    return str(raised.value)
