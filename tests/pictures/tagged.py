"""Pictures full of metadata, in every format: written by exiftool where it can, and made by hand where it cannot."""

import io
import struct
import subprocess
import zlib
from pathlib import Path

import pillow_heif
import skimage.data
from PIL import Image, ImageCms

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ZIP = b"PK\x03\x04" + b"hidden in the tail" * 40
SECRET = "Margarete Beispiel"

REGIONS = (
    "{AppliedToDimensions={W=64,H=48,Unit=pixel},"
    "RegionList=[{Area={X=.5,Y=.5,W=.1,H=.1,Unit=normalized},Name=Margarete,Type=Face}]}"
)
TAGS = [
    "-EXIF:Make=Leica Camera AG",
    "-EXIF:Model=LEICA Q2",
    "-EXIF:LensModel=Summilux 1:1.7/28",
    "-EXIF:SerialNumber=4711",
    f"-EXIF:Artist={SECRET}",
    "-EXIF:Copyright=nobody else's",
    "-EXIF:ImageDescription=The view from my flat",
    "-EXIF:Software=Sneaky 3.1",
    "-EXIF:DateTimeOriginal=2024:05:17 14:33:02",
    "-EXIF:OffsetTimeOriginal=+02:00",
    "-EXIF:GPSLatitude=48.85837",
    "-EXIF:GPSLatitudeRef=S",
    "-EXIF:GPSLongitude=2.29448",
    "-EXIF:GPSLongitudeRef=W",
    "-EXIF:GPSAltitude=35",
    "-EXIF:GPSAltitudeRef=0",
    "-EXIF:Orientation#=6",
    f"-XMP-dc:Creator={SECRET}",
    "-XMP-xmp:CreatorTool=Sneaky 3.1",
    f"-XMP-mwg-rs:RegionInfo={REGIONS}",
    f"-IPTC:By-line={SECRET}",
    "-IPTC:City=Leipzig",
    "-IPTC:Caption-Abstract=The view from my flat",
    "-Comment=made at home",
]


def make(folder: Path) -> dict[str, Path]:
    """Name of what is inside → file. All show one small photo with TAGS, oriented 6 where the format can."""
    base = Image.fromarray(skimage.data.astronaut()).resize((64, 48))
    for name, data in _plain(base).items():
        (folder / name).write_bytes(data)
    (folder / "thumb").write_bytes(_encode(base.resize((16, 12)), "JPEG"))
    tags = [*TAGS, f"-EXIF:ThumbnailImage<={folder / 'thumb'}"]
    command = ["exiftool", "-q", "-q", "-m", "-overwrite_original", *tags, str(folder)]
    subprocess.run(command, check=False, capture_output=True)  # BMP cannot be written to: that is one failure
    (folder / "thumb").unlink()
    _add_by_hand(folder)
    return {path.name: path for path in sorted(folder.iterdir())}


def _plain(base: Image.Image) -> dict[str, bytes]:
    frames = [base.rotate(90 * turn) for turn in (1, 2)]
    moving = {"save_all": True, "append_images": frames, "duration": 80, "loop": 3}
    alpha = base.convert("RGBA")
    alpha.putalpha(base.convert("L"))
    heif = io.BytesIO()
    pillow_heif.from_pillow(base).save(heif, quality=80, icc_profile=ICC)
    return {
        "baseline.jpg": _encode(base, "JPEG", icc_profile=ICC, dpi=(300, 300)),
        "progressive.jpg": _encode(base, "JPEG", icc_profile=ICC, progressive=True),
        "grey.jpg": _encode(base.convert("L"), "JPEG"),
        "cmyk.jpg": _encode(base.convert("CMYK"), "JPEG"),
        "restarts.jpg": _encode(base, "JPEG", restart_marker_blocks=2),
        "colour.png": _encode(base, "PNG", icc_profile=ICC, dpi=(300, 300)),
        "alpha.png": _encode(alpha, "PNG"),
        "palette.png": _encode(base.quantize(32), "PNG", transparency=3),
        "moving.png": _encode(base, "PNG", **moving),
        "lossy.webp": _encode(base, "WEBP", icc_profile=ICC),
        "lossless.webp": _encode(alpha, "WEBP", lossless=True),
        "lossy-alpha.webp": _encode(alpha, "WEBP"),
        "moving.webp": _encode(alpha, "WEBP", **moving),
        "still.gif": _encode(base, "GIF"),
        "moving.gif": _encode(base, "GIF", **moving),
        "photo.heic": heif.getvalue(),
        "photo.avif": _encode(base, "AVIF", icc_profile=ICC, speed=10),
        "photo.tif": _encode(base, "TIFF", icc_profile=ICC),
        "photo.bmp": _encode(base, "BMP"),
    }


def _encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def jumbf() -> bytes:
    """The outermost box of a C2PA manifest store (C2PA specification 2.1, section 11)."""
    described = b"c2pa" + bytes.fromhex("00110010800000aa00389b71") + b"\x03c2pa\0"
    box = struct.pack(">I", len(described) + 8) + b"jumd" + described
    return struct.pack(">I", len(box) + 8) + b"jumb" + box


def _add_by_hand(folder: Path) -> None:
    """What exiftool does not write: previews, several pictures, credentials, tails, and blocks out of place."""
    thumb = bytes(range(48))
    further = _encode(Image.new("RGB", (8, 8), "red"), "JPEG")
    entries = struct.pack("<IIIHHIIIHH", 0x030000, 900, 0, 0, 0, 0x020002, len(further), 900, 0, 0)
    rows = [(0xB000, 7, 4, int.from_bytes(b"0100", "little")), (0xB001, 4, 1, 2), (0xB002, 7, len(entries), 50)]
    index = b"MPF\0II*\0\x08\0\0\0\3\0" + b"".join(struct.pack("<HHII", *row) for row in rows) + b"\0" * 4 + entries
    xmp = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", 60, 0) + b"<x:xmpmeta/>" * 5
    extras = segment(0xE2, index) + segment(0xEB, b"JP\0\1\0\0\0\1" + jumbf()) + segment(0xE1, xmp)
    extras += segment(0xE5, b"RMETA\0" + SECRET.encode()) + segment(0xFE, b"a second comment")
    jfif = segment(0xE0, b"JFIF\0\1\2\1\1\x2c\1\x2c\4\4" + thumb)
    for path in folder.glob("*.jpg"):
        data = path.read_bytes()
        path.write_bytes(data[:2] + jfif + extras + data[2:] + further + ZIP)
    for path in folder.glob("*.png"):
        data = path.read_bytes()
        texts = chunk(b"tEXt", b"Author\0" + SECRET.encode()) + chunk(
            b"zTXt", b"Secret\0\0" + zlib.compress(b"of mine")
        )
        texts += chunk(b"iTXt", b"parameters\0\0\0\0\0a cat in space") + chunk(b"tIME", b"\x07\xe8\5\x11\x0e\x21\2")
        texts += chunk(b"caBX", jumbf()) + chunk(b"prVt", b"private") + chunk(b"bKGD", b"\0" * 6)
        path.write_bytes(data[:33] + texts + data[33:-12] + chunk(b"tEXt", b"Comment\0late") + data[-12:] + ZIP)
    for path in folder.glob("*.webp"):
        data = path.read_bytes()
        body = data[12:] + riff(b"C2PA", jumbf()) + riff(b"SECR", SECRET.encode())
        path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + ZIP)
    for path in folder.glob("*.gif"):
        data = path.read_bytes()
        path.write_bytes(data[:-1] + b"\x21\xfe\x04late\0" + b"\x21\xff\x0bSECRETAPP10\x05hello\0;" + ZIP)
