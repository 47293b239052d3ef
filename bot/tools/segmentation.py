"""The networks that find a subject. Loaded once, in the zygote, and shared by its children; one thread, no telemetry.

ONNX Runtime keeps 210 MB for U²-Net where OpenCV's own engine takes 1.1 GB and the same time (measured, OpenCV 5.0). A
picture takes 160 MB more, planned as one piece and given back at once; piece by piece it would take 250.
"""

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bot import weights
from bot.tools.onnx_patch import by_factor
from bot.tools.resample import Pixels

Mask = npt.NDArray[Any]  # of float32, 0 to 1

# Pixels that U²-Net sees. It was trained on squares of 288 cut out of 320; its published use shows it 320. With 288
# alpha is 8 % less wrong at the edge, a third less over the picture, in 0.8 of the time; 256, 480 and 640 lose limbs.
SIDE = 288
_PEOPLE_SIDE = 256
_FAINTEST = 0.2  # pictures of nothing (plain colours, noise, seas, streets) get 0.09 at most
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
    names, given = [network.get_outputs()[0].name], {network.get_inputs()[0].name: _batch(seen)}
    [told] = network.run(names, given, _giving_back())
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
    options.log_severity_level = 3
    file = weights.located(_weights, "subject").read_bytes()
    return onnxruntime.InferenceSession(by_factor(file, SIDE), options, providers=["CPUExecutionProvider"])


def _giving_back() -> Any:
    """How to run a network: the memory that it needed does not wait for the next picture."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


@cache
def people_network() -> Any:
    return cv2.dnn.readNetFromTFLite(str(weights.located(_weights, "people")), engine=cv2.dnn.ENGINE_CLASSIC)
