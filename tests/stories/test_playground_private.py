"""The playground is one person's: whoever does not know the address of this start, or is another page, gets nothing."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from bot.cli import playground as cli
from bot.playground.environment import clean
from bot.settings import Settings
from tests.harness.darkroom import ROOT
from tests.harness.people import HTTP, ImpossibleError, Telegram, start_server
from tests.harness.picture import chromium
from tests.stories.test_playground_supervisor import Playground, playing

LIVE = {
    "BOT_TOKEN": "1000000009:the-live-one-of-all-" + "x" * 10,
    "STRIPE_API_KEY": "sk_live_of_all",
    "STRIPE_PROVIDER_TOKEN": "1:LIVE:of_all",
    "DATABASE_PATH": "/nowhere/live.db",
    "SMTP_URL": "smtp://user:hunter2@mail.example.org",
    "MAIL_FROM": "live@example.org",
    "GA4_MEASUREMENT_ID": "G-LIVE",
    "GA4_API_SECRET": "hunter2-of-ga4",
    "WEBHOOK_SECRET": "hunter2-of-telegram",
    "FREE_CREDITS": "900",
    "SECRET_OF_SOMETHING_ELSE": "hunter2",
}


@pytest.fixture(scope="module")
def playground() -> Iterator[Playground]:
    """Where a live bot is set up as well."""
    with playing(**LIVE, WORKERS="1", LOG_LEVEL="WARNING") as playground:
        yield playground


@pytest.fixture
def telegram(playground: Playground) -> Iterator[Telegram]:
    with Telegram(playground.url, playground.look()["token"]) as telegram:
        yield telegram
        telegram._http.delete = lambda _: None  # it stays


def origin(url: str) -> str:
    return f"http://{urlsplit(url).netloc}"


# Who does not know the address


@pytest.mark.parametrize("guess", ["", "/", "/x/", "/%2e%2e/", "//"])
def test_without_the_secret_nothing_is_there(playground: Playground, guess: str) -> None:
    token = playground.look()["token"]
    paths = ("", "app.js", "control/bots", f"control/{token}/chats", "house", "house/mail", "stripe/v1/charges")
    for path in (*paths, f"bot{token}/getMe", f"bot{token}/getUpdates", f"file/bot{token}/photos/file_1.jpg"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            answer = HTTP.request(method, f"{origin(playground.url)}{guess.rstrip('/')}/{path}")
            assert answer.status_code == 404
            assert answer.text == "Open the address that the playground printed when it started."
    assert HTTP.get(f"{playground.url}/control/bots").json() == [token]


def test_each_start_has_a_secret_and_a_token_of_its_own(playground: Playground) -> None:
    with start_server() as one, start_server() as other:
        secrets = [urlsplit(url).path for url in (one, other, playground.url)]
        assert len(set(secrets)) == 3
        assert all(re.fullmatch(r"/[\w-]{32}", secret) for secret in secrets)
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bot" / "playground").rglob("*.py"))
    assert playground.look()["token"].partition(":")[2] not in source


def test_the_secret_is_in_no_command_line(playground: Playground) -> None:
    """Those are shown to everybody on the machine."""
    secret = urlsplit(playground.url).path.strip("/")
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "--readable-memory" in shown
    assert secret not in shown
    assert HTTP.get(f"{playground.url}/").headers["Referrer-Policy"] == "no-referrer"


# Other pages


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "anything new"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": ""},
    ],
)
def test_another_page_is_refused_whatever_it_asks(playground: Playground, headers: dict[str, str]) -> None:
    """Even one that knows the secret."""
    token, since = playground.look()["token"], playground.look()["since"]
    for path in ("", f"bot{token}/getMe", f"control/{token}/overview", "house", "house/kill", f"control/{token}"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            assert HTTP.request(method, f"{playground.url}/{path}", headers=headers).status_code in (400, 403)
    assert (playground.look()["running"], playground.look()["since"]) == (True, since)
    assert HTTP.get(f"{playground.url}/house", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_the_printed_address_works_and_survives_a_reload(playground: Playground, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{playground.url}/")
    page.get_by_role("textbox", name="Message").wait_for()
    page.reload()
    page.get_by_role("textbox", name="Message").wait_for()
    assert page.evaluate("document.cookie + localStorage.length") == "0"
    page.context.close()


ASKS = """async (url) => {
  const asks = (path, how) => fetch(url + path, how).then(
    async (answer) => answer.type + (await answer.text()),
    () => "refused",
  );
  const loads = (kind, src) => new Promise((done) => {
    const made = document.createElement(kind);
    document.body.append(Object.assign(made, {src, onload: () => done("loads"), onerror: () => done("refused")}));
  });
  return [
    await asks("", {}),
    await asks("house", {}),
    await asks("house/kill", {method: "POST"}),
    await asks("house/kill", {method: "POST", mode: "no-cors"}),
    await asks("house", {mode: "no-cors"}),
    await loads("img", url + "house/samples/cat.jpg"),
    await loads("script", url + "app.js"),
  ];
}"""


class OtherPage(BaseHTTPRequestHandler):
    """A page of somebody else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<body></body>")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of another page on this machine."""
    with HTTPServer(("127.0.0.1", 0), OtherPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_page_of_another_origin_reads_and_changes_nothing(
    playground: Playground, browser: Browser, elsewhere: str
) -> None:
    """It knows the whole address."""
    bot, answers, page = playground.bot, [], browser.new_page()
    page.goto(elsewhere)
    page.on("response", lambda answer: answers.append(answer.status))
    told = page.evaluate(ASKS, f"{playground.url}/")
    page.context.close()
    assert told == ["refused"] * 3 + ["opaque"] * 2 + ["refused"] * 2
    assert answers == [403] * 4  # of those that a browser lets through: the playground refuses them itself
    assert playground.bot == bot
    assert playground.look()["running"]


# Its bot


def test_its_bot_knows_nothing_of_a_live_one(playground: Playground) -> None:
    environment = Path(f"/proc/{playground.bot}/environ").read_text("utf-8")
    assert [value for value in LIVE.values() if f"={value}\0" in environment] == []
    assert "SECRET_OF_SOMETHING_ELSE" not in environment
    assert (playground.setting("WORKERS"), playground.setting("LOG_LEVEL")) == ("1", "WARNING")
    assert playground.setting("BOT_API_URL") == playground.url


def test_only_what_the_machine_needs_goes_on() -> None:
    kept = {"PATH": "/bin", "MODELS_DIR": "/models"}
    assert clean(LIVE | kept | {"BOT_MODE": "webhook", "PYTHONMALLOC": "malloc", "HTTPS_PROXY": "x"}) == kept


def test_it_reads_no_env_file(tmp_path: Path) -> None:
    """One that makes no sense."""
    code = (
        "import pathlib, sys; import bot.settings as settings;"
        "settings.Settings.model_config['env_file'] = pathlib.Path(sys.argv.pop(1));"
        "import bot.__main__ as main; main._start_anew = lambda _: None; sys.exit(main.main(sys.argv[1:]))"
    )
    (tmp_path / ".env").write_text("BOT_MODE=pigeon\n")
    for arguments, why in ((["run"], "BOT_MODE"), (["run", "--readable-memory"], "the playground alone")):
        command = [sys.executable, "-c", code, str(tmp_path / ".env"), *arguments]
        done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True)
        assert done.returncode == 1
        assert why in done.stderr


