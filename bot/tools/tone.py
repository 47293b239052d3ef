"""Light and colour of a photo, measured on it made small: what to take out, what to lift, and by how much."""

import cv2
import numpy as np

from bot.tools.resample import Floats

GAMMA = 2.2  # near enough to every display's curve for estimating light
MOST_STRETCH = 2.2  # more would show the steps of 8 bits
MOST_LIFT = 4.0  # in shadows, where steps are seen less
MOST_BLACK = 100.0


def balance(sample: Floats, strength: float) -> Floats:
    """Gains of the channels, in linear light, that bring the light to grey. `sample` is N×1 or N×3.

    Shades of grey (Finlayson and Trezzi 2004, p = 6) of what may be grey under coloured light: not clipped, not black,
    not vivid, or a red hat would make its wearer's face green. A cast below 4 % is left alone, and none is corrected by
    more than a third: a sunset stays one. Where little of the picture tells of the light, little is done.
    """
    none: Floats = np.ones(sample.shape[1], np.float32)
    least, most = sample.min(1), sample.max(1)
    told = sample[(most < 251) & (least > 20) & (least > 0.55 * most)]
    if sample.shape[1] == 1 or len(told) < 0.02 * len(sample):
        return none
    light = (((told / 255) ** GAMMA) ** 6).mean(0) ** (1 / 6)
    gains = light.mean() / light
    if np.abs(gains - 1).max() < 0.04:
        return none
    part = strength * min(1.0, len(told) / (0.2 * len(sample)))
    limited: Floats = np.clip(1 + (gains - 1) * part, 1 / 1.35, 1.35).astype(np.float32)
    return limited


def balanced(values: Floats, gains: Floats) -> Floats:
    """`gains` of linear light applied to values of 0 to 255, N×channels. White stays white."""
    hold = np.clip((255 - values) / 30, 0, 1)
    result: Floats = np.minimum(values * (1 + (gains ** (1 / GAMMA) - 1) * hold), 255)
    return result


def rolling(values: Floats, gain: Floats | float, knee: int = 1) -> Floats:
    """What to multiply `values` of 0 to 1 with for a `gain` that rolls off: 1 stays 1, and no gain ever clips.

    At a `knee` of 1 it is the bias curve of Schlick (1994), whose inverse is that of the inverse gain; at 4 it is
    nearly a plain product up to the lights.
    """
    if isinstance(gain, float) and gain == 1:
        return np.ones_like(values)
    if knee == 1:
        soft: Floats = gain / (1 + (gain - 1) * values)
        return soft
    squares = values * values
    hard: Floats = gain / np.sqrt(np.sqrt(1 + (gain**4 - 1) * (squares * squares)))
    return hard


def black_point(sample: Floats, strength: float) -> float:
    """What to take off every channel of `sample`, N×channels: from the darkest channel of each pixel."""
    return min(MOST_BLACK, float(np.percentile(sample.min(1), 0.1))) * strength


def white_gain(sample: Floats, black: float, strength: float) -> float:
    """What to multiply with when `black` is off: from the lightest channel of each pixel; few are rolled off."""
    high = float(np.percentile(sample.max(1), 99.8))
    most = MOST_STRETCH * (255 - black) / 255
    return 1 + (max(1.0, min(most, 250 / max(high, 1))) - 1) * strength


def without_black(values: Floats, black: float) -> Floats:
    """`values` less `black`, with a toe instead of a clip: a hyperbola, 0 stays 0 and 255 stays 255."""

    def bent(values: Floats) -> Floats:
        half = (values - black) / 2
        result: Floats = half + np.sqrt(half * half + (0.2 * black) ** 2)
        return result

    least, most = bent(np.array([0, 255]))
    result: Floats = (bent(values) - least) * (255 / (most - least))
    return result


def lift(light: Floats, strength: float, shadows: float) -> Floats:
    """A gain for each place of the small picture, whose light (the lightest channel, 0 to 1) is `light`.

    A retinex (Land and McCann 1971) whose illumination is a guided filter's base (He, Sun and Tang 2010): the same gain
    for all that lies together, so that texture keeps its contrast. It brings the middle of the picture into the middle
    third of the range; the dark gains most, what is light already nothing, and black stays black.
    """
    base = np.clip(guided(light, max(light.shape) // 24, 0.01), 0.002, 1)
    middle = float(np.clip(np.median(base), 0.05, 0.95))
    wanted = min(max(middle, 0.42), 0.75)
    gain = float(np.clip(wanted * (1 - middle) / (middle * (1 - wanted)), 0.7, MOST_LIFT))
    gain = 1 + (gain - 1) * strength
    if gain < 1:
        return 1 + (gain - 1) * base
    deep = base / (base + 0.12 * middle)
    lifted = 1 + (gain - 1) * (1 - base) ** 2 * deep
    dark = np.clip(1 - base / 0.35, 0, 1) ** 2 * deep
    share = min(1.0, float((base < 0.18).mean()) / 0.25)
    result: Floats = (lifted * (1 + shadows * share * dark)).astype(np.float32)
    return result


def local_contrast(luma: Floats, strength: float) -> Floats:
    """A gain near 1 for each place: what is lighter than its surroundings gains, what is darker loses.

    `luma` is 0 to 1. The surroundings are a guided filter's base, which follows strong edges: no halos.
    """
    detail = luma - guided(luma, max(luma.shape) // 30, 0.02)
    room = 4 * luma * (1 - luma)  # none in shadows and lights
    result: Floats = np.clip(1 + strength * room * detail / (luma * (1 - luma) + 0.05), 0.75, 1.33)
    return result


def guided(plane: Floats, radius: int, edge: float) -> Floats:
    """The base of `plane`: smooth, but with its edges; a variance of `edge` is half of one."""
    box = (2 * max(2, radius) + 1,) * 2
    mean = cv2.boxFilter(plane, -1, box)
    variance = cv2.boxFilter(plane * plane, -1, box) - mean * mean
    slope = variance / (variance + edge)
    return cv2.boxFilter(slope, -1, box) * plane + cv2.boxFilter(mean - slope * mean, -1, box)
