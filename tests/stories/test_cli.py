"""The command line as the contract says it: statuses, one sentence, one object; and what the operator sees."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.cli import check
from bot.ops.metrics import PARTS
from bot.settings import Settings
from storage.db import Database
from tests.harness.darkroom import ROOT, Darkroom
from tests.harness.people import HTTP, Person, Telegram
from tests.pictures import photos


def bot(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **settings}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photos.encoded(tagged=True))
    return path


def test_develop_tells_what_it_did(photo: Path, tmp_path: Path) -> None:
    done = bot("develop", "resize", str(photo), str(tmp_path / "out.jpg"), "--set", "longest=320", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    size = photo.stat().st_size
    assert told["in"] == {"format": "JPEG", "width": 640, "height": 427, "bytes": size}
    out = (tmp_path / "out.jpg").stat().st_size
    assert told["out"] == {"format": "JPEG", "width": 320, "height": 214, "bytes": out}
    assert told["tool"] == "resize"
    assert told["ms"] > 0
    assert isinstance(told["report"], dict)


@pytest.mark.parametrize(
    ("tool", "suffix", "kind"),
    [("resize", "webp", "WEBP"), ("clean", "png", "PNG"), ("clean", "jpg", "JPEG"), ("enhance", "avif", "AVIF")],
)
def test_the_suffix_decides_the_format(photo: Path, tmp_path: Path, tool: str, suffix: str, kind: str) -> None:
    out = tmp_path / f"out.{suffix}"
    assert bot("develop", tool, str(photo), str(out)).returncode == 0
    assert photos.opened(out.read_bytes()).format == kind


def test_format_wins_over_the_suffix(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jpg"
    assert bot("develop", "resize", str(photo), str(out), "--set", "format=png").returncode == 0
    assert photos.opened(out.read_bytes()).format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["develop", "teleport", "PHOTO", "OUT"], 2),
        (["develop", "resize", "PHOTO", "OUT", "--set", "longest=many"], 2),
        (["develop", "resize", "PHOTO", "OUT", "--set", "sideways"], 2),
        (["develop", "clean", "PHOTO", "OUT", "--set", "longest=3"], 2),
        (["develop", "clean", "/nowhere/at/all.jpg", "OUT"], 2),
        (["develop", "clean"], 2),
        (["dance"], 2),
        (["develop", "clean", "BROKEN", "OUT"], 3),
        (["develop", "clean", "/dev/null", "OUT"], 3),
    ],
)
def test_wrong_usage_is_2_and_a_refused_photo_3_with_a_sentence(
    photo: Path, tmp_path: Path, arguments: list[str], status: int
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    places = {"PHOTO": str(photo), "OUT": str(tmp_path / "out.jpg"), "BROKEN": str(tmp_path / "broken.jpg")}
    done = bot(*(places.get(each, each) for each in arguments))
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    if status == 3:
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out.jpg").exists()


def test_check_says_what_is_missing_and_how_to_mend_it(tmp_path: Path, telegram: Telegram) -> None:
    places = {"DATABASE_PATH": str(tmp_path / "a.db"), "DATABASE_KEY_FILE": str(tmp_path / "keys" / "key")}
    lacking = bot("check", BOT_TOKEN="", OPERATORS_CHAT_ID="-1001234567890", **places)
    assert lacking.returncode == 1
    assert "@BotFather" in lacking.stdout
    assert "operators: BOT_TOKEN is not set" in lacking.stdout
    whole = bot("check", BOT_TOKEN=telegram.token, BOT_API_URL=telegram.url, **places)
    assert whole.returncode == 0, whole.stdout
    assert "missing" not in whole.stdout
    assert "has no SELLER_CONTACT" in whole.stdout
    places["DATABASE_PATH"] = str(tmp_path / "keys" / "b.db")
    away = bot("check", BOT_TOKEN=telegram.token, BOT_API_URL="http://127.0.0.1:9", **places)
    assert away.returncode == 1
    assert "warning  database: its key lies beside it" in away.stdout
    assert "does not answer" in away.stdout
    assert telegram.token not in away.stdout + away.stderr


async def test_check_looks_at_the_operators_group(telegram: Telegram) -> None:
    olga = telegram.person("Olga")
    reach = {"bot_token": telegram.token, "bot_api_url": telegram.url}

    async def told(group: int | None, **settings: str) -> str:
        return await check._operators(Settings(_env_file=None, operators_chat_id=group, **reach, **settings))

    assert "may manage" in await told(telegram.group("Good", olga, forum=True).id)
    assert "names SELLER_CONTACT" in await told(None, seller_contact="seller@example.org")
    powerless = telegram.group("Powerless", olga, forum=True, bot="member")
    for group, why in (
        (telegram.group("Flat", olga).id, "has no topics"),
        (powerless.id, "may not manage"),
        (-1001234567890, "not in"),
    ):
        with pytest.raises(check._Broken, match=why):
            await told(group)


async def test_check_says_that_a_mail_to_operators_needs_a_server() -> None:
    assert "OPERATORS_EMAIL" not in await check._mail(Settings(_env_file=None))
    with pytest.raises(check._Risky, match="OPERATORS_EMAIL needs SMTP_URL"):
        await check._mail(Settings(_env_file=None, operators_email="operators@example.org"))
    with pytest.raises(ValidationError, match="one address"):
        Settings(_env_file=None, operators_email="operators@example.org, others@example.org")


def test_settings_that_make_no_sense_are_explained_without_their_value() -> None:
    done = bot("check", BOT_MODE="pigeon", WORKERS="many")
    assert done.returncode == 1
    assert "BOT_MODE" in done.stderr
    assert "WORKERS" in done.stderr
    assert "pigeon" not in done.stderr
    assert "Traceback" not in done.stderr


def test_run_without_a_token_says_so() -> None:
    done = bot("run")
    assert done.returncode == 1
    assert "@BotFather" in done.stderr


def test_a_token_that_telegram_refuses_is_not_printed(telegram: Telegram, tmp_path: Path) -> None:
    telegram.fault("getMe", "error", code=401, text="Unauthorized", count=9)
    places = {"DATABASE_PATH": str(tmp_path / "a.db"), "DATABASE_KEY_FILE": str(tmp_path / "key")}
    done = bot("run", BOT_TOKEN=telegram.token, BOT_API_URL=telegram.url, METRICS_LISTEN="127.0.0.1:0", **places)
    assert done.returncode == 1
    assert "Darkroom cannot start: Telegram does not know this BOT_TOKEN" in done.stderr
    for stray in ("Traceback", "asyncio", "nobody caught"):
        assert stray not in done.stderr
    assert telegram.token not in done.stdout + done.stderr


def test_a_webhook_without_an_address_is_explained() -> None:
    done = bot("run", BOT_TOKEN="123456:" + "a" * 30, BOT_MODE="webhook")
    assert done.returncode == 1
    assert "WEBHOOK_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_suffix_that_cannot_be_made_is_wrong_usage(photo: Path, tmp_path: Path) -> None:
    done = bot("develop", "clean", str(photo), str(tmp_path / "out.gif"))
    assert done.returncode == 2
    assert "JPEG" in done.stderr
    assert not (tmp_path / "out.gif").exists()


def test_models_has_nothing_to_do_yet() -> None:
    assert bot("models").returncode == 0


def test_the_example_names_every_setting_with_its_default() -> None:
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text("utf-8").splitlines() if line[:1].isupper()
    )
    assert set(example) == {name.upper() for name in Settings.model_fields}
    plain = Settings(_env_file=None)
    filled = Settings(_env_file=str(ROOT / ".env.example"))
    assert plain == filled


def test_secrets_do_not_show_in_settings() -> None:
    settings = Settings(_env_file=None, bot_token="123456:secret-of-the-bot", webhook_secret="hush-hush-nobody-knows")
    assert "secret-of-the-bot" not in repr(settings) + str(settings.model_dump())
    assert "hush-hush-nobody-knows" not in repr(settings)


def test_metrics_and_health(darkroom: Darkroom, anna: Person) -> None:
    anna.sends_file(photos.encoded(), "a.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    assert HTTP.get(f"{darkroom.metrics}/healthz").status_code == 200
    assert HTTP.get(f"{darkroom.metrics}/readyz").status_code == 200
    text = darkroom.measures('darkroom_jobs_total{outcome="delivered",tool="clean"} 1.0')
    assert 'darkroom_limits_total{limit="flood"} 0.0' in text
    assert "darkroom_paused 0.0" in text
    for part in PARTS:
        assert f'darkroom_up{{part="{part}"}} 1.0' in text
    assert str(anna.id) not in text
    assert darkroom.telegram.token not in text


def test_a_new_key_a_backup_and_a_restore_are_a_command_each(tmp_path: Path) -> None:
    key, database, backup = tmp_path / "keys" / "key", tmp_path / "var" / "a.db", tmp_path / "backup.db"
    places = {"DATABASE_PATH": str(database), "DATABASE_KEY_FILE": str(key)}

    def told(status: int, *command: str) -> str:
        done = bot(*command, **places)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        if key.exists():
            assert key.read_text().strip()[:64] not in done.stdout + done.stderr
        return done.stdout or done.stderr

    assert "is not there" in told(1, "backup", str(backup))
    asyncio.run(_made(database, key))
    assert "opens with the key" in told(0, "backup", str(backup))
    assert told(1, "backup", str(backup)).startswith("Nothing was done: ")
    restored = told(0, "restore", str(backup)).replace(str(backup), "backup.db")
    assert "is backup.db now" in restored
    assert "who was forgotten after" not in restored
    assert "make a new one now" in told(0, "key", "rotate")
    database.with_name("a.db.before-restore").unlink()
    lost = told(1, "restore", str(backup))
    assert lost.count("\n") == 1  # nothing but our sentence
    assert "was it made with another one?" in lost


async def _made(database: Path, key: Path) -> None:
    await (await Database.open(database, key)).close()


def test_check_refuses_a_key_that_others_may_read(tmp_path: Path) -> None:
    key, database = tmp_path / "keys" / "key", tmp_path / "var" / "a.db"
    asyncio.run(_made(database, key))
    settings = Settings(_env_file=None, database_path=database, database_key_file=key)
    assert "kept apart" in asyncio.run(check._database(settings))
    key.chmod(0o640)
    with pytest.raises(check._Broken, match=f"chmod 600 {key}"):
        asyncio.run(check._database(settings))
    key.chmod(0o600)
    deeper = settings.model_copy(update={"database_path": tmp_path / "keys" / "deep" / "er" / "b.db"})
    with pytest.raises(check._Risky, match="lies beside it"):
        asyncio.run(check._database(deeper))
    key.replace(database.parent / "key")
    key.symlink_to(database.parent / "key")
    with pytest.raises(check._Risky, match="lies beside it"):
        asyncio.run(check._database(settings))
