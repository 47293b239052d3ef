"""The lock: resource limits, an unprivileged id, Landlock and seccomp, by ctypes alone.

Order matters: `drop_privileges` needs what `lock_syscalls` takes away. After `lock_files` a process opens nothing new;
after `lock_syscalls` it computes, uses the memory it can get, writes to descriptors that it already holds, and ends.

Sources: Linux 6.18 `include/uapi/linux/landlock.h`, `seccomp(2)`, `landlock(7)`; syscall numbers from the kernel's
`arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. x86-64 is tested; arm64 is not.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

NOBODY = 65534
_STACK = 4 << 20  # bytes; honest work stays below a quarter of one MB

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture

# What pixel work needs. Not here, so refused: open, socket, send, recv, execve, fork, kill, ptrace, ioctl, memfd ...
_ALLOWED_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "readv": 19, "writev": 20, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "getrusage": 98, "sysinfo": 99,
    "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219,
    "clock_gettime": 228, "clock_nanosleep": 230, "exit_group": 231, "getrandom": 318,
}  # fmt: skip
_ALLOWED_ARM64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "ppoll": 73, "fstat": 80,
    "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101, "clock_gettime": 113,
    "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "getrusage": 165, "getpid": 172, "gettid": 178,
    "sysinfo": 179, "brk": 214, "munmap": 215, "mremap": 216, "madvise": 233, "getrandom": 278,
}  # fmt: skip


class _Architecture:
    def __init__(self, audit: int, allowed: dict[str, int], mmap: int, mprotect: int) -> None:
        self.audit = audit
        self.allowed = allowed
        self.mmap = mmap
        self.mprotect = mprotect


_ARCHITECTURES = {
    "x86_64": _Architecture(0xC000003E, _ALLOWED_X86_64, mmap=9, mprotect=10),
    "aarch64": _Architecture(0xC00000B7, _ALLOWED_ARM64, mmap=222, mprotect=226),
}


class JailError(OSError):
    """A layer could not be put in place. The message names the layer and the errno."""


def _must(result: int, layer: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise JailError(number, f"{layer}: {os.strerror(number)}")
    return result


def missing() -> set[str]:
    """The layers that this kernel cannot give, out of {"landlock", "seccomp"}."""
    lacking = set()
    if landlock_abi() < 1:
        lacking.add("landlock")
    # A null filter: EFAULT where seccomp filters exist, EINVAL where they do not.
    supported = _libc.prctl(_PR_SET_SECCOMP, 2, None, 0, 0) == -1 and ctypes.get_errno() == errno.EFAULT
    if not supported or platform.machine() not in _ARCHITECTURES:
        lacking.add("seccomp")
    return lacking


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where it has none."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, 0, 1)))


def die_with_parent(parent: int) -> None:
    """Be killed when `parent` ends. Forgotten by the kernel when ids change, so call it after `drop_privileges`."""
    _must(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "parent death signal")
    if os.getppid() != parent:
        os._exit(1)


def forbid_cores() -> None:
    """No core dump, whatever happens."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def hide_memory() -> None:
    """No core dump, and no other process of the same user may read this one's memory."""
    forbid_cores()
    _must(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def drop_privileges() -> None:
    """Started as root: become nobody, for good."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def limit(memory: int, cpu_seconds: int) -> None:
    """Bounds of the whole process: address space in bytes, processor time, the stack; no file may grow or be opened,
    and neither process nor thread be started.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for kind, bound in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),  # refuses this process alone a fork or a thread, however many its user has
        (resource.RLIMIT_STACK, _STACK),
    ):
        resource.setrlimit(kind, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))


def lock_files() -> None:
    """Landlock without a single rule: no file is opened, made or removed; no TCP, no signals or sockets outwards."""
    abi = landlock_abi()
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)) - 1
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    attributes = struct.pack("QQQ", files, 3, 3)[:size]
    _no_new_privileges()
    ruleset = _must(_libc.syscall(_LANDLOCK_CREATE, attributes, size, 0), "landlock")
    _must(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock")
    os.close(ruleset)


def lock_syscalls() -> None:
    """seccomp: the allow-list above, no executable memory; the rest, processes and threads among it, is EPERM."""
    _no_new_privileges()
    _install(_program(_ARCHITECTURES[platform.machine()]))


def refuse_syscalls(numbers: Iterable[int], error: int) -> None:
    """seccomp the other way round: answer these calls with `error`. Lets a test play a kernel that lacks them."""
    _no_new_privileges()
    program = [_instruction(_LOAD, 0)]
    for number in numbers:
        program += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | error)]
    program.append(_instruction(_RETURN, _ALLOW))
    _install(program)


def mapped_bytes() -> int:
    """The address space that this process uses now. Needs /proc, so ask before `lock_files`."""
    pages = Path("/proc/self/statm").read_bytes().split()[0]
    return int(pages) * resource.getpagesize()


# -- the filter program (struct sock_filter: code, jump if true, jump if false, operand) --

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PROT_EXEC = 0x4


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand)


def _argument(index: int) -> int:
    return 16 + 8 * index  # low half of args[index] in struct seccomp_data, little-endian


def _program(arch: _Architecture) -> list[bytes]:
    step = _instruction
    denied = _ERRNO | errno.EPERM
    program = [
        step(_LOAD, 4), step(_EQUAL, arch.audit, 1, 0), step(_RETURN, _KILL),
        step(_LOAD, 0), step(_AT_LEAST, 0x40000000, 0, 1), step(_RETURN, _KILL),  # the x32 twin of every call
    ]  # fmt: skip
    for number in (arch.mmap, arch.mprotect):
        program += [
            step(_EQUAL, number, 0, 4), step(_LOAD, _argument(2)),
            step(_ANY_BIT, _PROT_EXEC, 0, 1), step(_RETURN, denied), step(_RETURN, _ALLOW),
        ]  # fmt: skip
    for number in arch.allowed.values():
        program += [step(_EQUAL, number, 0, 1), step(_RETURN, _ALLOW)]
    return [*program, step(_RETURN, denied)]


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _install(program: list[bytes]) -> None:
    code = ctypes.create_string_buffer(b"".join(program))
    bpf = _FilterProgram(len(program), ctypes.addressof(code))
    _must(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(bpf), 0, 0), "seccomp")


def _no_new_privileges() -> None:
    _must(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
