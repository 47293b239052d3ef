"""Where the subject is: a coarse mask by two networks, and a person's own word where that went wrong.

The picture is divided into CELLS × CELLS cells, named by the letters of `NAMES` from the upper left, row by row.
"""

import cv2
import numpy as np

from bot.tools import segmentation
from bot.tools.matting import base_size
from bot.tools.resample import Pixels, resample
from bot.tools.segmentation import Mask

CELLS = 5
NAMES = "abcdefghijklmnopqrstuvwxy"

_AGREEMENT = 0.8  # of the subject must be people, and
_VAGUENESS = 0.25  # pixels of doubt for each certain one: above, the mask of people is a guess (figures in the tests)
_FOREGROUND = (cv2.GC_FGD, cv2.GC_PR_FGD)
_ROUNDS = 4  # of GrabCut; more change nothing that is seen


def find(pixels: Pixels, keep: str = "", erase: str = "") -> Mask:
    """The mask of RGB `pixels` (H×W×3), 0 to 1. `keep` and `erase` name cells where it shall be more, or less."""
    mask = _with_people(segmentation.subject(pixels), pixels)
    return _corrected(pixels, mask, keep, erase) if keep or erase else mask


def _with_people(mask: Mask, pixels: Pixels) -> Mask:
    """U²-Net loses the shoulders of close portraits; where the other network is sure of a person, it has them."""
    people = segmentation.people(pixels)
    certain = float((people >= 0.9).mean())
    vague = float(((people > 0.1) & (people < 0.9)).mean())
    agreement = float((mask * people).sum() / max(float(mask.sum()), 1e-6))
    if agreement < _AGREEMENT or vague > _VAGUENESS * certain:
        return mask
    return np.maximum(mask, _touching(np.clip(2 * people - 1, 0, 1), mask))


def _touching(people: Mask, mask: Mask) -> Mask:
    """Those people who are part of the subject, not the passers-by behind it."""
    _, labels = cv2.connectedComponents((people > 0.5).astype(np.uint8))
    found = np.unique(labels[(mask > 0.5) & (people > 0.5)])
    near = cv2.dilate(np.isin(labels, found[found > 0]).astype(np.uint8), np.ones((5, 5), np.uint8))
    return people * near


def _corrected(pixels: Pixels, mask: Mask, keep: str, erase: str) -> Mask:
    """GrabCut (Rother et al. 2004) decides anew in the named cells, by the colours of subject and background."""
    small = resample(pixels, base_size(pixels))
    height, width = small.shape[:2]
    mask = np.clip(cv2.resize(mask, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    more, less = cells(keep, (width, height)), cells(erase, (width, height))
    states = np.where(mask > 0.5, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    states[(mask > 0.1) & (mask < 0.9)] = cv2.GC_PR_BGD
    states[(mask > 0.5) & (mask < 0.9)] = cv2.GC_PR_FGD
    states[more & (states != cv2.GC_FGD)] = cv2.GC_PR_FGD
    states[less] = cv2.GC_PR_BGD
    if len(np.unique(np.isin(states, _FOREGROUND))) == 1:  # nothing to tell apart: the person's word is all there is
        return np.where(more, 1, np.where(less, 0, mask)).astype(np.float32)
    cv2.setRNGSeed(1)  # the same photo and hints give the same result
    background_photo, before = np.zeros((1, 65)), np.zeros((1, 65))  # the colours that it learns
    cv2.grabCut(small, states, (0, 0, 1, 1), background_photo, before, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _within_cells(mask, np.isin(states, _FOREGROUND), more, less)


def _within_cells(mask: Mask, decided: Mask, more: Mask, less: Mask) -> Mask:
    """What was decided counts in the named cells alone, and only in the direction that was asked for."""
    corrected = np.where(more, np.maximum(mask, decided), mask)
    return np.where(less, np.minimum(corrected, decided), corrected).astype(np.float32)


def cells(names: str, size: tuple[int, int]) -> Mask:
    """H×W of booleans: which pixels of a picture of `size` are in the named cells."""
    chosen = np.isin(np.arange(CELLS * CELLS).reshape(CELLS, CELLS), [NAMES.index(name) for name in names])
    return cv2.resize(chosen.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