def test_settings_of_the_machine_may_stand_in_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"WORKERS=3\nJAIL_ACCEPT_MISSING=seccomp\nBOT_TOKEN={LIVE['BOT_TOKEN']}\n")
    started: dict[str, Any] = {}

    def start(*_: object, **how: Any) -> None:
        started.update(how)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(KeyboardInterrupt):
        cli.playground(Settings(_env_file=tmp_path / ".env"))
    told = clean(started["env"])
    assert (told["WORKERS"], told["JAIL_ACCEPT_MISSING"]) == ("3", "seccomp")
    assert LIVE["BOT_TOKEN"] not in told.values()


# What it calls


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:80/x",
        "http://169.254.169.254/latest",
        "https://evil.example/x",
        "http://127.0.0.1:80@evil.example/",
        "http://evil.example\\@127.0.0.1/",
        "http://0.0.0.0:80/",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_no_webhook_leads_off_this_machine(telegram_alone: Telegram, url: str) -> None:
    asked = HTTP.post(f"{telegram_alone.url}/bot{telegram_alone.token}/setWebhook", json={"url": url})
    assert (asked.status_code, asked.json()["description"][:24]) == (400, "Bad Request: bad webhook")
    with pytest.raises(ImpossibleError):
        telegram_alone.stripe().tells(url, "whsec_of_the_tests")


@pytest.fixture
def telegram_alone(bot_api: str) -> Iterator[Telegram]:
    with Telegram(bot_api) as telegram:
        yield telegram


def test_with_a_bot_of_its_own_webhooks_lead_to_that_alone(playground: Playground) -> None:
    """Not to whatever else listens on this machine."""
    own = playground.setting("WEBHOOK_LISTEN")
    with Telegram(playground.url) as other:
        ask = lambda where: HTTP.post(  # noqa: E731
            f"{other.url}/bot{other.token}/setWebhook", json={"url": f"http://{where}/telegram"}
        )
        assert ask(own).json()["ok"] is True
        assert ask(urlsplit(playground.url).netloc).status_code == 400
        assert "only on ports" in ask("127.0.0.1").json()["description"]
        with pytest.raises(ImpossibleError, match="only on ports"):
            other.stripe().tells(f"http://{urlsplit(playground.url).netloc}/x", "whsec_of_the_tests")
