"""Cutting out beside rembg's published pipeline: its own code, out of the wheel that ships it, on the same weights."""

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from bot.tools import cutout, segmentation
from bot.weights import MANIFEST, _wheel, located
from tests.harness.bench import compare, peak_memory, row
from tests.pictures import cutouts, made, photos
from tests.pictures.cutouts import Composite

pytestmark = pytest.mark.bench

Remove = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def rembg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remove]:
    """`rembg.remove` with a session as its own `new_session` makes it, on the same weights, loaded once and warm.

    Only its thread is alone, as ours is: what is compared is processor time, and a second thread spins while it waits.
    """
    import onnxruntime

    weights = MANIFEST["subject"]
    wheel = _wheel(weights.package, tmp_path_factory.mktemp("rembg"))
    sys.path.insert(0, str(wheel))
    try:
        package = importlib.import_module("rembg")
        sessions: ModuleType = importlib.import_module("rembg.session_simple")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = str(located(segmentation._weights, "subject"))
        network = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        session = sessions.SimpleSession("u2net", network)

        def remove(photo: bytes) -> bytes:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it was written for an older Pillow
                return bytes(package.remove(photo, session=session))

        yield remove
    finally:
        sys.path.remove(str(wheel))


@pytest.fixture(autouse=True)
def one_core() -> None:
    cv2.setNumThreads(1)


def ours(photo: bytes) -> bytes:
    return b"".join(cutout.run(made.unlocked(photo), cutout.parse({})).data)


@cache
def portrait(megapixels: float) -> bytes:
    """A composite of that size as a camera's JPEG."""
    one = next(cutouts.composites())
    scale = (megapixels * 1e6 / one.alpha.size) ** 0.5
    size = tuple(round(side * scale) for side in one.alpha.shape[1::-1])
    large = cv2.resize(one.pixels, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(7).normal(0, 3, large.shape[:2])[..., None]
    return photos.jpeg(made.Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)))


@pytest.mark.parametrize("megapixels", [1.2, 12])
def test_time_beside_rembg(rembg: Remove, megapixels: float) -> None:
    photo = portrait(megapixels)
    told = compare({"ours": lambda: ours(photo), "rembg": lambda: rembg(photo)}, rounds=3)
    row(
        f"10 cut out {megapixels:g} MP / rembg, file to file", told["ours"] / told["rembg"], 0.9,
        f"{told['ours']:.2f} s against {told['rembg']:.2f} s",
    )  # fmt: skip


def test_edges_beside_rembg(rembg: Remove) -> None:
    new, peer = [], []
    for composite in cutouts.composites():
        photo = made.encoded(made.Image.fromarray(composite.pixels), "PNG")
        new.append(errors(ours(photo), composite))
        peer.append(errors(rembg(photo), composite))
    (alpha, fringe), (peer_alpha, peer_fringe) = np.mean(new, 0), np.mean(peer, 0)
    row("10 error of alpha at the edge / rembg", alpha / peer_alpha, 1.0, f"{alpha:.4f} against {peer_alpha:.4f}")
    row("10 error of the fringe's colour / rembg", fringe / peer_fringe, 1.0, f"{fringe:.1f} against {peer_fringe:.1f}")


def errors(file: bytes, truth: Composite) -> tuple[float, float]:
    pixels: npt.NDArray[np.float32] = np.asarray(made.opened(file)).astype(np.float32)
    return cutouts.errors(pixels[..., 3] / 255, pixels[..., :3], truth)


def test_memory_beside_its_networks() -> None:
    """What a large photo takes beyond what its networks take of any."""
    ours(portrait(1.2))  # the networks are loaded, as they are in the zygote
    network = peak_memory(lambda: segmentation.subject(np.zeros((9, 9, 3), np.uint8)))
    for megapixels in (12, 50):
        decoded = 3 * megapixels * 1_000_000
        photo = portrait(megapixels)
        needed = peak_memory(lambda photo=photo: ours(photo))  # type: ignore[misc]
        told = f"{needed >> 20} MB in all, of these networks {network >> 20} MB"
        row(f"5  memory, cut out {megapixels} MP / decoded", (needed - network) / decoded, 2.0, told)
