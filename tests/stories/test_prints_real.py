"""The whole way of a print, real but for Telegram and Stripe: the bot's own process, its jail, the lab's key.

What is searched for afterwards: whom it goes to and where, in database, files, log, and the memory of all processes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest
from PIL import Image

from bot.texts import translator
from tests.conftest import agreed
from tests.harness import decrypt
from tests.harness.darkroom import ROOT, Darkroom, free_port, needs_root, running
from tests.harness.people import Group, Person, Telegram
from tests.pictures.photos import encoded
from tests.stories.test_forgotten import has_forgotten, in_memory, on_disk

translate = translator("en")
SECRET = "whsec_of_the_tests"


@dataclass(frozen=True)
class Place:
    telegram: Telegram
    bot: Darkroom
    lab: Group
    lena: Person
    key: Path


@pytest.fixture(scope="module")
def place(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, key = tmp_path_factory.mktemp("bot"), tmp_path_factory.mktemp("lab") / "lab.key"
    made = lab("keygen", "--key", str(key))
    with Telegram(bot_api) as telegram:
        stripe, lena, door = telegram.stripe("real"), telegram.person("Lena"), free_port()
        group = telegram.group("Lab", lena)
        stripe.tells(f"http://127.0.0.1:{door}/stripe", SECRET)
        settings = {
            "STRIPE_PROVIDER_TOKEN": stripe.provider_token,
            "STRIPE_API_KEY": stripe.key,
            "STRIPE_API_URL": f"{bot_api}/stripe",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "WEBHOOK_LISTEN": f"127.0.0.1:{door}",
            "PRINT_LAB_CHAT_ID": str(group.id),
            "PRINT_LAB_PUBLIC_KEY": made.split("PRINT_LAB_PUBLIC_KEY=")[1].split()[0],
        }
        with running(telegram, folder, **settings) as bot:
            yield Place(telegram, bot, group, lena, key)


def lab(*arguments: str) -> str:
    """What the lab's command prints."""
    command = [sys.executable, "-m", "bot", "lab", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def lives_at() -> tuple[dict[str, object], dict[str, bytes]]:
    """A form as it is typed, and what of it is searched for."""
    canaries = {name: f"{name}canary-{token_hex(8)}" for name in ("name", "city", "street")}
    here = {"country_code": "DE", "state": "", "city": canaries["city"], "post_code": "21337", "street_line2": ""}
    form = {"name": canaries["name"], "shipping_address": here | {"street_line1": canaries["street"]}}
    return form, {name: canary.encode() for name, canary in canaries.items()}


def buys(place: Place, anna: Person, form: dict[str, object]) -> tuple[str, bytes]:
    """The order's number, and its package in the lab's chat."""
    anna.sends_file(encoded("china"), "holiday.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    anna.taps("Post me prints")
    anna.gets_photo()
    anna.taps("Order")
    invoice = anna.sees_invoice()
    [payment] = anna.pays(invoice, order=form)
    assert payment["status"] == "paid", payment
    number = str(place.telegram.requests("sendInvoice")[-1]["params"]["payload"])
    anna.sees(translate("prints-sent", order=number))
    [package] = [each for each in place.lab.chat() if each.document and number in each.text]
    return number, place.telegram.download(package.raw["document"]["file_id"])


def test_from_the_photo_to_the_letter_box(place: Place, tmp_path: Path) -> None:
    anna = agreed(place.telegram, "Anna")
    form, canaries = lives_at()
    number, package = buys(place, anna, form)
    assert not [name for name, canary in canaries.items() if canary in package]
    (tmp_path / f"{number}.age").write_bytes(package)
    told = lab("open", str(tmp_path / f"{number}.age"), "--key", str(place.key), "--into", str(tmp_path))
    assert number in told
    opened = tmp_path / number
    with Image.open(opened / "print.jpg") as picture:
        assert (sorted(picture.size), picture.info["dpi"]) == ([1181, 1772], (300, 300))
    address = (opened / "address.txt").read_text("utf-8")
    assert [line for line in address.splitlines() if "canary" in line] == [
        canaries[name].decode() if name != "city" else f"21337 {canaries[name].decode()}"
        for name in ("name", "street", "city")
    ]
    assert "GERMANY" in address
    about = json.loads((opened / "order.json").read_text("utf-8"))
    assert about == {"order": number, "format": "10x15", "paper": "glossy", "copies": 1, "shipping": "home"}
    place.lena.taps("Printed", in_=place.lab)
    anna.sees(translate("prints-printed", order=number))
    charge = place.bot.rows("SELECT provider_id FROM orders WHERE id = ?", number)[0][0]
    place.telegram.stripe("real").refunds(charge)
    anna.sees(translate("refunded", price="€4.79", order=number, credits=0))
    place.telegram.wait_for(
        lambda: [each for each in place.lab.chat() if each.text == translate("lab-cancelled", order=number)] or None,
        30,
        "the lab is not told",
        place.lab.id,
    )


@needs_root
def test_nobody_but_the_lab_ever_holds_the_address(place: Place) -> None:
    """Figure 13's search, for an address, while its order is with the lab."""
    anna = agreed(place.telegram, "Anna")
    form, canaries = lives_at()
    buys(place, anna, form)
    anna.writes("/help")
    anna.sees("Send me a photo and choose a tool")
    (database, key) = place.bot.folder / "darkroom.db", place.bot.folder / "key" / "database.key"
    assert {name: decrypt.pages(database, key).count(canary) for name, canary in canaries.items()} == dict.fromkeys(
        canaries, 0
    )
    assert on_disk(place.bot, canaries) == {}
    place.telegram.wait_for(partial(has_forgotten, place.bot, canaries), 10, "memory remembers", anna.id)
    control = {"order": str(place.telegram.requests("sendInvoice")[-1]["params"]["payload"]).encode()}
    assert control["order"] in decrypt.pages(database, key), "the search finds what is there"
    assert in_memory(place.bot, {"the name of somebody": str(anna.id).encode(), "token": place.telegram.token.encode()})
