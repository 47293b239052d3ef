"""What is sealed for the lab with age, so that the lab alone opens it: an address, and the package of a printed order.

A package is one age file. In it is a ZIP whose members are stored as they are: `order.json`, `print.jpg` and
`address.age`, which is the address as it was sealed when the order was paid. `bot/cli/lab.py` opens it, as does `age`.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyrage
from pyrage import x25519

ORDER, PICTURE, ADDRESS = "order.json", "print.jpg", "address.age"
LARGEST_PACKAGE = 16 << 20  # bytes
LONGEST_LINE = 200  # characters: no envelope has room for more
_BLOCK = 512  # bytes: a longer address is not seen from outside, unless it is very much longer
_LINES = ("country_code", "state", "city", "street_line1", "street_line2", "post_code")
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP knows


@dataclass(frozen=True)
class SealedOrder:
    """What the lab is told of an order outside of its address."""

    order: str  # its number
    format: str
    paper: str
    copies: int
    shipping: str = field(default="")


def new_key() -> tuple[str, str]:
    """A secret key, which opens, and its public one, which seals."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def is_key(key: str) -> bool:
    """Whether something can be sealed for it."""
    try:
        x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return True


def seal(order_info: Mapping[str, Any], key: str) -> str:
    """Whom a print goes to and where, out of Telegram's OrderInfo, as armoured age text for `key`.

    The e-mail address is left out: the lab has no use for it. What is no text is left out, what is too long is cut.
    How long the address is cannot be seen: it is filled up with spaces.
    """
    shipping = order_info.get("shipping_address")
    lines = {name: order_info.get(name) for name in ("name", "phone_number")}
    lines |= {name: shipping.get(name) if isinstance(shipping, Mapping) else None for name in _LINES}
    told = {name: line[:LONGEST_LINE] for name, line in lines.items() if isinstance(line, str) and line}
    plain = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")  # half a character cannot be written
    return _encrypted(plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK), key, armored=True).decode("ascii")


def pack(order: SealedOrder, picture: bytes, address: str, key: str) -> bytes:
    """The package for `key`: a JPEG, and an address that `seal` made."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for name, content in ((ORDER, json.dumps(asdict(order))), (PICTURE, picture), (ADDRESS, address)):
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)
    return _encrypted(plain.getvalue(), key)


def _encrypted(plain: bytes, key: str, armored: bool = False) -> bytes:
    sealed: bytes = pyrage.encrypt(plain, [x25519.Recipient.from_str(key)], armored=armored)
    return sealed
