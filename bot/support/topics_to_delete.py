"""Topics of tickets that are gone: they go from the operators' group, too, or operators are asked to delete them."""

import logging

from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.botapi.notifier import Notifier
from bot.texts import DEFAULT, translator
from storage.topics_to_delete import Topic, Topics

_log = logging.getLogger(__name__)

_GONE = ("thread not found", "topic_deleted", "topic_id_invalid", "chat not found")


class TopicsToDelete:
    def __init__(self, bot: ExtBot[int], topics: Topics, notifier: Notifier) -> None:
        self._bot = bot
        self._topics = topics
        self._notifier = notifier

    async def remove(self) -> None:
        """All that are left. What Telegram does not answer stays for the next time."""
        for topic in await self._topics.left():
            try:
                if await self._is_settled(topic):
                    await self._topics.gone(topic)
            except TelegramError as error:
                _log.warning("a topic waits for Telegram: %s", type(error).__name__)

    async def _is_settled(self, topic: Topic) -> bool:
        """Deleted, or the operators know that it is theirs to delete."""
        if not topic.is_one:
            return await self._notifier.operators("operators-delete-messages", ticket=topic.ticket)
        try:
            await self._bot.delete_forum_topic(topic.chat_id, topic.thread_id)
        except (BadRequest, Forbidden) as error:  # we may not, or are not there any more
            if any(sign in error.message.lower() for sign in _GONE):
                return True
            translate = translator(DEFAULT)
            title = translate("topic", ticket=topic.ticket, subject=translate(f"subject-{topic.subject}"))
            return await self._notifier.operators("operators-delete-topic", topic=title)
        return True
