"""What a photo that has taken over its decoder would try next. Each raises OSError or ValueError when it is stopped.

    python -m tests.harness.attacks FOLDER  the control: all of them without a lock; prints each outcome as JSON

`privileged` ones are refused to ordinary users, and mostly in containers, by the kernel itself.
"""

# The system calls are the point here.
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH116, PTH208, PTH211

import ctypes
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_IO_URING_SETUP, _CLONE3 = 425, 435
_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_PTRACE_SEIZE = 0x4206
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_FILE, _PAIR, _LISTENER, _PARENT_MEMORY = 100, 101, 102, 103  # descriptors that the parent has open


@dataclass(frozen=True)
class Prey:
    """What there is to harm: a folder open to everybody, a listening port, the parent process."""

    folder: Path
    port: int
    parent: int


Attack = Callable[[Prey], object]
ATTACKS: dict[str, Attack] = {}
PRIVILEGED: set[str] = set()


def attack(function: Attack) -> Attack:
    ATTACKS[function.__name__] = function
    return function


def privileged(function: Attack) -> Attack:
    PRIVILEGED.add(function.__name__)
    return attack(function)


def leave_open(folder: Path) -> Prey:
    """Open in the parent what a child would inherit, at the numbers above."""
    file = os.open(folder / "left-open", os.O_CREAT | os.O_WRONLY, 0o666)
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    listener.setblocking(False)
    port = int(listener.getsockname()[1])
    for fd, number in ((file, _FILE), (pair[0].fileno(), _PAIR), (listener.fileno(), _LISTENER)):
        os.dup2(fd, number)
    os.dup2(os.open("/proc/self/mem", os.O_RDWR), _PARENT_MEMORY)
    pair[0].detach(), pair[1].detach(), listener.detach()
    (folder / "victim").touch(0o666)
    return Prey(folder, port, os.getpid())


def _must(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


# Files


@attack
def create_a_file(prey: Prey) -> object:
    return os.open(prey.folder / str(os.getpid()), os.O_CREAT | os.O_WRONLY, 0o600)


@attack
def create_shared_memory(prey: Prey) -> object:
    path = f"/dev/shm/{prey.folder.name}-{prey.parent}"
    fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.unlink(path)
    return fd


@attack
def write_to_an_inherited_file(prey: Prey) -> object:
    return os.write(_FILE, b"x")


@attack
def overwrite_a_file(prey: Prey) -> object:
    return os.open(prey.folder / "victim", os.O_WRONLY | os.O_TRUNC)


@attack
def read_passwords(prey: Prey) -> object:
    return os.open("/etc/passwd", os.O_RDONLY)


@attack
def list_a_folder(prey: Prey) -> object:
    return os.listdir("/etc")


@attack
def ask_whether_a_file_is_there(prey: Prey) -> object:
    return os.stat(prey.folder)


@attack
def rename(prey: Prey) -> object:
    os.rename(prey.folder / "victim", prey.folder / "moved")
    os.rename(prey.folder / "moved", prey.folder / "victim")


@attack
def make_a_folder(prey: Prey) -> object:
    os.mkdir(prey.folder / f"folder-{os.getpid()}")


@attack
def link(prey: Prey) -> object:
    os.symlink("victim", prey.folder / f"link-{os.getpid()}")


@attack
def change_rights(prey: Prey) -> object:
    os.chmod(prey.folder / "victim", 0o666)


@attack
def unlink(prey: Prey) -> object:
    os.unlink(prey.folder / "victim")


@attack
def anonymous_file(prey: Prey) -> object:
    return os.memfd_create("x")


@attack
def system_v_shared_memory(prey: Prey) -> object:
    number = _must(_libc.shmget(0, 4096, 0o1600))
    return _libc.shmctl(number, 0, None)


# Network and other sockets


@attack
def connect(prey: Prey) -> object:
    with socket.socket() as caller:
        caller.connect(("127.0.0.1", prey.port))


@attack
def send_a_datagram(prey: Prey) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", 9))


@attack
def open_a_unix_socket(prey: Prey) -> object:
    socket.socket(socket.AF_UNIX).close()


@attack
def listen(prey: Prey) -> object:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()


@attack
def send_through_an_inherited_socket(prey: Prey) -> object:
    return os.write(_PAIR, b"leak")


@attack
def accept_on_an_inherited_socket(prey: Prey) -> object:
    ready = socket.socket(fileno=_LISTENER)
    try:
        return ready.accept()
    except BlockingIOError:
        return None  # nobody was there, but it was allowed to ask
    finally:
        ready.detach()


# Processes


@attack
def execute(prey: Prey) -> object:
    os.execv("/bin/true", ["true"])


@attack
def fork(prey: Prey) -> object:
    pid = _must(_libc.fork())
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


@attack
def fork_by_the_newest_call(prey: Prey) -> object:
    arguments = struct.pack("8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = _must(_libc.syscall(_CLONE3, arguments, len(arguments)))
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


@attack
def start_a_thread(prey: Prey) -> object:
    """Thousands of them would take the kernel's memory, on nobody's account."""
    thread = threading.Thread(target=int)
    try:
        thread.start()
    except RuntimeError:  # how `threading` spells EPERM and EAGAIN
        raise OSError("no thread") from None
    return thread.join()


@attack
def spawn(prey: Prey) -> object:
    return os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


@attack
def signal_the_parent(prey: Prey) -> object:
    os.kill(prey.parent, signal.SIGWINCH)


@attack
def signal_a_thread_of_the_parent(prey: Prey) -> object:
    return _must(_libc.tgkill(prey.parent, prey.parent, signal.SIGWINCH))


@privileged
def read_the_parents_memory(prey: Prey) -> object:
    return os.open(f"/proc/{prey.parent}/mem", os.O_RDONLY)


@attack
def read_the_parents_memory_by_an_inherited_descriptor(prey: Prey) -> object:
    return os.pread(_PARENT_MEMORY, 8, id(None))


@privileged
def copy_the_parents_memory(prey: Prey) -> object:
    taken = ctypes.create_string_buffer(8)
    mine = struct.pack("PP", ctypes.addressof(taken), 8)
    theirs = struct.pack("PP", id(None), 8)  # forked from it, so its None is at our address
    return _must(_libc.process_vm_readv(prey.parent, mine, ctypes.c_ulong(1), theirs, ctypes.c_ulong(1), 0))


@privileged
def trace_the_parent(prey: Prey) -> object:
    return _must(_libc.ptrace(_PTRACE_SEIZE, prey.parent, None, None))


@privileged
def read_the_memory_of_init(prey: Prey) -> object:
    return os.open("/proc/1/mem", os.O_RDONLY)


# Undoing the lock


@attack
def write_own_memory_as_a_file(prey: Prey) -> object:
    return os.open("/proc/self/mem", os.O_RDWR)


@attack
def raise_the_limit_of_file_sizes(prey: Prey) -> object:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


@attack
def raise_the_limit_of_open_files(prey: Prey) -> object:
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


@attack
def raise_the_limit_of_the_stack(prey: Prey) -> object:
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.RLIM_INFINITY))


