"""`python -m bot.playground --listen 127.0.0.1:0` prints {"url"} and serves until SIGTERM or its parent's end.

The URL ends in a secret that each start makes anew; nothing answers without it, neither the page nor the Bot API.
With --with-bot, the real bot runs beside the server (see `supervisor`); the line then comes when the bot is ready.
"""

import argparse
import asyncio
import ctypes
import json
import os
import secrets
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

from aiohttp import web

from bot.playground import control, stripe_api, web_page
from bot.playground.addresses import is_loopback
from bot.playground.api_conformance import Spec
from bot.playground.files import private_folder
from bot.playground.process import CannotStart
from bot.playground.server import PLAYGROUND, Playground, answer_method, download, no_such_page, own_page_only
from bot.playground.supervisor import Supervisor

PARAMETERS_LIMIT = 1 << 20
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def build(playground: Playground, supervisor: Supervisor | None, secret: str) -> web.Application:
    """All that the server answers, below /SECRET/."""
    app = web.Application()
    app[PLAYGROUND] = playground
    app.router.add_route("*", "/bot{token}/{method}", answer_method)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
    control.add_routes(app)
    stripe_api.add_routes(app)
    web_page.add_routes(app)
    if supervisor:
        supervisor.add_routes(app)
    door = web.Application(middlewares=[own_page_only], client_max_size=PARAMETERS_LIMIT)
    door.add_subapp(f"/{secret}", app)
    door.router.add_route("*", "/{path:.*}", no_such_page)
    return door


def listen_address(text: str) -> tuple[str, int]:
    """Parse host and port. Raises ArgumentTypeError unless the host is a loopback address."""
    host, _, port = text.rpartition(":")
    if is_loopback(host) and port.isascii() and port.isdigit():
        return host.strip("[]"), int(port)
    raise argparse.ArgumentTypeError(f"{text!r} is not an address of this machine alone, such as 127.0.0.1:8080")


def end_with_parent(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Call `stop` when the parent dies (the kernel then sends SIGTERM) or closes the pipe on our stdin."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the parent died before the kernel watched it
        stop()
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        loop.add_reader(0, lambda: None if os.read(0, 1) else stop())


async def serve(host: str, port: int, with_bot: bool) -> None:
    """Serve until SIGTERM, SIGINT or the parent's end. Raises OSError if the port is taken, and CannotStart."""
    loop, serving = asyncio.get_running_loop(), asyncio.create_task(_serve(host, port, with_bot))

    def stop() -> None:
        if not serving.cancelling():  # a second signal must not interrupt the clean-up
            serving.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    end_with_parent(loop, stop)
    with suppress(asyncio.CancelledError):
        await serving


async def _serve(host: str, port: int, with_bot: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = private_folder()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        playground = Playground(folder, Spec.from_environment())
        secret = secrets.token_urlsafe(24)
        supervisor = Supervisor(playground) if with_bot else None
        runner = web.AppRunner(build(playground, supervisor, secret), access_log=None, shutdown_timeout=1)
        stack.push_async_callback(runner.cleanup)
        stack.push_async_callback(playground.close)
        if supervisor:
            stack.push_async_callback(supervisor.close)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        url = f"http://{url_host(host)}:{runner.addresses[0][1]}/{secret}"
        if supervisor:
            await supervisor.start_bot(url)
        print(json.dumps({"url": url}), flush=True)
        await asyncio.Event().wait()


def url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--listen", type=listen_address, default=("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument("--with-bot", action="store_true", help="and the real bot against it")
    parsed = parser.parse_args(arguments)
    host, port = parsed.listen
    try:
        asyncio.run(serve(host, port, parsed.with_bot))
    except CannotStart as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The playground does not start at {host}:{port}, as PLAYGROUND_LISTEN says: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
