"""The real bot inside the story's own process, for whole histories: it can be killed between any two steps.

    with Telegram() as telegram, Bot(telegram) as bot:
        anna = telegram.person("Anna")
        bot.dies_after(7)  # steps from now; it starts again by itself
        anna.sends_file(b"a photo", "holiday.jpg")
        anna.taps("I agree")
        telegram.settle()

Real are the application, its handlers, polling, update queue and encrypted database file, and the playground's methods.
Stand-ins are the wires (calls go straight to the methods, and to the playground's Stripe), the mail server, the jail,
the database's thread, the scheduler, the clocks.
"""

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar, copy_context
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot import app, lifecycle
from bot.botapi import updates
from bot.domain.errors import DarkroomError, Reason, Refused
from bot.domain.values import Stage, Tool
from bot.http_server import hear_stripe
from bot.mail.smtp import RecipientRefused, TryLater
from bot.payments.stripe_gateway import StripeGateway
from bot.playground.files import Upload
from bot.playground.server import Call, NoAnswer, apply_fault, execute, refusal, unpacked
from bot.playground.world import ApiError
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed
from bot.sandbox.wire import About
from bot.settings import Settings
from storage import db
from tests.harness import stripe_transport
from tests.harness.canaries import Ear
from tests.harness.simulated_clock import TASKS, TOKEN, Telegram
from tests.pictures.photos import encoded

T = TypeVar("T")

_LATE = 2.5 * 24 * 3600

_life: ContextVar["Life"] = ContextVar("life")


class Killed(BaseException):
    """Their process is gone: what still runs of it must have no effect."""


class Life:
    """The bot from one start to its end. A step is what it could die before or after: a call, a transaction."""

    def __init__(self, lasts: int, revive: Callable[[], None]) -> None:
        self.lasts = lasts  # steps; 0: for ever
        self.steps: list[str] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.connection: Any = None
        self.over = False
        self._revive = revive
        self._context = copy_context()
        self._context.run(_life.set, self)
        self._context.run(TASKS.set, self.tasks)

    def step(self, name: str) -> None:
        self.go_on()
        self.steps.append(name)
        if len(self.steps) == self.lasts:
            self.over = True
            self._revive()
            raise Killed

    def go_on(self) -> None:
        if self.over:
            raise Killed

    async def does(self, work: Coroutine[Any, Any, None]) -> None:
        """In the bot's name, until it is done or the bot dead."""
        task = self._context.run(asyncio.ensure_future, work)
        await asyncio.wait({task})
        if not self.over:
            task.result()

    async def is_gone(self) -> None:
        """What has only begun ends at its first step; what waits is cancelled, and again if it goes on regardless."""
        while left := [task for task in self.tasks if not task.done()]:
            await asyncio.wait(left, timeout=1)
            for task in left:
                task.cancel()
        for task in self.tasks:
            _ = task.cancelled() or task.exception()  # seen
        self.connection.close()


