"""Messages that made no sense, so that an edit of one is read as if it were new. In memory: their numbers only."""

from collections import OrderedDict

_MOST = 10_000


class Slips:
    """The newest ones of all chats."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], None] = OrderedDict()

    def note(self, chat_id: int, message_id: int) -> None:
        self._known[chat_id, message_id] = None
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def take(self, chat_id: int, message_id: int) -> bool:
        """True once for a message that was noted."""
        return self._known.pop((chat_id, message_id), False) is None
