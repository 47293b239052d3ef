"""HEIC without threads: a child may start none, and libde265 is asked for one a picture, whatever libheif is told.

libheif 1.23 calls `de265_start_worker_threads(context, 1)`, with no setting against it. A caller that leaves this call
out has the same pictures decoded by its own thread; so in the zygote, and in nobody else, the function returns at once.
"""

import ctypes
import mmap
import platform
from pathlib import Path

_LIBRARY, _FUNCTION = "libde265", "de265_start_worker_threads"
_RETURN_ZERO = {
    "x86_64": bytes.fromhex("f30f1efa 31c0 c3"),  # endbr64; xor eax, eax; ret
    "aarch64": bytes.fromhex("00008052 c0035fd6"),  # mov w0, #0; ret
}


def start_no_threads() -> None:
    """Where HEIC cannot be decoded at all, there is nothing to do. Needs /proc; raises OSError."""
    loaded = Path("/proc/self/maps").read_text().split()
    code = _RETURN_ZERO.get(platform.machine())
    path = next((word for word in loaded if _LIBRARY in word), None)
    if path and code:
        function = ctypes.cast(getattr(ctypes.CDLL(path), _FUNCTION), ctypes.c_void_p).value or 0
        _overwrite(function, code)


def _overwrite(address: int, code: bytes) -> None:
    """Its pages are never writable and executable at once."""
    start = address - address % mmap.PAGESIZE
    length = address + len(code) - start
    _protect(start, length, mmap.PROT_READ | mmap.PROT_WRITE)
    ctypes.memmove(address, code, len(code))
    _protect(start, length, mmap.PROT_READ | mmap.PROT_EXEC)


def _protect(start: int, length: int, protection: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(length), protection) < 0:
        raise OSError(ctypes.get_errno(), "the code of a library cannot be changed")
