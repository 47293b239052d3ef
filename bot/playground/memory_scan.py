"""Counts the bytes of a secret in a process: compares each aligned word of its memory with all runs of eight bytes.

A match at any offset of the secret counts, so 15 bytes in a row are always found. The kernel must allow it: root may
read any memory, others that of their descendants, unless those hide it (`bot.sandbox.jail`).

`python -m bot.playground.memory_scan < PHOTO` is the control: it decodes a photo and keeps it.
"""

import errno
import io
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Windows = npt.NDArray[np.uint64]
_WORD = 8
_PIECE = 32 << 20
_HEAD = 2048  # bytes at a file's start: headers that other pictures have too
_TAIL = 16  # bytes at a file's end: every PNG ends in IEND and the same checksum
_BITS = 27
_MIXES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93), np.uint64(0xA0761D6478BD642F))


def windows(*secrets: bytes, unlike: Windows | None = None) -> Windows:
    """All runs of eight bytes, sorted, except runs of repeated bytes, which may be in memory by chance.

    `unlike` has the runs of other pictures from the same encoders; runs that are in both are left out.
    """
    runs = np.sort(np.concatenate([_runs(secret) for secret in secrets]))
    return runs if unlike is None else runs[~_is_in(runs, unlike)]


def _runs(secret: bytes) -> Windows:
    whole = np.frombuffer(secret, np.uint8)
    body = whole[_HEAD:-_TAIL] if len(secret) > 4 * _HEAD else whole
    runs = np.lib.stride_tricks.sliding_window_view(body, _WORD)
    repeats = np.cumsum(np.concatenate([[False], body[1:] == body[:-1]]))
    plain = repeats[_WORD - 1 :] - repeats[: 1 - _WORD]
    return np.ascontiguousarray(runs[plain < 2]).view(np.uint64).ravel()


def decoded_pixels(photo: bytes) -> tuple[bytes, bytes]:
    """A photo's pixels as decoders hold them: three bytes a pixel, and four as Pillow does."""
    with Image.open(io.BytesIO(photo)) as image:
        image.load()
        return image.tobytes(), image.tobytes("raw", "RGBX")


def count_bytes(pid: int, secrets: Mapping[str, Windows]) -> dict[str, int]:
    """Count the bytes of each secret in the writable memory of a process. Raises OSError if that cannot be read."""
    sieves = [np.zeros(1 << _BITS, np.bool_) for _ in _MIXES]  # nearly no word is part of a secret; this rejects most
    for secret in secrets.values():
        for mix, sieve in zip(_MIXES, sieves, strict=True):
            sieve[_hash(secret, mix)] = True
    counts = dict.fromkeys(secrets, 0)
    for piece in _memory(pid):
        words = np.frombuffer(piece[: len(piece) // _WORD * _WORD], np.uint64)
        words = words[words != 0]
        for mix, sieve in zip(_MIXES, sieves, strict=True):
            words = words[sieve[_hash(words, mix)]]
        for name, secret in secrets.items():
            counts[name] += int(_is_in(words, secret).sum()) * _WORD
    return counts


def scanned_bytes(pid: int) -> int:
    """How many bytes `count_bytes` searches."""
    return sum(end - start for start, end in _writable(pid))


def _is_in(words: Windows, secret: Windows) -> npt.NDArray[np.bool_]:
    """A mask: True for each word that is in the secret's windows."""
    return np.equal(secret[np.minimum(np.searchsorted(secret, words), len(secret) - 1)], words)


def _hash(words: Windows, mix: np.uint64) -> Any:
    return (words * mix) >> np.uint64(64 - _BITS)


def _memory(pid: int) -> Iterator[bytes]:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in _writable(pid):
            for position in range(start, end, _PIECE):
                memory.seek(position)
                try:
                    yield memory.read(min(_PIECE, end - position))
                except OSError as error:
                    if error.errno != errno.EIO:  # EIO: the process has unmapped this memory meanwhile
                        raise


def _writable(pid: int) -> Iterator[tuple[int, int]]:
    maps = Path(f"/proc/{pid}/maps").read_text()
    if not maps:
        raise ProcessLookupError(errno.ESRCH, "it has ended, and its memory with it")
    for line in maps.splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("rw"):
            start, end = span.split("-")
            yield int(start, 16), int(end, 16)


def _hold_photo() -> None:
    photo = sys.stdin.buffer.read()
    with Image.open(io.BytesIO(photo)) as image:
        image.load()
        kept = (photo, image, image.tobytes())
        print(len(kept), flush=True)
        signal.pause()


if __name__ == "__main__":
    _hold_photo()
