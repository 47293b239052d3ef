"""Checks a reply_markup as Telegram does (https://core.telegram.org/bots/api#inlinekeyboardbutton)."""

from typing import Any
from urllib.parse import urlsplit

from bot.playground.world import ApiError

Json = dict[str, Any]

ACTIONS = {
    "url",
    "callback_data",
    "copy_text",
    "pay",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
}
LOOKS = {"text", "style", "icon_custom_emoji_id"}
STYLES = {"danger", "success", "primary"}
OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")


def checked(markup: Json | None, pay_allowed: bool = False) -> Json:
    """The fields of Message for this mark-up; only inline keyboards have any. Raises ApiError."""
    if not markup:
        return {}
    if "inline_keyboard" not in markup:
        if not any(name in markup for name in OTHER_MARKUPS):
            raise ApiError("object expected as reply markup")
        return {}
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ApiError('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for at, button in enumerate(button for row in rows for button in row):
        check_button(button, pay_allowed and at == 0)
    if sum(map(len, rows)) > 100:
        raise ApiError("REPLY_MARKUP_TOO_LONG")
    shown = [row for row in rows if row]
    return {"reply_markup": {"inline_keyboard": shown}} if shown else {}


def check_button(button: Json, may_pay: bool) -> None:
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ApiError(
            "can't parse inline keyboard button: Can't find field \"text\"" if text is None else "BUTTON_TEXT_INVALID"
        )
    if unknown := set(button) - ACTIONS - LOOKS:
        raise ApiError(f"can't parse inline keyboard button: unknown field {sorted(unknown)[0]!r}")
    actions = ACTIONS & set(button)
    if len(actions) != 1:
        raise ApiError("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if button.get("style", "danger") not in STYLES:
        raise ApiError("can't parse inline keyboard button: invalid button style specified")
    action = actions.pop()
    CHECKS.get(action, lambda value: None)(button[action])
    if action == "pay" and not may_pay:
        raise ApiError("BUTTON_TYPE_INVALID" if button["pay"] else "BUTTON_INVALID")


def check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
        raise ApiError("BUTTON_DATA_INVALID")


def check_url(url: Any) -> None:
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https", "tg") or not parts.netloc:
        raise ApiError(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def check_copy(copy: Any) -> None:
    if not isinstance(copy, dict) or not 1 <= len(str(copy.get("text", ""))) <= 256:
        raise ApiError("BUTTON_COPY_TEXT_INVALID")


CHECKS = {"callback_data": check_data, "url": check_url, "copy_text": check_copy}
