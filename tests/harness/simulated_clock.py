"""A small Telegram in this process with a simulated clock: if everybody waits, time jumps. No sockets, no threads.

Its people have the same methods as those of `tests.harness.people`. All of it runs while the story waits for something,
and the same choices make the same history.
"""

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from bot.playground import actions
from bot.playground.api_conformance import Spec
from bot.playground.control import ACTIONS, LOGS
from bot.playground.files import Upload
from bot.playground.server import Playground
from bot.playground.stripe import CannotHappen
from bot.playground.world import ApiError
from tests.harness import people
from tests.harness.canaries import Canaries

TOKEN = "1000000001:in-process-needs-no-secret-token-x"
SPEC = Spec.from_environment()
NEVER = float("inf")
TASKS: ContextVar[list["asyncio.Task[Any]"]] = ContextVar("tasks")  # where tasks that begin in this context are noted
T = TypeVar("T")


class Loop(asyncio.SelectorEventLoop):
    """If nothing is ready, the clock jumps to the next timer. Work for threads is done at once."""

    def __init__(self) -> None:
        self._now = 0.0
        self._until = NEVER
        self._calm: asyncio.Future[bool] | None = None
        self.troubles: list[people.Json] = []  # errors that nobody caught
        super().__init__()
        self.set_exception_handler(lambda _, trouble: self.troubles.append(trouble))

    def time(self) -> float:
        return self._now

    async def settle(self, seconds: float) -> bool:
        """Run until nothing is ready and no timer set; False where that is not so within `seconds`."""
        self._calm, self._until = self.create_future(), self._now + seconds
        try:
            return await self._calm
        finally:
            self._calm, self._until = None, NEVER

    def create_task(self, coro: Any, **about: Any) -> Any:
        task = super().create_task(coro, **about)
        if (tasks := TASKS.get(None)) is not None:
            tasks.append(task)
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        done = self.create_future()
        done.set_result(func(*args))
        return done

    def _run_once(self) -> None:
        if not self._ready and not self._stopping:
            self._leap()
        super()._run_once()

    def _leap(self) -> None:
        timer = min((each._when for each in self._scheduled if not each._cancelled), default=NEVER)
        if timer < NEVER and timer <= self._until:
            self._now = max(self._now, timer)
        elif self._calm:
            self._calm.set_result(timer == NEVER)
        else:
            raise RuntimeError("everybody waits for what never comes")


class Telegram(people.Telegram):
    """A small Telegram in this process with a simulated clock."""

    def __init__(self) -> None:
        self._memory = tempfile.TemporaryDirectory(prefix="darkroom-history-", dir="/dev/shm")
        self.folder = Path(self._memory.name)
        self.loop = Loop()
        self.playground = Playground(self.folder, SPEC)
        self.world = self.playground.world(TOKEN)
        self.canaries = Canaries(TOKEN)
        began = time.time()
        self._patches = contextlib.ExitStack()
        self._patches.enter_context(patch("time.time", lambda: began + self.loop.time()))
        self._patches.enter_context(patch("time.monotonic", self.loop.time))
        self._patches.enter_context(patch.dict("os.environ", PTB_TIMEDELTA="1"))  # as the command line sets it

    def close(self) -> None:
        self._patches.close()
        self.loop.run_until_complete(self.playground.close())
        self.loop.close()
        self._memory.cleanup()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        result = self.loop.run_until_complete(work)
        assert not self.loop.troubles, self.loop.troubles
        return result

    def settle(self, seconds: float = 3600) -> None:
        """Until nothing more happens."""
        assert self.run(self.loop.settle(seconds)), f"something still goes on after {seconds} seconds"

    def passes(self, seconds: float) -> None:
        """Time, with what happens in it."""
        self.run(asyncio.sleep(seconds))

    def begin(self, act: str, **about: Any) -> "asyncio.Task[Any]":
        """An act that the story does not wait for: `telegram.begin("pay", person=anna.id)`."""
        return self.loop.create_task(ACTIONS[act](self.world, **about))

    def act(self, act: str, **about: Any) -> Any:
        self.canaries.note_act(about)
        try:
            answer = self.run(ACTIONS[act](self.world, **{key: about[key] for key in about if about[key] is not None}))
        except (actions.ImpossibleError, CannotHappen, ApiError) as error:
            raise people.ImpossibleError(str(error)) from None
        return json.loads(json.dumps(answer))  # as it is now: the world goes on

    def read(self, path: str, **query: Any) -> Any:
        what, _, chat = path.partition("/")
        if what == "changes":
            return self.run(self.world.wait_for_change(query["after"], query["seconds"]))
        return json.loads(
            json.dumps(actions.chat_view(self.world, self.world.chat(chat)) if chat else LOGS[what](self.world))
        )

    def upload(self, content: people.Content, name: str = "", mime: str = "") -> str:
        self.canaries.note(name)
        path = self.world.files.new_path()
        path.write_bytes(content.read_bytes() if isinstance(content, Path) else content)
        self.world.files.uploads[path.name] = Upload(path, name, mime)
        return path.name

    def download(self, file_id: str) -> bytes:
        return self.world.files.get(file_id).path.read_bytes()
