"""Numbers of parcels are taken where they are one of their carrier's; nothing else that a lab writes is one."""

import pytest

from bot.prints import carriers

TAKEN = {  # carrier -> how a lab writes its numbers, without and with its name, between bars
    "dhl": "00340434123456789012 | 0034 0434 1234 5678 9012 | dhl 0034 0434 2921 3510 0186 | DHL: 00370000000000000004"
    "| DHL 563102430313 | DHL 3318810025 | DHL 84 8713 5506 | JJD000390007882822105 | JD01 4600 0033 4455 6677"
    "| JJD0099999999 | JVGL0999999990 | DHL RR123456785DE",
    "deutschepost": "RR123456785DE | rr123456785de | RR 123 456 785 DE | RR 12 345 678 5DE | RR 1234 5678 5 DE"
    "| Deutsche Post RR 123456785 DE | RR123456785DE.",
    "royalmail": "RB123456785GB | AB 4731 2482 9 GB | Royal Mail AB 473 124 829 GB",
    "laposte": "RB123456785FR | La Poste 6A12345678901",
    "postat": "RB123456785AT | postat 1000123412341234 | postat 1000123412341234123412",
    "swisspost": "RB123456785CH | 99.60.123456.12345678 | 996012345612345678",
    "usps": "RB123456785US | 9505 5110 6960 5048 6006 24 | 9261292700768711948021 | USPS 9400100000000000000006",
    "ups": "1Z999AA10123456784 | 1Z 999 AA1 01 2345 6784 | ups 1Z5R89390357567127 | 1zxx3150yw44070023",
    "dpd": "DPD 0998 0000 0200 33 | dpd 09980000020033 | DPD 0998 0000 0200 33 F | 09980000020033F",
    "gls": "GLS 50123456789 | GLS 501234567890 | gls ZPT9G1V0",
    "hermes": "Hermes 12345678901234 | Hermes 1234567890123456 | H1000123456789012345",
    "fedex": "FedEx 986578788855 | FedEx 9865 7878 8855 | FedEx 0414 4176 0228 964 | 9611020987654312345672",
    None: "RB123456785CV | RR 123 456 785 PL",
}


@pytest.mark.parametrize(
    ("carrier", "text"), [(carrier, text.strip()) for carrier, texts in TAKEN.items() for text in texts.split("|")]
)
def test_a_number_of_a_carrier_is_taken(carrier: str | None, text: str) -> None:
    parcel = carriers.read(text)
    assert parcel is not None
    assert parcel[0] == carrier
    assert parcel[1].isalnum(), "without gaps, as links need it"
    assert carriers.read(parcel[1]) in (None, parcel, ("deutschepost", parcel[1])), "it is nobody else's by itself"


TALK = (
    "call me on 0170 1234567 | 0170 1234567 | 01701234567 | +49 170 1234567 | via DHL 0034 0434 1234 5678 9012 | DHL"
    "| DHL Paket 0034 0434 1234 5678 9012 | postd DHL | posted | DHL tomorrow 8-10 | DHL 8-10 | DHL 2026-12-24"
    "| DHL 24.12.2026 | on 24 December | 2026-12-24 | with love | 12345678 | 3 x 10x15 | box 4711/12 | |  | 🙂"
    "| 0034 0434 1234 5678 9012 thanks | RR123456785DE RR123456785DE | thanks RR123456785DE | RR123456785DE?"
    "| 0034 0434 12 345678 9012 | 0 0 3 4 0 4 3 4 1 2 3 4 5 6 7 8 9 0 1 2"  # as nobody prints it
)
OTHERS = (  # numbers of others, or without the name that they need
    "563102430313 | 3318810025 | 09980000020033 | 50123456789 | ZPT9G1V0 | 986578788855 | 041441760228964"
    "| 00370000000000000004 | 1000123412341234 | UPS 0034 0434 1234 5678 9012 | DHL 1Z999AA10123456784"
    "| Royal Mail RR123456785DE | GLS TOMORROW | GLS 20261224 | postnl 3SABCD123456789 | Hermes 0170 1234567"
)
MISTYPED = (  # one digit is wrong
    "0034 0434 1234 5678 9013 | DHL 00370000000000000009 | DHL 563102430314 | DHL 3318810010 | RR999999999DE"
    "| RB123456786US | 1Z1111111111111111 | 9505 5110 6960 5048 6006 25 | DPD 0998 0000 0200 33 C"
    "| FedEx 996578788855 | FedEx 5682 8361 0012 732 | 9600000000000000000001"
)
FOREIGN = "٠٠٣٤٠٤٣٤١٢٣٤٥٦٧٨٩٠١٢ | ００３４０４３４１２３４５６７８９０１２ | RR¹23456785DE | DHL ٣٣١٨٨١٠٠٢٥"


@pytest.mark.parametrize("text", [text for texts in (TALK, OTHERS, MISTYPED, FOREIGN) for text in texts.split("|")])
def test_what_is_no_number_of_a_carrier_is_not_taken(text: str) -> None:
    assert carriers.read(text) is None


@pytest.mark.parametrize("carrier", carriers.CARRIERS)
def test_every_carrier_has_numbers_and_a_link(carrier: str) -> None:
    assert carrier in TAKEN
    assert (carriers.link(carrier, "1Z") or "").startswith("https://")


def test_a_number_of_nobody_we_know_has_no_link() -> None:
    assert carriers.link(None, "RB123456785CV") is None
