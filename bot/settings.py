"""Every setting, read once from the environment or `.env` beside the README, then passed on. Empty means unset."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.sealing import is_key

ROOT = Path(__file__).resolve().parents[1]

PRINTS_NEED = ("STRIPE_PROVIDER_TOKEN", "STRIPE_API_KEY", "PRINT_LAB_CHAT_ID", "PRINT_LAB_PUBLIC_KEY")

Listen = Annotated[str, StringConstraints(pattern=r"^[^:]+:\d{1,5}$")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


_HOST = r"(?P<host>[\w.-]+|\[[\da-f:]+\])(:\d{1,5})?"
_URL = re.compile(rf"(?P<scheme>https?)://{_HOST}(/[!-\[\]-~]*)?", re.IGNORECASE | re.ASCII)
_SMTP_URL = re.compile(rf"smtps?://([^@/?#\[\]\\\s]+@)?{_HOST}/?", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"[^@<>\s,]+@[\w.-]+")
_MAIL_FROM = re.compile(r"([^<>@\r\n]*<)?[^@<>\s]+@[\w.-]+>?")  # bot@example.org, or Darkroom <bot@example.org>
_SHORTEST_SECRET, _FEWEST_CHARACTERS = 16, 8
_A_SECRET = (
    f"it has to be of {_SHORTEST_SECRET} characters or more, at least {_FEWEST_CHARACTERS} of them different. "
    "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes one"
)
_OUR_SECRET = re.compile(r"[A-Za-z0-9_-]{,256}")  # https://core.telegram.org/bots/api#setwebhook


class Settings(BaseSettings):
    """Frozen and typed; secrets print as stars and never appear in a validation error."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    bot_token: SecretStr | None = None
    bot_api_url: str = "https://api.telegram.org"
    bot_mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_listen: Listen = "127.0.0.1:8443"
    webhook_secret: SecretStr | None = None
    database_path: Path = Path("var/darkroom.db")
    database_key_file: Path = Path("~/.config/darkroom/database.key")
    operators_chat_id: int | None = None
    operators_email: str | None = None
    operators_admins_only: bool = False
    seller_name: str | None = None
    seller_contact: str | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    keep_email_days: Annotated[int, Field(ge=1)] | None = None
    keep_closed_tickets_days: Annotated[int, Field(ge=1)] | None = None
    stripe_provider_token: SecretStr | None = None
    stripe_api_key: SecretStr | None = None
    stripe_api_url: str = "https://api.stripe.com"
    stripe_webhook_secret: SecretStr | None = None
    print_lab_chat_id: int | None = None
    print_lab_public_key: str | None = None
    free_credits: Annotated[int, Field(ge=0, le=1000)] = 3
    workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: len(os.sched_getaffinity(0)))
    memory_mb: Annotated[int, Field(ge=1)] | None = None
    metrics_listen: Listen = "127.0.0.1:9464"
    jobs_per_person: Annotated[int, Field(ge=1)] = 20
    jobs_in_all: Annotated[int, Field(ge=1)] = 1000
    jobs_per_minute: Annotated[int, Field(ge=1)] = 30
    free_jobs_per_day: Annotated[int, Field(ge=0)] = 300
    messages_per_person: Annotated[int, Field(ge=10)] = 200
    jail_accept_missing: Annotated[frozenset[Literal["landlock", "seccomp"]], NoDecode] = frozenset()
    max_input_mb: Annotated[int, Field(ge=1, le=20)] = 20
    max_megapixels: Annotated[int, Field(ge=1, le=200)] = 50
    models_dir: Path = Path(".models")
    ga4_measurement_id: str | None = None
    ga4_api_secret: SecretStr | None = None
    ga4_url: str = "https://www.google-analytics.com/mp/collect"
    playground_listen: Listen = "127.0.0.1:8080"
    log_level: LogLevel = "INFO"

    @field_validator("jail_accept_missing", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return frozenset(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("database_path", "database_key_file", "models_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return ROOT / value.expanduser()

    @model_validator(mode="after")
    def _webhook_has_an_address(self) -> "Settings":
        if self.bot_mode == "webhook" and self.webhook_url is None:
            raise ValueError("BOT_MODE=webhook needs WEBHOOK_URL, the https address that leads to WEBHOOK_LISTEN")
        return self

    @model_validator(mode="after")
    def _mail_can_be_sent(self) -> "Settings":
        if self.smtp_url is None:
            return self
        url = self.smtp_url.get_secret_value()
        if not _SMTP_URL.fullmatch(url) or not _can_be_read(url):
            raise ValueError(
                "SMTP_URL looks like smtp://user:password@host:587, or smtps://user:password@host:465; "
                "signs in user and password are percent-encoded"
            )
        if not self.mail_from or not _MAIL_FROM.fullmatch(self.mail_from):
            raise ValueError("SMTP_URL needs MAIL_FROM, the address that mails come from")
        return self

    @field_validator("operators_email")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value and not _ADDRESS.fullmatch(value):
            raise ValueError("OPERATORS_EMAIL is one address: operators@example.org")
        return value

    @property
    def lacking_for_prints(self) -> list[str]:
        """Names of the settings that are unset of those without which nothing is printed."""
        return [name for name in PRINTS_NEED if getattr(self, name.lower()) is None]

    @property
    def sells_prints(self) -> bool:
        """Whether all is there to take a card, to give the money back, and to have a picture printed and posted."""
        return not self.lacking_for_prints

    @field_validator("print_lab_public_key")
    @classmethod
    def _can_be_sealed_for(cls, value: str | None) -> str | None:
        if value and not is_key(value):
            raise ValueError("PRINT_LAB_PUBLIC_KEY is mistyped: it is the line that `python -m bot lab keygen` printed")
        return value

    @field_validator("bot_api_url", "ga4_url", "stripe_api_url", "webhook_url")
    @classmethod
    def _is_secure(cls, value: str | None) -> str | None:
        """What travels there is secret: without TLS it stays on this machine. The host decides, not the beginning."""
        if value and not _is_secure(value):
            raise ValueError(
                "this has to be an https address without user and password; http is for this machine alone, "
                "as in http://127.0.0.1:8081"
            )
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _telegram_takes_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _OUR_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("Telegram takes at most 256 characters of A-Z, a-z, 0-9, _ and -; " + _A_SECRET)
        return value

    @field_validator("webhook_secret", "stripe_webhook_secret")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        """Whoever guesses it can tell the bot of messages and payments that never were."""
        secret = value.get_secret_value() if value else None
        if secret and (len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_CHARACTERS):
            raise ValueError(_A_SECRET)
        return value

    @field_validator("bot_api_url", "stripe_api_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")


def is_this_machine(host: str | None) -> bool:
    """True if nobody else can listen to what goes to this host."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_secure(url: str) -> bool:
    named = _URL.fullmatch(url)
    if not named or not _can_be_read(url):
        return False
    return named["scheme"].lower() == "https" or is_this_machine(named["host"].strip("[]").lower())


def _can_be_read(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def address(listen: str) -> tuple[str, int]:
    """Host and port of a `*_LISTEN` setting."""
    host, _, port = listen.rpartition(":")
    return host, int(port)
