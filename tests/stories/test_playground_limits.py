"""What the local Bot API does not imitate is listed in its README, and is refused, or is as the list says it is.

The docstring of a test begins as the line of the list that it is about.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.methods import METHODS
from tests.harness.people import HTTP, Person, Telegram, start_server
from tests.pictures import photos

UNTESTED = "(Untested: no public text says what they should be.)"
README = (Path(__file__).resolve().parents[2] / "bot" / "playground" / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ben() -> Iterator[Person]:
    """On a server of this file's own: its requests break the rules on purpose."""
    with start_server() as url, Telegram(url) as telegram:
        ben = telegram.person("Ben")
        ben.writes("/start")
        yield ben


def test_the_list_of_imitated_methods_is_the_truth() -> None:
    listed = README.split("## Imitated\n")[1].split("## ")[0]
    assert {name.lower() for name in re.findall(r"\w+", listed)} == set(METHODS)


@pytest.mark.parametrize(
    "method",
    [
        *("sendAudio", "sendVideo", "sendAnimation", "sendVoice", "sendVideoNote", "sendLocation", "sendVenue"),
        *("sendContact", "sendPoll", "sendDice", "sendChecklist", "sendPaidMedia", "postStory", "answerInlineQuery"),
        *("sendGame", "getBusinessConnection", "sendGift", "setPassportDataErrors", "answerWebAppQuery"),
        *("banChatMember", "createChatInviteLink", "pinChatMessage", "closeGeneralForumTopic"),
    ],
)
def test_other_methods_are_unknown(ben: Person, method: str) -> None:
    """- Every other method"""
    assert refusal(ben, method, chat_id=ben.id) == (404, "Not Found: method not found")


@pytest.mark.parametrize(
    ("method", "about"),
    [
        ("sendMessage", {"text": "*a*", "parse_mode": "MarkdownV2"}),
        ("sendMessage", {"text": "a", "chat_id": "@a_channel"}),
        ("sendMessage", {"text": "a", "message_effect_id": "5104841245755180586"}),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 1, "quote": "/start"}}),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 1, "chat_id": 5}}),
        ("sendDocument", {"document": "https://example.org/a.jpg"}),
        ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": each} for each in "👍👎"]}),
    ],
)
def test_what_a_method_does_not_imitate_is_refused(ben: Person, method: str, about: dict[str, Any]) -> None:
    """- Replies to other chats, quotes, and the like"""
    code, _ = refusal(ben, method, **{"chat_id": ben.id} | about)
    assert code == 400


def test_there_are_private_chats_and_supergroups_alone(ben: Person) -> None:
    """- Channels, basic groups"""
    group = ben.telegram.group("A group", ben)
    assert answer(ben, "getChat", chat_id=group.id)["type"] == "supergroup"
    assert refusal(ben, "sendMessage", chat_id="@a_channel", text="a")[0] == 400
    assert refusal(ben, "sendMessage", chat_id=ben.id, text="a", message_thread_id=7)[0] == 400
    assert not ben.writes("it is me", in_=group).raw["from"]["is_bot"]


def test_entities_are_html_and_what_is_easily_found(ben: Person) -> None:
    """- Markdown"""
    for html in ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', '<tg-time unix="1">then</tg-time>'):
        assert refusal(ben, "sendMessage", chat_id=ben.id, text=html, parse_mode="HTML")[0] == 400
    assert refusal(ben, "sendMessage", chat_id=ben.id, text="*a*", parse_mode="MarkdownV2")[0] == 400
    said = ben.writes("#tag $TAG +49 30 1234567 example.org").raw
    assert "entities" not in said
    sent = answer(ben, "sendMessage", chat_id=ben.id, text="https://example.org/")
    assert [each["type"] for each in sent["entities"]] == ["url"]
    assert "link_preview_options" not in sent


def test_telegram_itself_never_asks_to_wait(ben: Person) -> None:
    """- Telegram's own rate limits"""
    for _ in range(60):
        answer(ben, "sendMessage", chat_id=ben.id, text="at once")


def test_files_come_in_the_request_and_webhooks_without_certificates(ben: Person) -> None:
    """- Files by HTTP URL"""
    assert refusal(ben, "sendDocument", chat_id=ben.id, document="https://example.org/a.jpg")[0] == 400
    assert refusal(ben, "setWebhook", url="https://127.0.0.1:8443/x", certificate="attach://cert")[0] == 400


def test_a_file_has_one_id_and_is_what_its_name_says(ben: Person) -> None:
    """- file_id is the same in every message"""
    sent = ben.sends_file(photos.encoded(), "a.txt", mime="text/plain").document
    assert sent
    assert sent["mime_type"] == "text/plain"  # though it is a picture
    again = answer(ben, "sendDocument", chat_id=ben.id, document=sent["file_id"])
    assert again["document"]["file_id"] == sent["file_id"]
    url = f"{ben.telegram.url}/bot{ben.telegram.token}/sendDocument"
    own = HTTP.post(url, data={"chat_id": ben.id}, files={"document": ("a.jpg", photos.encoded(), "image/jpeg")})
    assert "thumbnail" not in own.json()["result"]["document"]


def test_an_administrator_has_all_rights(ben: Person) -> None:
    """- Rights of administrators and restricted people"""
    me = answer(ben, "getMe")["id"]
    about = answer(ben, "getChatMember", chat_id=ben.telegram.group("A group", ben).id, user_id=me)
    rights = {name: value for name, value in about.items() if name.startswith("can_")}
    assert rights
    assert all(value for name, value in rights.items() if name != "can_be_edited")
    about = answer(ben, "getChatMember", chat_id=ben.telegram.group("A group", ben, bot="left").id, user_id=me)
    assert about["status"] == "left"


