"""The Bot API's methods, one function each; the parameters are the schema. Names ignore case, as at Telegram."""

from bot.playground.methods import chats, forum, media, messages, payments, profile, stickers, updates
from bot.playground.schema import Method

MODULES = (updates, messages, media, chats, profile, payments, forum, stickers)

METHODS: dict[str, Method] = {
    name.replace("_", ""): function
    for module in MODULES
    for name, function in vars(module).items()
    if getattr(function, "__module__", "") == module.__name__ and name in module.__all__
}
