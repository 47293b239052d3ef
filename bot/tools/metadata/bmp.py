"""BMP: what its header tells beside the pixels (BITMAPV5HEADER, as Microsoft documents it)."""

import struct

_HEADER = 14  # where the information header begins, behind the file's
_V5 = 124
_EMBEDDED = b"DEBM"


def profile(data: memoryview) -> bytes:
    """The ICC profile that it holds; b"" for none."""
    if len(data) < _HEADER + _V5 or data[_HEADER] != _V5 or data[_HEADER + 56 : _HEADER + 60] != _EMBEDDED:
        return b""
    start, size = struct.unpack_from("<II", data, _HEADER + 112)
    return bytes(data[_HEADER + start : _HEADER + start + size])
