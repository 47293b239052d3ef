"""Every page of an encrypted database as it is inside, those that are free as well: what no query shows any more."""

import ctypes
import ctypes.util
from pathlib import Path

from storage.keys import read_key

_PAGE, _RESERVED, _SALT, _IV = 4096, 80, 16, 16  # https://www.zetetic.net/sqlcipher/design/
_WAL_HEADER, _FRAME_HEADER = 32, 24

_crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
_crypto.EVP_CIPHER_CTX_new.restype = _crypto.EVP_aes_256_cbc.restype = ctypes.c_void_p


def pages(database: Path, key_file: Path) -> bytes:
    """Of the file and of its write-ahead log, one after another."""
    key = bytes.fromhex(read_key(key_file).database)
    stored = database.read_bytes()
    wal = database.with_name(f"{database.name}-wal")
    frames = wal.read_bytes()[_WAL_HEADER:] if wal.exists() else b""
    whole = [stored[at : at + _PAGE] for at in range(0, len(stored), _PAGE)]
    whole += [frames[at + _FRAME_HEADER :][:_PAGE] for at in range(0, len(frames), _FRAME_HEADER + _PAGE)]
    return b"".join(_decrypted(page, key, _SALT if page[:_SALT] == stored[:_SALT] else 0) for page in whole)


def _decrypted(page: bytes, key: bytes, salt: int) -> bytes:
    content, iv = page[salt:-_RESERVED], page[-_RESERVED : _IV - _RESERVED]
    out, length = ctypes.create_string_buffer(_PAGE), ctypes.c_int()
    context = ctypes.c_void_p(_crypto.EVP_CIPHER_CTX_new())
    _crypto.EVP_DecryptInit_ex(context, ctypes.c_void_p(_crypto.EVP_aes_256_cbc()), None, key, iv)
    _crypto.EVP_CIPHER_CTX_set_padding(context, 0)
    _crypto.EVP_DecryptUpdate(context, out, ctypes.byref(length), content, len(content))
    _crypto.EVP_CIPHER_CTX_free(context)
    return out.raw[: length.value]
