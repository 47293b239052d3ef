"""An address as it is written on an envelope."""

from collections.abc import Mapping
from typing import Any

from bot.sealing import LONGEST_LINE

# As the post wants them: in capitals, in a language that is read everywhere. Others keep their code.
COUNTRIES = dict(
    line.split(" ", 1)
    for line in """\
AD ANDORRA
AL ALBANIA
AT AUSTRIA
AU AUSTRALIA
BA BOSNIA AND HERZEGOVINA
BE BELGIUM
BG BULGARIA
BR BRAZIL
CA CANADA
CH SWITZERLAND
CY CYPRUS
CZ CZECH REPUBLIC
DE GERMANY
DK DENMARK
EE ESTONIA
ES SPAIN
FI FINLAND
FR FRANCE
GB UNITED KINGDOM
GR GREECE
HK HONG KONG
HR CROATIA
HU HUNGARY
IE IRELAND
IL ISRAEL
IN INDIA
IS ICELAND
IT ITALY
JP JAPAN
KR SOUTH KOREA
LI LIECHTENSTEIN
LT LITHUANIA
LU LUXEMBOURG
LV LATVIA
MC MONACO
MD MOLDOVA
ME MONTENEGRO
MK NORTH MACEDONIA
MT MALTA
MX MEXICO
NL NETHERLANDS
NO NORWAY
NZ NEW ZEALAND
PL POLAND
PT PORTUGAL
RO ROMANIA
RS SERBIA
SE SWEDEN
SG SINGAPORE
SI SLOVENIA
SK SLOVAKIA
SM SAN MARINO
TR TURKEY
TW TAIWAN
UA UKRAINE
US UNITED STATES OF AMERICA
VA VATICAN CITY""".splitlines()
)
_STATE_BEFORE_CODE = frozenset({"US", "CA", "AU"})  # Springfield IL 62701
_CODE_LAST = frozenset({"GB"})  # on a line of its own


_JOINERS = "\u200c\u200d"  # no letters, but some scripts are spelt with them


def lines(info: Mapping[str, Any]) -> str:
    """Those of an address that `sealing.seal` sealed, without empty ones, the country last.

    A telephone number stands apart, below: a parcel may need it, an envelope does not.
    """
    keys = "name", "street_line1", "street_line2", "city", "state", "post_code", "country_code", "phone_number"
    part = {key: printable(info.get(key)) for key in keys}
    country = part["country_code"].upper()
    street = part["street_line1"], part["street_line2"]
    every = (part["name"], *street, *_place(part, country), COUNTRIES.get(country, country))
    address = "".join(" ".join(each.split()) + "\n" for each in every if each.strip())
    return address + (f"\nTel. {part['phone_number']}\n" if part["phone_number"] else "")


def _place(part: Mapping[str, str], country: str) -> list[str]:
    city, state, code = part["city"], part["state"], part["post_code"]
    if country in _STATE_BEFORE_CODE:
        return [f"{city} {state} {code}"]
    state = state if state != city else ""
    return [city, state, code] if country in _CODE_LAST else [f"{code} {city}", state]


def printable(value: object) -> str:
    """In one line, and without what would steer a terminal or turn the writing around."""
    text = value if isinstance(value, str) else ""
    return "".join(each if each.isprintable() or each in _JOINERS else " " for each in text[:LONGEST_LINE]).strip()