@attack
def allow_core_dumps(prey: Prey) -> object:
    return _must(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0))


@attack
def outlive_the_parent(prey: Prey) -> object:
    return _must(_libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0))


@attack
def allocate_three_gigabytes(prey: Prey) -> object:
    return mmap.mmap(-1, 3 << 30)


@attack
def executable_memory(prey: Prey) -> object:
    return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)


@attack
def make_memory_executable(prey: Prey) -> object:
    page = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return _must(_libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), mmap.PROT_READ | mmap.PROT_EXEC))


@attack
def control_a_device(prey: Prey) -> object:
    return fcntl.ioctl(3, termios.FIONREAD, b"\0" * 4)


@attack
def take_all_processors(prey: Prey) -> object:
    os.sched_setaffinity(0, os.sched_getaffinity(0))


@privileged
def become_root(prey: Prey) -> object:
    os.setresuid(0, 0, 0)


@privileged
def new_network(prey: Prey) -> object:
    return _must(_libc.unshare(_CLONE_NEWNET))


@privileged
def new_users(prey: Prey) -> object:
    return _must(_libc.unshare(_CLONE_NEWUSER))


@privileged
def mount(prey: Prey) -> object:
    _must(_libc.unshare(0x20000))  # in a mount namespace of its own, so that the control mounts nothing for good
    return _must(_libc.mount(b"none", str(prey.folder).encode(), b"tmpfs", ctypes.c_ulong(0), None))


@privileged
def asynchronous_calls(prey: Prey) -> object:
    """io_uring: calls that seccomp would not see."""
    parameters = ctypes.create_string_buffer(120)
    return _must(_libc.syscall(_IO_URING_SETUP, 8, parameters))


def outcome(name: str, prey: Prey) -> str:
    """The name of the error that stopped it, or "" when it went through."""
    try:
        ATTACKS[name](prey)
    except (OSError, ValueError) as stopped:  # ValueError: how `resource` spells EPERM
        return type(stopped).__name__
    return ""


def _unlocked(name: str, prey: Prey) -> str:
    """In a forked process without a lock. One that became another program ends with 0 like one that went through."""
    pid = os.fork()
    if pid == 0:
        socket.socketpair()[0].detach()
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os._exit(1 if outcome(name, prey) else 0)
    _, status = os.waitpid(pid, 0)
    (prey.folder / "victim").touch(0o666)
    return "" if status == 0 else f"status {status}"


if __name__ == "__main__":
    prey = leave_open(Path(sys.argv[1]))
    inbox, _ = socket.socketpair()
    os.dup2(inbox.fileno(), 3)  # as the child's channel is
    print(json.dumps({name: _unlocked(name, prey) for name in ATTACKS}))
