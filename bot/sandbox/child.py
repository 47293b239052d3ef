"""One job, start to end, in a process of its own: take it, lock the door, work, leave the result, be gone."""

import mmap
import os
import socket
from dataclasses import dataclass, field

from bot.domain.errors import Failed, Reason, Refused
from bot.domain.values import LARGEST_RESULT, MIB, Limits, Outcome, Stage
from bot.sandbox import header_check, jail, loading, wire
from bot.tools.shelf import ALL_TOOLS

_CV2_NO_MEMORY = -4  # cv::Error::StsNoMem
_NICE = 10  # of heavy jobs: where a light one wants the processor, they have a tenth of it


@dataclass(frozen=True)
class Zygote:
    """What the child must know of its parent."""

    pid: int
    mapped: int  # bytes of address space before any photo
    missing: frozenset[str]  # layers that the kernel lacks and the operator accepted


@dataclass
class _Source:
    data: memoryview = field(repr=False)
    format: str
    limits: Limits
    channel: int
    background_photo: "_Source | None" = None
    latest: Stage = Stage.FETCHING

    def stage(self, stage: Stage) -> None:
        if stage > self.latest:  # the bot takes a step back for a lie
            self.latest = stage
            _tell(self.channel, wire.Kind.STAGE, stage)


def run(channel: socket.socket, zygote: Zygote) -> None:
    """The child's whole life. Never returns; the exit status is 0 when the bot was told how it went."""
    status = 1
    try:
        channel = _keep_only(channel)
        jail.drop_privileges()
        jail.die_with_parent(zygote.pid)
        jail.hide_memory()
        status = _one_job(channel, zygote)
    except BaseException:  # no traceback may leave: it holds pieces of the photo
        status = 1
    finally:
        os._exit(status)


def _keep_only(channel: socket.socket) -> socket.socket:
    """Close every descriptor but null in, out and err, and the channel: a write to one of them would pass the lock."""
    os.dup2(channel.fileno(), 3)
    os.closerange(4, 1 << 20)
    channel.detach()
    return socket.socket(fileno=3)


def _one_job(channel: socket.socket, zygote: Zygote) -> int:
    message, (photo, room, *background_photo), _, _ = socket.recv_fds(channel, wire.LONGEST_JOB, 3)
    job = wire.Job.unpack(message)
    if job.heavy:
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    photos = [
        _mapped(fd, size)
        for fd, size in zip((photo, *background_photo), (job.size, job.background_photo), strict=False)
    ]
    out = mmap.mmap(room, wire.ROOM)
    os.close(room)
    jail.limit(zygote.mapped + job.limits.memory_mb * MIB, job.limits.cpu_seconds)
    if "seccomp" not in zygote.missing:
        jail.lock_syscalls()
    return _report(channel.fileno(), _work(job, photos, out, channel.fileno()))


def _mapped(fd: int, size: int) -> memoryview:
    """A memory file, read-only; its descriptor is closed."""
    data = memoryview(mmap.mmap(fd, size, prot=mmap.PROT_READ)) if size else memoryview(b"")
    os.close(fd)
    return data


def _work(job: wire.Job, photos: list[memoryview], out: mmap.mmap, channel: int) -> tuple[int, ...] | Refused:
    try:
        source, *background_photo = [
            _Source(data, header_check.check(data, job.limits), job.limits, channel) for data in photos
        ]
        source.background_photo = next(iter(background_photo), None)
        source.stage(Stage.READING)
        tool = ALL_TOOLS[job.tool]
        outcome = tool.run(source, tool.parse(job.settings))
        return _save(source, outcome, out)
    except Refused as refused:
        return refused
    except MemoryError:
        return Failed(Reason.OUT_OF_MEMORY)
    except ImportError as error:
        return loading.failed(error)
    except Exception as error:
        if type(error) is LookupError:  # of a codec; IndexError and KeyError are LookupErrors, too
            return loading.failed(error)
        lacking = getattr(error, "code", None) == _CV2_NO_MEMORY
        return Failed(Reason.OUT_OF_MEMORY if lacking else Reason.CRASHED)


def _save(source: _Source, outcome: Outcome, out: mmap.mmap) -> tuple[int, ...]:
    source.stage(Stage.SAVING)
    length = sum(memoryview(piece).nbytes for piece in outcome.data)
    if length > LARGEST_RESULT:
        raise Refused(Reason.RESULT_TOO_LARGE, length >> 20)
    for piece in (*outcome.data, outcome.preview):
        out.write(piece)
    about = wire.About(
        source.format, outcome.format, outcome.width, outcome.height,
        outcome.source_width, outcome.source_height, outcome.report,
    ).pack()  # fmt: skip
    if len(about) > wire.LARGEST_ABOUT or len(outcome.preview) > wire.LARGEST_PREVIEW:
        raise Failed(Reason.CRASHED)
    out.write(about)
    return length, len(outcome.preview), len(about)


def _report(channel: int, result: tuple[int, ...] | Refused) -> int:
    if isinstance(result, Refused):
        _tell(channel, wire.Kind.REFUSED, result.reason, result.detail)
    else:
        _tell(channel, wire.Kind.DONE, *result)
    return 0


def _tell(channel: int, kind: wire.Kind, *numbers: int) -> None:
    os.write(channel, wire.pack(kind, *numbers))  # not send(): the lock refuses every socket call
