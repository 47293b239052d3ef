"""The networks that find a subject. Loaded once, in the zygote, and shared by its children; one thread, no telemetry.

ONNX Runtime keeps 210 MB for U²-Net where OpenCV's own engine takes 1.1 GB and the same time (measured, OpenCV 5.0).
"""

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bot import models
from bot.tools.resample import Pixels

Mask = npt.NDArray[Any]  # of float32, 0 to 1

SIDE = 320  # pixels that U²-Net sees; more of them lose limbs (measured at 480 and 640)
_PEOPLE_SIDE = 256
_FAINTEST = 0.2  # pictures of nothing (plain colours, noise, skies, streets) get 0.09 at most
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, as in U²-Net's own code
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)

_weights = Path(__file__).resolve().parents[2] / ".models"


def use(weights: Path) -> None:
    """Where the weights are; before the first picture."""
    global _weights
    _weights = weights
    subject_network.cache_clear()
    people_network.cache_clear()


def subject(pixels: Pixels) -> Mask:
    """How much each pixel belongs to what a person would call the subject: SIDE×SIDE of RGB pixels (H×W×3).

    All zero where there is none.
    """
    seen = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    seen = (seen / max(1.0, float(seen.max())) - _MEAN) / _DEVIATION
    network = subject_network()
    [told] = network.run([network.get_outputs()[0].name], {network.get_inputs()[0].name: _batch(seen)})
    low, high = float(told.min()), float(told.max())
    mask: Mask = (told[0, 0] - low) / (high - low) if high > _FAINTEST else np.zeros((SIDE, SIDE), np.float32)
    return mask


def people(pixels: Pixels) -> Mask:
    """How much each pixel belongs to a person near the camera: SIDE×SIDE, in 1 % of `subject`'s time."""
    seen = cv2.resize(pixels, (_PEOPLE_SIDE, _PEOPLE_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    network = people_network()
    network.setInput(_batch(seen))
    told = np.squeeze(network.forward(network.getUnconnectedOutLayersNames()[0]))
    mask: Mask = np.clip(cv2.resize(told, (SIDE, SIDE)), 0, 1)
    return mask


def _batch(picture: Mask) -> Mask:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])


@cache
def subject_network() -> Any:
    import onnxruntime  # 50 MB that only the zygote needs: the bot itself imports the tools, too

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # they would keep memory for the next picture
    options.log_severity_level = 3
    path = models.located(_weights, "subject")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@cache
def people_network() -> Any:
    return cv2.dnn.readNetFromTFLite(str(models.located(_weights, "people")), engine=cv2.dnn.ENGINE_CLASSIC)
