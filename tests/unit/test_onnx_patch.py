"""U²-Net's file with its enlargements by factors: the same network, and for pictures of another size, too."""

import numpy as np
import onnxruntime
import pytest

from bot import weights
from bot.tools import segmentation
from bot.tools.onnx_patch import by_factor
from tests.pictures import photos


@pytest.fixture(scope="module")
def published() -> bytes:
    return weights.located(segmentation._weights, "subject").read_bytes()


def mask(file: bytes, side: int) -> segmentation.Mask:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    network = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    seen = np.asarray(photos.astronaut().resize((side, side))).astype(np.float32) / 255
    given = {network.get_inputs()[0].name: segmentation._batch(seen)}
    found: segmentation.Mask = network.run([network.get_outputs()[0].name], given)[0]
    return found


def test_the_network_is_the_same(published: bytes) -> None:
    found = mask(published, 320)
    assert np.ptp(found) > 0.9
    assert np.abs(mask(by_factor(published, 320), 320) - found).max() < 1e-5


def test_it_takes_pictures_of_another_size(published: bytes) -> None:
    assert mask(by_factor(published, 160), 160).shape == (1, 1, 160, 160)


def test_what_is_no_network_is_told() -> None:
    with pytest.raises(ValueError, match="no ONNX file"):
        by_factor(b"\x0b\x00", 320)
