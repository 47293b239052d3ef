"""`python -m bot.playground --listen 127.0.0.1:0`: prints {"url"} as a line, serves until SIGTERM or its parent ends"""

import argparse
import asyncio
import ctypes
import json
import os
import shutil
import signal
import stat
import sys
from contextlib import suppress
from ipaddress import ip_address

from aiohttp import web

from bot.playground import browser, control
from bot.playground.files import private_folder
from bot.playground.server import PLAYGROUND, Playground, answer_method, download, loopback_only
from bot.playground.spec import Spec

PARAMETERS_LIMIT = 1 << 20
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def build(playground: Playground) -> web.Application:
    app = web.Application(middlewares=[loopback_only], client_max_size=PARAMETERS_LIMIT)
    app[PLAYGROUND] = playground
    app.router.add_route("*", "/bot{token}/{method}", answer_method)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
    control.add_routes(app)
    browser.add_routes(app)
    return app


def address(text: str) -> tuple[str, int]:
    """Host and port, on this machine only. Raises ArgumentTypeError."""
    host, _, port = text.rpartition(":")
    try:
        if ip_address(host.strip("[]")).is_loopback:
            return host.strip("[]"), int(port)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not an address of this machine alone, such as 127.0.0.1:8080")


def end_with_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The kernel tells of the parent's death; a closed pipe on stdin tells of its wish."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        loop.add_reader(0, lambda: None if os.read(0, 1) else stop.set())


async def serve(host: str, port: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parent = os.getppid()
    end_with_parent(loop, stop)
    folder = private_folder()
    playground = Playground(folder, Spec.from_environment())
    runner = web.AppRunner(build(playground), access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        print(json.dumps({"url": f"http://{url_host(host)}:{runner.addresses[0][1]}"}), flush=True)
        if os.getppid() == parent:  # else it died before the kernel was told to watch it
            await stop.wait()
    finally:
        await playground.close()
        await runner.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(*parser.parse_args(arguments).listen))


if __name__ == "__main__":
    main(sys.argv[1:])
