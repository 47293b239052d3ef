"""Who carries parcels, and where their numbers can be followed. A number's link is made here, and opened by nobody but
the person."""

import re
from urllib.parse import quote

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

_NUMBER = re.compile(r"(?=.*\d)(?!\d{4}-\d\d-\d\d$)[A-Z0-9][A-Z0-9-]{6,38}")  # no date
_OWN = (  # whose numbers tell whose they are
    (re.compile(r"1Z[0-9A-Z]{16}"), "ups"),
    (re.compile(r"JJD\d{16,20}|\d{20}"), "dhl"),
    (re.compile(r"[A-Z]{2}\d{9}DE"), "deutschepost"),  # UPU S10, as the next ones
    (re.compile(r"[A-Z]{2}\d{9}GB"), "royalmail"),
    (re.compile(r"[A-Z]{2}\d{9}FR"), "laposte"),
    (re.compile(r"[A-Z]{2}\d{9}AT"), "postat"),
    (re.compile(r"[A-Z]{2}\d{9}CH"), "swisspost"),
    (re.compile(r"[A-Z]{2}\d{9}US"), "usps"),
)


def read(text: str) -> tuple[str | None, str] | None:
    """`DHL 0034 0434 ...`, or a number alone: carrier, where it is known, and number. None: no number is in it.

    At least a half of it are digits, unless it is one word behind its carrier's name: the lab also just talks.
    """
    first, _, rest = text.strip().partition(" ")
    name = re.sub(r"[^a-z]", "", first.lower())
    named = name if name in _LINKS and rest else None
    words = (rest if named else text).upper().split()
    number = "".join(words)
    is_sure = named and len(words) == 1
    if not _NUMBER.fullmatch(number) or not (is_sure or sum(map(str.isdigit, number)) * 2 >= len(number)):
        return None
    return named or next((carrier for form, carrier in _OWN if form.fullmatch(number)), None), number


def link(carrier: str | None, number: str) -> str | None:
    """Where to follow it; None where nobody knows who carries it."""
    return _LINKS[carrier].format(quote(number)) if carrier in _LINKS else None