class BotApiTransport(BaseRequest):
    """The Bot API without sockets. When its life is over, every call raises."""

    read_timeout = 20.0

    def __init__(self, telegram: Telegram, life: Life) -> None:
        self._playground = telegram.playground
        self._world = telegram.world
        self._life = life

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **_: Any
    ) -> tuple[int, bytes]:
        call, no_answer = self._call(url.rpartition("/")[2], request_data or RequestData()), None
        await self._step(f"before {call.method}")
        try:
            answer = 200, json.dumps({"ok": True, "result": await self._result(call)}).encode()
        except ApiError as error:
            answer = error.code, refusal(error).body
        except NoAnswer as fault:
            no_answer = fault
        await self._step(f"after {call.method}")
        if no_answer:
            await asyncio.sleep(no_answer.seconds)
            raise TimedOut if no_answer.seconds else NetworkError("ServerDisconnectedError")
        return answer

    async def fetch(self, url: str, into: MemoryFile, limit: int) -> None:
        into.truncate(0)
        into.rewind()
        await self._step("before a download")
        fault = self._world.faults.take("file")
        try:
            if fault:
                apply_fault(fault)
        except (ApiError, NoAnswer):
            raise NetworkError("the file did not come") from None
        content = self._world.files.published_path(url.partition(f"/bot{TOKEN}/")[2]).read_bytes()
        content = fault.served(content) if fault else content
        if fault and fault.kind == "cut":
            into.write(content[: len(content) // 2])
            raise NetworkError("ClientPayloadError")
        await asyncio.sleep(fault.seconds if fault else 0)
        into.write(content)
        if into.size > limit:
            raise Refused(Reason.TOO_MANY_BYTES, limit >> 20)

    async def _step(self, name: str) -> None:
        self._life.step(name)
        await asyncio.sleep(0)
        self._life.go_on()

    def _call(self, method: str, data: RequestData) -> Call:
        call = Call(method, {name: unpacked(value) for name, value in data.json_parameters.items()})
        for name, (filename, content, mime) in (data.multipart_data or {}).items():
            part = call.parts[name] = Upload(self._world.files.new_path(), filename, mime)
            part.path.write_bytes(content.read(0, content.size) if isinstance(content, MemoryFile) else content)
        return call

    async def _result(self, call: Call) -> Any:
        """Polling waits without a timer, so that a world in which nothing happens is calm."""
        polls = call.method == "getUpdates" and call.params.pop("timeout", None)
        while not (result := await execute(self._playground, self._world, call)) and polls:
            await self._world.inbox.wait(None)
            self._life.go_on()
        return result


class MortalStripeTransport(stripe_transport.StripeTransport):
    """Stripe without sockets. When its life is over, every call raises."""

    def __init__(self, telegram: Telegram, life: Life) -> None:
        super().__init__(telegram.playground.stripe)
        self._life = life

    async def request_async(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        self._life.step(f"before {method} at Stripe")
        answer = await super().request_async(method, url, *rest, **more)
        self._life.step(f"after {method} at Stripe")
        return answer


class Store(db.Database):
    """The real database on its real file, on the loop's own thread. When its life is over, everything raises."""

    @classmethod
    async def open(cls, path: Path, key_file: Path) -> "Store":
        life = _life.get()
        life.connection = db.connect(path, db.read_or_make_key(key_file))
        db.migrate(life.connection)
        store = cls(life.connection)
        store.life = life
        return store

    async def run(self, work: Callable[[db.Connection], T]) -> T:
        self.life.step("before a transaction")
        result = await super().run(work)
        self.life.step("after a transaction")
        return result

    async def note(self, work: Callable[[db.Connection], object]) -> None:
        self.life.step("before a transaction")
        await super().note(work)
        self.life.step("after a transaction")

    async def renew(self) -> bool:
        return await self.checkpoint()

    async def _in_thread(self, work: Callable[[Any], T]) -> T:
        self.life.go_on()
        result = work(self._connection)  # at once: a cancelled caller does not take a real hop back, either
        await asyncio.sleep(0)
        self.life.go_on()
        return result


class PerUserProcessor(updates.PerUserProcessor):
    async def do_process_update(self, update: object, coroutine: Any) -> None:
        with contextlib.closing(coroutine):  # Python would complain of what the dead never began
            await super().do_process_update(update, coroutine)


class Jail:
    """Its results tell the tool and the photo. `plan`: the errors of the next jobs, None for a job without."""

    def __init__(self) -> None:
        self.plan: list[DarkroomError | None] = []
        self.seconds = 0.1
        self.previews = False  # whether tools that have a quick look show one

    async def start(self) -> None: ...

    async def develop(
        self,
        tool: Tool,
        settings: Mapping[str, str],
        photo: MemoryFile,
        stage: Callable[[Stage], None],
        background_photo: MemoryFile | None = None,
    ) -> Developed:
        stage(Stage.WORKING)
        await asyncio.sleep(self.seconds)
        if error := self.plan.pop(0) if self.plan else None:
            raise error
        if tool.slug == "print-look":
            proof = MemoryFile()
            proof.write(encoded())
            return Developed(proof, About("JPEG", "JPEG", 4, 3, 4, 3, {"dpi": 300, "cut": 20}), 0.001, 1)
        result = MemoryFile()
        result.write(tool.slug.encode() + b" of " + photo.read(0, photo.size))
        preview = MemoryFile() if self.previews and tool.hints else None
        if preview:
            preview.write(encoded())
        return Developed(result, About("JPEG", "JPEG", 4, 3, 4, 3, {}), 0.001, 1, preview)


class SmtpServer:
    """Catches mails, unless `plan` holds an error for the next ones; with `echo` it catches them all the same."""

    def __init__(self) -> None:
        self.caught: list[EmailMessage] = []
        self.plan: list[Exception | None] = []
        self.echo = False
        self.seconds = 0.0  # until it answers
        self.is_down = False
        self.refuses: set[str] = set()  # addresses
        self.refused_late: set[str] = set()  # subjects of mails that were almost three days old
        self.on_try: Callable[[], object] = lambda: None

    @staticmethod
    def later() -> Exception:
        return TryLater("down")

    async def send(self, mail: EmailMessage) -> None:
        life = _life.get()
        life.step("before a mail")
        self.on_try()
        await asyncio.sleep(self.seconds)
        await asyncio.sleep(0)
        life.go_on()
        error = self.plan.pop(0) if self.plan else None
        if mail["To"] in self.refuses:
            error = RecipientRefused()
        if self.is_down:
            error = TryLater("down")
        if error is None or self.echo:
            self.caught.append(mail)
        life.step("after a mail")
        if error and parsedate_to_datetime(mail["Date"]).timestamp() < time.time() - _LATE:
            self.refused_late.add(mail["Subject"])
        if error:
            raise error

    def to(self, address: str, subject: str = "") -> list[EmailMessage]:
        return [mail for mail in self.caught if mail["To"] == address and subject in mail["Subject"]]


async def no_webhooks(*_: Any) -> None:
    """Nobody comes in by a socket."""


@cache
def _settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **{"bot_token": TOKEN, "workers": 2, **given})


@cache
def _new_files() -> dict[str, bytes]:
    """A migrated database and its key, as every history begins with them; by their settings."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        key, database = Path(folder, "database_key_file"), Path(folder, "database_path")
        with contextlib.closing(db.connect(database, db.read_or_make_key(key))) as connection:
            db.migrate(connection)
        return {path.name: path.read_bytes() for path in (key, database)}


class Bot:
    """The real bot. `running` is it in its present life, the last of `lives`."""

    def __init__(self, telegram: Telegram, **settings: Any) -> None:
        self.jail = Jail()
        self.mail = SmtpServer()
        self.running: Any = None
        self.lives: list[Life] = []
        self._telegram = telegram
        self._later: list[int] = []  # how long the next lives last
        self._revival: asyncio.Task[None] | None = None
        self._outside = copy_context()
        files = {name: telegram.folder / name for name in _new_files()}
        for name, path in files.items():
            path.write_bytes(_new_files()[name])
            path.chmod(0o600)
        self._settings = _settings(**settings).model_copy(update=files)
        self._ear = Ear()
        if self._settings.stripe_webhook_secret:
            self._listen_to_stripe()

    def __enter__(self) -> "Bot":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        self._ear.listen()
        self._telegram.run(self._is_back())
        if not self.lives or self.lives[-1].over:
            self._telegram.run(self._start())

    def kill(self) -> None:
        """As SIGKILL does it. It stays dead until `start`."""
        if self._revival:
            self._revival.cancel()
        self.lives[-1].over = True
        self._telegram.run(self.lives[-1].is_gone())
        self._ear.stop()
        canaries, world = self._telegram.canaries, self._telegram.world
        canaries.note_requests(self._telegram.requests())
        found = canaries.found_in("\n".join(self._ear.lines), world.people)
        assert not found, f"the log tells: {found}"

    def dies_after(self, *steps: int) -> None:
        """At that step from now on; further numbers are for the lives that follow. It starts again by itself."""
        self._telegram.run(self._is_back())
        self.lives[-1].lasts = len(self.lives[-1].steps) + steps[0]
        self._later = list(steps[1:])

    @property
    def services(self) -> Any:
        """What its handlers get."""
        return self.running.services

    def stop(self) -> None:
        """As SIGTERM does it. It stays dead until `start`."""
        self._telegram.run(self._is_back())
        if not self.lives[-1].over:
            self._telegram.run(self.lives[-1].does(lifecycle.end(self.running, None)))
        self.kill()

    def runs_job(self, name: str) -> None:
        """One of the scheduler's, now: by itself it runs none."""
        job = self.begins_job(name)
        assert job, "the dead run no job"
        self._telegram.run(asyncio.wait_for(job, None))

    def begins_job(self, name: str) -> "asyncio.Task[None] | None":
        """The same, and the story does not wait for it. Nothing where the bot is dead."""
        self._telegram.run(self._is_back())
        if self.lives[-1].over:
            return None
        [job] = self.running.application.job_queue.get_jobs_by_name(name)
        return self._telegram.loop.create_task(self.lives[-1].does(job.run(self.running.application)))

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """What the database's file holds, also while the bot is dead."""
        key = db.read_or_make_key(self._settings.database_key_file)
        with contextlib.closing(db.connect(self._settings.database_path, key)) as connection:
            return connection.execute(sql, values).fetchall()

    async def _start(self) -> None:
        if self.lives:
            await self.lives[-1].is_gone()
        life = Life(self._later.pop(0) if self._later else 0, self._revive)
        self.lives.append(life)
        await life.does(self._begin(life))

    async def _begin(self, life: Life) -> None:
        stripe = partial(StripeGateway, http=MortalStripeTransport(self._telegram, life))
        with (
            patch("bot.payments.stripe_gateway.StripeGateway", stripe),
            patch.multiple(
                app,
                Database=Store,
                PerUserProcessor=PerUserProcessor,
                Sandbox=lambda *_, **__: self.jail,
                SmtpServer=lambda *_: self.mail,
            ),
        ):
            self.running = await app.build(self._settings, request=BotApiTransport(self._telegram, life))
        scheduler = self.running.application.job_queue.scheduler
        scheduler.start = partial(scheduler.start, paused=True)
        with patch.object(lifecycle, "serve_webhooks", no_webhooks):
            await lifecycle.start(self.running)

    def _listen_to_stripe(self) -> None:
        """The webhook of the account that STRIPE_API_KEY names is here."""
        key, secret = self._settings.stripe_api_key, self._settings.stripe_webhook_secret
        endpoint = self._telegram.playground.stripe[key.get_secret_value().removeprefix("sk_test_")].endpoint
        endpoint.url, endpoint.secret, endpoint.post = "here", secret.get_secret_value(), self._hears_stripe

    async def _hears_stripe(self, _: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The answer's status; 0 where the bot is dead."""
        life, status = self.lives[-1], [0]
        if life.over:
            return 0

        async def hears() -> None:
            status[0] = await hear_stripe(self.services.shop.stripe_reconciliation, body, headers["Stripe-Signature"])

        await life.does(hears())
        return 0 if life.over else status[0]

    def _revive(self) -> None:
        """As a service manager does it, and not as a task of the dying one."""
        self._revival = self._outside.run(asyncio.ensure_future, self._start())
        self._revival.add_done_callback(lambda start: start.cancelled() or start.result())  # or it is a trouble

    async def _is_back(self) -> None:
        """Where it is being started again, it is up."""
        while self._revival and not self._revival.done():
            await asyncio.wait({self._revival})
