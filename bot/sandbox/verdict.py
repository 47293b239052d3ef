"""How a job ended: what its child says of it, which is not to be believed, and how the child ended."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable

from bot.domain.errors import Failed, Reason, Refused
from bot.domain.values import Limits, Stage
from bot.sandbox import wire
from bot.sandbox.zygote_process import Child, Exit

_LAST_SECONDS = 5  # between a child's last word and its end

Lengths = tuple[int, int, int]  # of picture, preview and what is told about them, in the result's file


class Unheard(Failed):
    """The child ended before it said a word: it was dying when it got the job."""


async def of(child: Child, limits: Limits, stage: Callable[[Stage], None]) -> tuple[Lengths, Exit]:
    """Lengths of the result's parts, and the cost. Raises Refused, Failed, Unheard."""
    heard: list[Stage] = []

    def tell(latest: Stage) -> None:
        heard.append(latest)
        stage(latest)

    try:
        async with asyncio.timeout(limits.seconds):
            verdict = await _listen(child.channel, tell)
            async with asyncio.timeout(_LAST_SECONDS):
                exit_ = await asyncio.shield(child.exited)
    except TimeoutError:
        raise Failed(Reason.TOOK_TOO_LONG) from None
    except (ValueError, OSError):
        raise Failed(Reason.CRASHED) from None
    if isinstance(verdict, Refused):
        raise verdict
    if verdict is None and not heard:
        raise Unheard(_why(exit_.status))
    if verdict is None or exit_.status != 0:
        raise Failed(_why(exit_.status))
    return verdict, exit_


async def _listen(channel: socket.socket, stage: Callable[[Stage], None]) -> Refused | Lengths | None:
    """The child's verdict, None where it hung up without one. Raises ValueError for nonsense.

    Stages only go forward: otherwise a child that never stops talking would have the whole bot listen.
    """
    latest = Stage.FETCHING
    while isinstance(said := await _hear(channel), Stage):
        if said <= latest:
            raise ValueError("a stage again")
        latest = said
        stage(said)
    return said


async def _hear(channel: socket.socket) -> Stage | Refused | Lengths | None:
    """The child's next word, None when it hung up. Raises ValueError for nonsense."""
    try:
        untrusted = await asyncio.get_running_loop().sock_recv(channel, wire.MESSAGE_SIZE)
    except ConnectionError:
        return None
    if not untrusted:
        return None
    kind, untrusted_numbers = wire.unpack(untrusted)
    if kind is wire.Kind.STAGE:
        return wire.stage_of(untrusted_numbers[0])
    if kind is wire.Kind.REFUSED:
        reason = Reason(untrusted_numbers[0])
        return (Failed if reason >= Reason.OUT_OF_MEMORY else Refused)(reason, untrusted_numbers[1])
    if kind is wire.Kind.DONE:
        return untrusted_numbers[:3]
    raise ValueError("not a child's word")


def _why(status: int) -> Reason:
    """What a wait status says about a child that gave no answer."""
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if killed_by == signal.SIGXCPU:
        return Reason.TOOK_TOO_LONG
    return Reason.OUT_OF_MEMORY if killed_by == signal.SIGKILL else Reason.CRASHED
