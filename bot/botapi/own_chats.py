"""The operators' chat and the lab's, as they are now: a group that becomes a supergroup goes on with another id.

The settings go on naming the old id, so what Telegram told of it is kept in the service state.
"""

from bot.botapi.group_check import Trouble
from storage.service_state import ServiceState

_FIRST_SUPERGROUP = -1_000_000_000_000  # plain groups have smaller numbers: https://core.telegram.org/api/bots/ids


class OwnChat:
    """`id` is None where the setting is unset."""

    def __init__(self, setting: str, chat_id: int | None) -> None:
        self.setting = setting
        self.id = chat_id
        self.trouble: Trouble | None = None  # what the last look at it found
        self._former: set[int] = set()

    @property
    def may_move(self) -> bool:
        """True for a plain group: people, supergroups and channels keep their ids."""
        return self.id is not None and _FIRST_SUPERGROUP < self.id < 0

    @property
    def is_refused(self) -> bool:
        """True if strangers can enter it: nothing is brought there, and nobody there is obeyed."""
        return self.trouble is not None and self.trouble.lets_strangers_in

    @property
    def is_reachable(self) -> bool:
        return not self.is_refused and self.trouble is not Trouble.AWAY

    @property
    def has_moved(self) -> bool:
        """True if the setting names an id that is not in use any more."""
        return bool(self._former)

    def is_at(self, chat_id: int) -> bool:
        """True also for an id of before: buttons under old messages still name it."""
        return chat_id == self.id or chat_id in self._former

    def move(self, new_id: int) -> None:
        assert self.id
        self._former.add(self.id)
        self.id = new_id


class OwnChats:
    """Await `load` before an update is handled."""

    def __init__(self, operators: int | None, lab: int | None, state: ServiceState) -> None:
        self.operators = OwnChat("OPERATORS_CHAT_ID", operators)
        self.lab = OwnChat("PRINT_LAB_CHAT_ID", lab)
        self._state = state

    async def load(self) -> None:
        """Go on where an earlier run followed a group."""
        for chat in self._both:
            while chat.id and (new_id := await self._state.get(_moved(chat.id))):
                chat.move(new_id)

    def has(self, chat_id: int) -> bool:
        return any(chat.is_at(chat_id) for chat in self._both)

    def refuses(self, chat_id: int) -> bool:
        return any(chat.is_refused and chat.is_at(chat_id) for chat in self._both)

    async def follow(self, old_id: int, new_id: int) -> list[OwnChat]:
        """Telegram says that a group has moved. Returns those of ours that this is news for."""
        moved = [chat for chat in self._both if chat.id == old_id]
        if moved:
            await self._state.set(_moved(old_id), new_id)
        for chat in moved:
            chat.move(new_id)
        return moved

    def lines(self, chats: list[OwnChat] | None = None) -> str:
        """What the settings of these chats, or of all that have moved, should say."""
        moved = [chat for chat in self._both if chat.has_moved] if chats is None else chats
        return "\n".join(f"{chat.setting}={chat.id}" for chat in moved)

    @property
    def _both(self) -> tuple[OwnChat, OwnChat]:
        return self.operators, self.lab


def _moved(old_id: int) -> str:
    return f"new id of {old_id}"
