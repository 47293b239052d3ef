"""Carriers of parcels: what their numbers look like, and where one can be followed. Only the person opens the link.

A number is taken if it is one of its carrier's, check digit included: whoever writes about a parcel also writes about
telephones, dates and doors.
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

Parcel = tuple[str | None, str]
"""Carrier, None for one that we have no link of; and number, without gaps."""

_LINKS = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "deutschepost": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "gls": "https://gls-group.com/track/{}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}",
    "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "postat": "https://www.post.at/s/sendungsdetails?snr={}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "swisspost": "https://service.post.ch/ekp-web/ui/entry/search/{}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}
CARRIERS = tuple(_LINKS)


def _weighted(digits: str, weights: str) -> int:
    return sum(int(digit) * int(weight) for digit, weight in zip(digits, weights, strict=True))


def _any(number: str) -> bool:
    """The carrier publishes no check digit."""
    return True


def _mixed(number: str) -> bool:
    return not number.isdecimal() and not number.isalpha()


def _gs1(number: str) -> bool:
    """GS1 General Specifications, 7.9.1: weights 3 and 1 from the right."""
    return _weighted(number[::-1], ("13" * len(number))[: len(number)]) % 10 == 0


def _fedex_ground(number: str) -> bool:
    """As `_gs1`, of the last 15 digits."""
    return _gs1(number[-15:])


def _fedex_express(number: str) -> bool:
    return _weighted(number[:-1], "31731731731") % 11 % 10 == int(number[-1])


def _upu(number: str) -> bool:
    """UPU standard S10, 4.3: modulus 11."""
    check = 11 - _weighted(number[2:10], "86423597") % 11
    return {10: 0, 11: 5}.get(check, check) == int(number[10])


def _identcode(number: str) -> bool:
    """Deutsche Post's Identcode: weights 4 and 9, modulus 10."""
    return (_weighted(number[:-1], "49494949494") + int(number[-1])) % 10 == 0


def _waybill(number: str) -> bool:
    """An air waybill: the last digit is the rest of the others by 7."""
    return int(number[:-1]) % 7 == int(number[-1])


def _ups(number: str) -> bool:
    """Behind 1Z, letters count from A = 2 on; every second one twice."""
    values = [int(each) if each.isdecimal() else (ord(each) - 63) % 10 for each in number[2:]]
    return (sum(values[0:-1:2]) + 2 * sum(values[1:-1:2]) + values[-1]) % 10 == 0


def _mod_37_36(number: str) -> bool:
    """ISO/IEC 7064: the last one of digits and letters checks the others."""
    rest = 36
    for each in number[:-1]:
        rest = (rest + int(each, 36)) % 36 or 36
        rest = rest * 2 % 37
    return (rest + int(number[-1], 36)) % 36 == 1


class _Format(NamedTuple):
    """`printed`: as on the slip, with a space where it has a gap; # is a digit, @ a letter, * either, the rest a regex.

    `tells_whose`: nobody else's numbers look like that, so that it needs no carrier's name.
    """

    carrier: str | None
    printed: str
    check: Callable[[str], bool]
    tells_whose: bool = False

    def has(self, text: str) -> bool:
        pattern = self.printed.replace("#", "[0-9]").replace("@", "[A-Z]").replace("*", "[0-9A-Z]")
        fits = re.fullmatch(f"{pattern}|{pattern.replace(' ', '')}", text)
        return bool(fits) and self.check(_plain(text))


def _letters(carrier: str | None, country: str, tells_whose: bool = True) -> list[_Format]:
    """Of letters and small parcels of a country's post, in the gaps that posts use (UPU standard S10)."""
    forms = ("@@ ### ### ###", "@@ #### ####", "@@ ## ### ###", "@@ #########")
    ends = (" ", " # ", " #", " ")
    return [_Format(carrier, form + end + country, _upu, tells_whose) for form, end in zip(forms, ends, strict=True)]


_FORMATS = [
    # UPS, "Tracking number formats"; its check digit: "UPS Guide to Labeling"
    _Format("ups", "1Z *** *** ** **** ***#", _ups, tells_whose=True),
    # DHL Paket: SSCC of GS1 with its application identifier; most begin with DHL's own company prefix
    _Format("dhl", "0034 04## #### #### ####", _gs1, tells_whose=True),
    _Format("dhl", "00## #### #### #### ####", _gs1),
    _Format("dhl", "############", _identcode),
    # DHL, "Tracking ID labels": licence plates (ISO/IEC 15459, issued by "JD"), and waybills of DHL Express
    _Format("dhl", "JJ?D## #### #### #### ####", _any, tells_whose=True),
    _Format("dhl", "(?:JJD|JVGL)##########", _any, tells_whose=True),
    _Format("dhl", "## #### ####", _waybill),
    # DPD and Geopost, "Parcel Label Specification": four of the depot, ten of the parcel; then the check character
    _Format("dpd", "#### **## #### ##", _any),
    _Format("dpd", "#### **## #### ## @", _mod_37_36, tells_whose=True),
    _Format("dpd", "#### **## #### ## #", _mod_37_36),
    # GLS, "ShipIT": parcel number without and with check digit, and Track ID
    _Format("gls", "############?", _any),
    _Format("gls", "*{8}", _mixed),
    # Hermes Germany, "Sendungs-ID"
    _Format("hermes", "H###################", _any, tells_whose=True),
    _Format("hermes", "##############(?:##)?", _any),
    # FedEx: Express 12, Ground 15 digits, and Ground's label with its shipper
    _Format("fedex", "#### #### ####", _fedex_express),
    _Format("fedex", "#### #### #### ###", _fedex_ground),
    _Format("fedex", "96## #### #### #### #### ##", _fedex_ground, tells_whose=True),
    # USPS, Publication 199 (Intelligent Mail package barcode)
    _Format("usps", "9[1-5]## #### #### #### #### ##", _gs1, tells_whose=True),
    # La Poste, "Suivi": Colissimo and Lettre suivie
    _Format("laposte", "#@###########", _any),
    # Österreichische Post, "Sendungsverfolgung"
    _Format("postat", "################(?:######)?", _any),
    # Swiss Post, "Barcode and data": 99, licence, number
    _Format("swisspost", r"99\.##\.######\.########", _any, tells_whose=True),
    _Format("swisspost", "99################", _any, tells_whose=True),
    *_letters("deutschepost", "DE"),
    *_letters("dhl", "DE", tells_whose=False),
    *_letters("royalmail", "GB"),
    *_letters("laposte", "FR"),
    *_letters("postat", "AT"),
    *_letters("swisspost", "CH"),
    *_letters("usps", "US"),
    *_letters(None, "@@"),
]


def read(text: str) -> Parcel | None:
    """`DHL 0034 0434 ...`, or a number alone that tells whose it is. None: it is anything else, or has more words."""
    named, number = _split(text)
    for form in _FORMATS:
        if (form.carrier == named if named else form.tells_whose) and form.has(number):
            return form.carrier, _plain(number)
    return None


def _split(text: str) -> tuple[str | None, str]:
    """The carrier that it begins with, in one word or two ("Royal Mail"), and the rest in capitals."""
    words = text.upper().rstrip(" .!").split()
    for count in (1, 2):
        if (name := "".join(words[:count]).lower().rstrip(":,")) in _LINKS:
            return name, " ".join(words[count:])
    return None, " ".join(words)


def _plain(number: str) -> str:
    return re.sub(r"[ .]", "", number)


def link(carrier: str | None, number: str) -> str | None:
    """Where to follow it; None where nobody knows who carries it."""
    return _LINKS[carrier].format(quote(number)) if carrier in _LINKS else None
