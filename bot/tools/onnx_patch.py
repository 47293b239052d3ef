"""U²-Net's file as ONNX Runtime computes it fastest: enlargements by a factor, and pictures of the size we show it.

The published graph works out each enlargement's size on the way. ONNX Runtime keeps its own layout of a picture (NCHWc)
only across those that name a factor; else it rearranges hundreds of megabytes for each photo. The numbers stay the same
to 2e-7. Its file is a protocol buffer (onnx.proto3), cut apart by hand: the package for it would weigh 40 MB.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_FACTORS = (2,) * 33 + (2, 4, 8, 16, 32)  # of U²-Net's enlargements, in the order of its file
_PUBLISHED_SIDE = 320

# Numbers of fields: of a model; of its graph; of a node there; of an attribute of that; of a tensor.
_GRAPH = 7
_NODE, _TENSOR, _INPUT, _OUTPUT = 1, 5, 11, 12
_NODE_INPUT, _NODE_KIND, _NODE_ATTRIBUTE = 1, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_TEXT = 1, 4
_TENSOR_SHAPE, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_DATA = 1, 2, 8, 9
_FLOAT = 1


class _Field(NamedTuple):
    number: int
    value: memoryview
    whole: memoryview  # with its number and length in front


def by_factor(file: bytes, side: int) -> bytes:
    """The published file of U²-Net, for pictures of `side` pixels: at least 128, and a multiple of 32.

    Raises ValueError for what is no ONNX file.
    """
    parts: list[bytes | memoryview] = []
    for field in _fields(memoryview(file)):
        parts += _framed(_GRAPH, *_graph(field.value, side)) if field.number == _GRAPH else [field.whole]
    return b"".join(parts)


def _graph(graph: memoryview, side: int) -> Iterator[bytes | memoryview]:
    factors = iter(_FACTORS)
    for field in _fields(graph):
        if field.number == _NODE and _is_enlargement(field.value):
            yield from _framed(_NODE, *_enlargement(field.value, next(factors)))
        elif field.number in (_INPUT, _OUTPUT):
            yield bytes(field.whole).replace(_dimension(_PUBLISHED_SIDE), _dimension(side))  # two bytes each
        else:
            yield field.whole
    for factor in sorted(set(_FACTORS)):
        yield from _framed(_TENSOR, *_scales(factor))


def _is_enlargement(node: memoryview) -> bool:
    return any(field.number == _NODE_KIND and bytes(field.value) == b"Resize" for field in _fields(node))


def _enlargement(node: memoryview, factor: int) -> Iterator[bytes | memoryview]:
    """Its inputs are a picture, a region that nobody uses, factors, and sizes, which must be missing beside factors."""
    inputs = [field.whole for field in _fields(node) if field.number == _NODE_INPUT]
    yield from (*inputs[:2], *_framed(_NODE_INPUT, _name(factor)))
    for field in _fields(node):
        if field.number == _NODE_ATTRIBUTE:
            yield from _framed(_NODE_ATTRIBUTE, *_attribute(field.value))
        elif field.number != _NODE_INPUT:
            yield field.whole


def _attribute(attribute: memoryview) -> Iterator[bytes | memoryview]:
    """PyTorch's own way to place pixels differs from the usual one in pictures of a single pixel alone."""
    name = next(bytes(field.value) for field in _fields(attribute) if field.number == _ATTRIBUTE_NAME)
    for field in _fields(attribute):
        if name == b"coordinate_transformation_mode" and field.number == _ATTRIBUTE_TEXT:
            yield from _framed(_ATTRIBUTE_TEXT, b"half_pixel")
        else:
            yield field.whole


def _scales(factor: int) -> Iterator[bytes | memoryview]:
    """Of photos, channels, rows and columns."""
    yield bytes([_TENSOR_SHAPE << 3, 4, _TENSOR_TYPE << 3, _FLOAT])
    yield from _framed(_TENSOR_NAME, _name(factor))
    yield from _framed(_TENSOR_DATA, struct.pack("<4f", 1, 1, factor, factor))


def _name(factor: int) -> bytes:
    return b"by %d" % factor


def _dimension(side: int) -> bytes:
    return b"\x08" + _varint(side)


def _framed(number: int, *parts: bytes | memoryview) -> list[bytes | memoryview]:
    """A field that holds these parts, one after another."""
    return [_varint(number << 3 | 2) + _varint(sum(map(len, parts))), *parts]


def _varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        begun = at
        key, at = _read_varint(message, at)
        after = at
        match key & 7:
            case 0:
                _, after = _read_varint(message, at)
            case 2:
                length, at = _read_varint(message, at)
                after = at + length
            case 5:
                after = at + 4
            case kind:
                raise ValueError(f"no ONNX file: a field of kind {kind}")
        yield _Field(key >> 3, message[at:after], message[begun:after])
        at = after


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number, and where it ends."""
    number = shift = 0
    while message[at] & 128:
        number |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | message[at] << shift, at + 1
