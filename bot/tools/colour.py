"""Colour told by numbers (PNG's cICP and gAMA, nclx of HEIF and AVIF, DCF) as the ICC profile that says the same.

What has a profile goes through every tool like any other photo with one. HDR (PQ, HLG) becomes SDR: a tone curve.
"""

import struct
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Chromaticity = tuple[float, float]  # x, y of CIE 1931


class Primaries(NamedTuple):
    white: Chromaticity
    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity


Curve = tuple[float, float, float, float, float]
"""From stored to linear light: (a*x + b)**g from d on, c*x below; g, a, b, c, d as in ICC.1:2022, 10.18, type 3."""


class Colour(NamedTuple):
    """What the numbers of a file mean."""

    primaries: Primaries
    curve: Curve
    hdr: str = ""  # "pq" or "hlg": `curve` then holds for what `tone_curve` makes of it


_D65, _C = (0.3127, 0.3290), (0.310, 0.316)
SRGB = Primaries(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = SRGB._replace(red=(0.68, 0.32), green=(0.265, 0.69))

_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1


def _power(gamma: float) -> Curve:
    return gamma, 1, 0, 0, 0


PLAIN = Colour(SRGB, _SRGB_CURVE)
ADOBE_RGB = Colour(SRGB._replace(green=(0.21, 0.71)), _power(563 / 256))  # Adobe RGB (1998), 4.3.1

# ITU-T H.273 (2024), tables 2 and 3.
_PRIMARIES = {
    1: SRGB,
    4: Primaries(_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: SRGB._replace(green=(0.29, 0.60)),
    6: SRGB._replace(red=(0.630, 0.340), green=(0.310, 0.595), blue=(0.155, 0.070)),
    7: SRGB._replace(red=(0.630, 0.340), green=(0.310, 0.595), blue=(0.155, 0.070)),
    8: Primaries(_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: SRGB._replace(red=(0.708, 0.292), green=(0.170, 0.797), blue=(0.131, 0.046)),
    11: DISPLAY_P3._replace(white=(0.314, 0.351)),
    12: DISPLAY_P3,
    22: SRGB._replace(red=(0.630, 0.340), green=(0.295, 0.605), blue=(0.155, 0.077)),
}
# All others are sRGB's, or close to it: browsers show video's by it, too.
_CURVES = {number: _power(gamma) for number, gamma in ((4, 2.2), (5, 2.8), (8, 1.0), (17, 2.6))}
_HDR = {16: "pq", 18: "hlg"}

_PQ_WHITE = 203  # cd/m² of diffuse white (ITU-R BT.2408, table 1)
_HLG_PEAK = 1000  # cd/m² of the display that HLG is graded for (ITU-R BT.2100, table 5)
_KNEE = 0.75  # of diffuse white, in linear light: what is darker keeps its tone


def are_known(primaries: int, transfer: int) -> bool:
    """Whether H.273's code points say something, and something that can be shown."""
    return primaries in _PRIMARIES and transfer in {*_CURVES, *_HDR, 1, 6, 7, 11, 13, 14, 15}


def of_code_points(primaries: int, transfer: int) -> Colour:
    """Of H.273's code points; sRGB where they say nothing that can be shown."""
    curve = _CURVES.get(transfer, _SRGB_CURVE)
    return Colour(_PRIMARIES.get(primaries, SRGB), curve, _HDR.get(transfer, ""))


def of_gamma(gamma: float, primaries: Primaries | None) -> Colour:
    """Of PNG's gAMA (the exponent from light to stored) and cHRM; sRGB where they are nearly that, or nonsense."""
    sane = 0.05 <= gamma <= 5
    near = primaries is None or np.abs(np.subtract(primaries, SRGB)).max() < 0.002
    if not sane or (near and abs(gamma * 2.2 - 1) < 0.05):  # libpng's own threshold
        return PLAIN
    return Colour(SRGB if near or primaries is None else primaries, _power(1 / gamma))


@cache
def profile(colour: Colour, grey: bool) -> bytes:
    """An ICC profile of version 4 (ICC.1:2022) for RGB or grey; b"" for sRGB, and where the primaries span nothing."""
    if colour.curve == _SRGB_CURVE and (grey or colour.primaries == SRGB):
        return b""
    curve = b"para\0\0\0\0\0\3\0\0" + _fixed(*colour.curve)
    if grey:
        return _icc(b"GRAY", {b"kTRC": curve})
    try:
        columns = _to_d50(colour.primaries)
    except np.linalg.LinAlgError:
        return b""
    tags = {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True)}
    return _icc(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def tone_curve(hdr: str, brightest: int) -> npt.NDArray[np.uint8]:
    """For each of 256 stored values of PQ or HLG the one of sRGB's curve that shows it in SDR.

    Up to three quarters of diffuse white nothing changes. From there to `brightest`, the largest value in the picture,
    light is rolled off (Reinhard's curve with a white point). So SDR that was only stored as HDR comes out as it was.
    """
    light = (_pq_light if hdr == "pq" else _hlg_light)(np.arange(256) / 255)
    peak = max((light[brightest] - _KNEE) / (1 - _KNEE), 1.0)
    above = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
    rolled = np.minimum(light, _KNEE) + (1 - _KNEE) * above * (1 + above / peak**2) / (1 + above)
    return np.round(np.clip(_srgb_of(np.clip(rolled, 0, 1)), 0, 1) * 255).astype(np.uint8)


def _pq_light(stored: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light relative to diffuse white (SMPTE ST 2084, equation 4.1)."""
    power = stored ** (32 / 2523)
    light: npt.NDArray[np.float64] = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (
        8192 / 1305
    )
    return light * (10_000 / _PQ_WHITE)


def _hlg_light(stored: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light relative to diffuse white, each channel by itself (ITU-R BT.2100, table 5, system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(stored <= 0.5, stored**2 / 3, (np.exp((stored - c) / a) + b) / 12)
    display: npt.NDArray[np.float64] = scene**1.2 * (_HLG_PEAK / _PQ_WHITE)
    return display


def _srgb_of(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """IEC 61966-2-1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


# -- the profile --

_D50 = np.array([0.96422, 1.0, 0.82521])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_CREATED = (2000, 1, 1, 0, 0, 0)  # the same for every photo


def _to_d50(primaries: Primaries) -> npt.NDArray[np.float64]:
    """The matrix from linear RGB to XYZ under D50 (ICC.1:2022, annex E; Bradford). Raises LinAlgError."""
    white, *rest = (np.array([x / y, 1, (1 - x - y) / y]) if y else np.zeros(3) for x, y in primaries)
    colours = np.stack(rest, axis=1)
    native = colours * np.linalg.solve(colours, white)
    cones = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted: npt.NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ native
    return adapted


def _fixed(*numbers: float) -> bytes:
    """s15Fixed16Number."""
    return b"".join(struct.pack(">i", round(min(max(number, -32768), 32767) * 65536)) for number in numbers)


def _xyz(colour: npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*colour)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _icc(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A display profile; texts say nothing, for a profile must have some."""
    tags = {b"desc": _text("RGB" if space == b"RGB " else "Grey"), b"cprt": _text("CC0"), b"wtpt": _xyz(_D50), **tags}
    at = 132 + 12 * len(tags)
    places: dict[bytes, int] = {}
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        if value not in places:
            places[value] = at + len(body)
            body += value + bytes(-len(value) % 4)
        table += struct.pack(">4sII", name, places[value], len(value))
    head = struct.pack(
        ">I4xI4s4s4s6H4s24xI12s",
        at + len(body), 0x04400000, b"mntr", space, b"XYZ ", *_CREATED, b"acsp", 1, _fixed(*_D50),
    )  # fmt: skip
    return head.ljust(128, b"\0") + table + body
