"""Checks the OrderInfo that a person types, as Telegram does. The bot gets only what its invoice asks for."""

import re
from collections.abc import Container

from bot.playground.actions import ImpossibleError
from bot.playground.methods.payments import Goods
from bot.playground.world import Json

# Each field's pattern, and the name of the refusal in Telegram's clients.
PERSON = {
    "name": (re.compile(r".{1,64}"), "REQ_INFO_NAME_INVALID"),
    "phone_number": (re.compile(r"\+?[\d ()-]{5,20}"), "REQ_INFO_PHONE_INVALID"),
    "email": (re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+"), "REQ_INFO_EMAIL_INVALID"),
}
ADDRESS = {
    "street_line1": (re.compile(r".{1,64}"), "ADDRESS_STREET_LINE1_INVALID"),
    "street_line2": (re.compile(r".{0,64}"), "ADDRESS_STREET_LINE2_INVALID"),
    "city": (re.compile(r".{2,64}"), "ADDRESS_CITY_INVALID"),
    "state": (re.compile(r".{0,64}"), "ADDRESS_STATE_INVALID"),
    "country_code": (re.compile(r"[A-Z]{2}"), "ADDRESS_COUNTRY_INVALID"),
    "post_code": (re.compile(r".{0,10}"), "ADDRESS_POSTCODE_INVALID"),
}


def checked(goods: Goods, typed: Json) -> Json:
    """The OrderInfo that the bot gets. Raises ImpossibleError with the name of Telegram's refusal."""
    info: Json = filled(PERSON, typed, goods.needs)
    if "shipping_address" in goods.needs:
        info["shipping_address"] = filled(ADDRESS, typed.get("shipping_address") or {}, ADDRESS)
    return info


def filled(fields: dict[str, tuple[re.Pattern[str], str]], typed: Json, wanted: Container[str]) -> dict[str, str]:
    found = {field: str(typed.get(field) or "").strip() for field in fields if field in wanted}
    for field, text in found.items():
        pattern, refusal = fields[field]
        if not pattern.fullmatch(text):
            raise ImpossibleError(refusal)
    return found