def test_people_have_as_many_stars_as_they_pay_and_an_invoice_stays_what_it_is(ben: Person) -> None:
    """- Stars"""
    about = {"title": "A", "description": "B", "payload": "c", "currency": "XTR", "start_parameter": "buy"}
    prices = [{"label": "A", "amount": 10_000}]
    invoice = answer(ben, "sendInvoice", chat_id=ben.id, prices=prices, max_tip_amount=5, **about)
    assert ben.pays(asks=False)[0]["status"] == "paid"
    after = next(each for each in ben.chat() if each.id == invoice["message_id"])
    assert after.raw["invoice"] == invoice["invoice"]
    assert not [name for name in after.raw if "receipt" in name]
    assert answer(ben, "getMyStarBalance") == {"amount": 10_000}  # at once, and no tip
    assert "reply_markup" not in ben.forwards(after).raw


def test_a_card_pays_what_the_invoice_says_and_posts_to_where_nobody_lives(ben: Person) -> None:
    """- Payments by card"""
    about = {"title": "A", "description": "B", "payload": "p", "currency": "EUR", "provider_token": "1:TEST:limits"}
    tips = {"max_tip_amount": 50, "suggested_tip_amounts": [10]}
    answer(
        ben,
        "sendInvoice",
        chat_id=ben.id,
        prices=[{"label": "A", "amount": 100}],
        need_shipping_address=True,
        **about,
        **tips,
    )
    address = {"street_line1": "Nowhere 1", "city": "Nowhere", "post_code": "none", "country_code": "QQ"}
    [paid] = ben.pays(asks=False, order={"shipping_address": address}, card="4000002760003184")  # asks for 3-D Secure
    assert paid["status"] == "paid"
    [charge] = ben.telegram.read("stripe")["limits"]["charges"]
    assert (charge["amount"], charge["paid"]) == (100, True)
    bills = [each.raw["bill"]["paid"] for each in ben.chat() if each.raw.get("bill", {}).get("paid")]
    assert [bill["card"] for bill in bills if bill["currency"] == "EUR"] == ["3184"]
    assert not [each for each in ben.chat() if "card" in each.raw.get("successful_payment", {})]


def test_one_message_that_is_too_old_keeps_the_others(ben: Person) -> None:
    """- deleteMessages with one message that is too old"""
    old, new = ben.writes("old"), ben.writes("new")
    ben.ages(old, 49 * 3600)
    assert refusal(ben, "deleteMessages", chat_id=ben.id, message_ids=[old.id, new.id])[0] == 400
    assert {old.id, new.id} <= {each.id for each in ben.chat()}


def stripe(ben: Person, call: str, **params: str) -> httpx.Response:
    method, _, path = call.partition(" ")
    about: dict[str, Any] = {"data": params} if method == "POST" else {"params": params}
    headers = {"Authorization": "Bearer sk_test_limits", "Idempotency-Key": params.pop("key", "")}
    return HTTP.request(method, f"{ben.telegram.url}/stripe/v1/{path}", headers=headers, **about)


@pytest.mark.parametrize(
    "call",
    [
        *("POST charges", "GET customers", "POST payment_methods", "POST payment_intents", "GET payment_intents"),
        *("GET balance", "GET payouts", "GET events", "POST disputes", "POST radar/early_fraud_warnings", "GET refund"),
    ],
)
def test_other_calls_of_stripe_are_unknown(ben: Person, call: str) -> None:
    """- Stripe's every other call"""
    assert stripe(ben, call).status_code == 404
    for known in ("GET charges", "POST refunds"):
        assert stripe(ben, known, colour="red").json()["error"]["code"] == "parameter_unknown"


def test_stripe_has_one_endpoint_an_account(ben: Person) -> None:
    """- Stripe's webhook endpoints as objects"""
    assert stripe(ben, "GET webhook_endpoints").status_code == 404


def test_stripe_forgets_a_fault_before_the_effect(ben: Person) -> None:
    """- Faults of Stripe before the effect"""
    account = ben.telegram.stripe("limits")
    charge = account.is_paid(500)
    account.fault("POST refunds", "error")
    statuses = [stripe(ben, "POST refunds", charge=charge, key=charge).status_code for _ in range(2)]
    assert statuses == [500, 200]


def test_a_lost_dispute_is_no_refund(ben: Person) -> None:
    """- Money that a lost dispute takes"""
    account = ben.telegram.stripe("limits")
    charge = account.is_paid(500)
    account.disputes(charge)
    account.closes(charge, "lost")
    shown = stripe(ben, f"GET charges/{charge}").json()
    assert (shown["amount_refunded"], shown["paid"], shown["disputed"]) == (0, True, True)


def test_every_line_of_the_list_has_its_test() -> None:
    told = {(each.__doc__ or "")[2:].split(",")[0] for name, each in globals().items() if name.startswith("test_")}
    lines = re.split(r"\n- ", README.split("## Not imitated\n")[1])[1:]
    assert len(lines) > 9
    for line in lines:
        text = " ".join(line.split())
        assert text.endswith(UNTESTED) or any(each and text.startswith(each) for each in told), text


def answer(ben: Person, method: str, **about: Any) -> Any:
    found = HTTP.post(f"{ben.telegram.url}/bot{ben.telegram.token}/{method}", json=about).json()
    assert found["ok"], found
    return found["result"]


def refusal(ben: Person, method: str, **about: Any) -> tuple[int, str]:
    found = HTTP.post(f"{ben.telegram.url}/bot{ben.telegram.token}/{method}", json=about).json()
    assert not found["ok"], found
    return found["error_code"], found["description"]
