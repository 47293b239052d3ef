"""People who chat with the bot: `anna.sends_photo(...)`, `anna.taps("Remove metadata")`, `anna.gets_document()`.

Everything goes over the control interface of the local Bot API (`bot.playground`), as does the bot under test. What a
person waits for in vain fails with a transcript of what the person sees.
"""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.harness.canaries import Canaries

TIMEOUT = 30.0
# For plain HTTP: `httpx.get` makes a client a request, and each reads all certificates of this machine for 24 ms.
HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0))
SENT_AS = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".pdf": "application/pdf",
}

Json = dict[str, Any]
T = TypeVar("T")
Content = bytes | Path


class ImpossibleError(AssertionError):
    """What the story asks of a person cannot be done in the chat as it is."""


@contextmanager
def start_server(*arguments: str) -> Iterator[str]:
    """A local Bot API in a process of its own; yields its address, with the secret of this start in it."""
    command = [sys.executable, "-m", "bot.playground", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            process.wait(10)


def new_token() -> str:
    return f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"


@dataclass(frozen=True)
class Message:
    """A message as a person sees it; `raw` is the Bot API's Message and what only people see."""

    raw: Json

    @property
    def id(self) -> int:
        return self.raw["message_id"]

    @property
    def chat(self) -> int:
        return self.raw["chat"]["id"]

    @property
    def text(self) -> str:
        """Its text or caption."""
        return self.raw.get("text", self.raw.get("caption", ""))

    @property
    def thread(self) -> int | None:
        return self.raw.get("message_thread_id")

    @property
    def reply_to(self) -> "Message | None":
        target = self.raw.get("reply_to_message")
        return Message(target) if target else None

    @property
    def from_bot(self) -> bool:
        return self.raw["from"]["is_bot"] and "sender_chat" not in self.raw

    @property
    def document(self) -> Json | None:
        return self.raw.get("document")

    @property
    def rows(self) -> list[list[Json]]:
        return self.raw.get("reply_markup", {}).get("inline_keyboard", [])

    @property
    def buttons(self) -> list[str]:
        """The labels of its inline keyboard."""
        return [button["text"] for row in self.rows for button in row]

    @property
    def history(self) -> list[str]:
        """Every text it has had, the present one last: what a progress line went through."""
        return [content.get("text", content.get("caption", "")) for content in self.raw["history"]] + [self.text]

    def __str__(self) -> str:
        media = [
            kind for kind in ("photo", "sticker", "voice", "video", "invoice", "successful_payment") if kind in self.raw
        ]
        if self.document:
            media.append(f"document {self.document.get('file_name')} {self.document.get('file_size')} bytes")
        said = " ".join([*(f"[{each}]" for each in media), self.text])
        rows = "".join("\n        " + " ".join(f"[{button['text']}]" for button in row) for row in self.rows)
        reply = f" (to {self.raw['reply_to_message']['message_id']})" if "reply_to_message" in self.raw else ""
        return f"  {self.id:>4} {self.raw['from']['first_name']}{reply}: {said}{rows}"


@dataclass(frozen=True)
class Document:
    """A file that arrived from the bot."""

    message: Message
    bytes: bytes

    @property
    def name(self) -> str:
        return self.message.raw["document"]["file_name"]

    @property
    def caption(self) -> str:
        return self.message.text

    @property
    def buttons(self) -> list[str]:
        return self.message.buttons


@dataclass(frozen=True)
class Picture:
    """A photo that arrived from the bot."""

    message: Message
    bytes: bytes


class Telegram:
    """One bot's small Telegram; `token` makes the bot when it is new."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.token = token or new_token()
        self.canaries = Canaries(self.token)
        self.canaries.note(url.rpartition("/")[2])  # the secret of the playground
        self._http = httpx.Client(base_url=f"{url}/control/{self.token}/", timeout=60, verify=False)

    def __enter__(self) -> "Telegram":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The world of this token ends: its messages and files are gone."""
        self._http.delete(f"{self.url}/control/{self.token}")
        self._http.close()

    def act(self, act: str, **about: Any) -> Any:
        self.canaries.note_act(about)
        answer = self._http.post(act, json={key: value for key, value in about.items() if value is not None})
        if answer.status_code == 409:
            raise ImpossibleError(answer.json()["error"])
        answer.raise_for_status()
        return answer.json()

    def read(self, path: str, **query: Any) -> Any:
        answer = self._http.get(path, params=query)
        if answer.status_code == 409:
            raise ImpossibleError(answer.json()["error"])
        answer.raise_for_status()
        return answer.json()

    def upload(self, content: Content, name: str = "", mime: str = "") -> str:
        self.canaries.note(name)
        data = content.read_bytes() if isinstance(content, Path) else content
        return self._http.post("upload", content=data, params={"name": name, "mime": mime}).json()["upload"]

    def download(self, file_id: str) -> bytes:
        return self._http.get(f"file/{file_id}").raise_for_status().content

    def person(self, name: str, language: str = "en", **more: str) -> "Person":
        return Person(self, self.act("person", first_name=name, language_code=language, **more))

    def group(self, title: str, *members: "Person", bot: str = "administrator", **kind: bool) -> "Group":
        """A supergroup to which the first member has added the bot as `bot`; `plain=True`: a group that is none yet."""
        about = self.act("group", title=title, members=[member.id for member in members], bot=bot, **kind)
        return Group(self, about["id"])

    def fault(self, method: str, kind: str, **about: Any) -> None:
        """Plant a fault: see `bot.playground.faults.Fault` for the kinds and what belongs to each."""
        self.act("fault", method=method, kind=kind, **about)

    def mend(self) -> None:
        """Remove every fault that is still planted."""
        self.act("mend")

    def refunds(self, charge: str, tells: bool = True) -> None:
        """Telegram gives a payment back by itself; with tells=False, no update says so."""
        self.act("refund", charge=charge, tells=tells)

    def enters_transaction(self, amount: int, count: int = 1, age: float = 0, **partner: Json) -> None:
        """Add another Star transaction: `telegram.enters_transaction(50, receiver={"type": "telegram_ads"})`."""
        self.act("book", amount=amount, count=count, age=age, **partner)

    def stripe(self, account: str = "") -> "Stripe":
        """The account of that name, or a new one."""
        return Stripe(self, account or secrets.token_hex(8))

    def requests(self, method: str = "") -> list[Json]:
        """What the bot asked, oldest first: {"method", "params", "files", "time", "ok", "error"}."""
        return [each for each in self.read("requests") if method.lower() in ("", each["method"].lower())]

    def actions(self) -> list[str]:
        return [each["action"] for each in self.read("actions")]

    def violations(self) -> list[str]:
        """Where requests or objects differ from the description that BOT_API_SPEC names."""
        return self.read("violations")

    def messages(self, chat: int) -> list[Message]:
        return [Message(raw) for raw in self.read(f"chat/{chat}")["messages"]]

    def wait_for(self, look: Callable[[], T | None], timeout: float, wish: str, chat: int) -> T:
        """What `look` finds; it looks again at every change, and the test fails after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            version = self.read("overview")["version"]
            found = look()
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left < 1e-6:  # a simulated clock goes no finer
                raise AssertionError(f"after {timeout:g} s: {wish}. The chat:\n{self.transcript(chat)}")
            self.read("changes", after=version, seconds=min(left, 10))

    def transcript(self, chat: int) -> str:
        return "\n".join(map(str, self.messages(chat))) or "  (empty)"


class Stripe:
    """An account at Stripe, and what happens in it without the bot. A charge is called by its ch_."""

    def __init__(self, telegram: Telegram, account: str) -> None:
        self._telegram = telegram
        self.account = account
        self.key = f"sk_test_{account}"
        self.provider_token = f"284685063:TEST:{account}"

    def look(self) -> Json:
        """Lists, oldest first: charges, refunds, disputes, warnings, events, requests, tries, held."""
        return self._telegram.read("stripe").get(self.account) or {}

    def tells(self, url: str, secret: str) -> None:
        """Its webhook is at `url` from now on."""
        self._act("webhook", url=url, secret=secret)

    def is_paid(self, amount: int, currency: str = "EUR", declined: bool = False, age: float = 0) -> str:
        """A payment that no invoice of the bot's asked for; the charge."""
        return self._act("charge", amount=amount, currency=currency, declined=declined, age=age)

    def next_refunds_wait(self, count: int = 1) -> None:
        """They are pending until they are settled."""
        self._act("pending", count=count)

    def fault(self, method: str, kind: str, **about: Any) -> None:
        """`method` such as "POST refunds"; `kind` flood, error, drop; the rest as in `bot.playground.faults.Fault`."""
        self._act("fault", method=method, kind=kind, **about)

    def mend(self) -> None:
        self._act("mend")

    def replays(self, event: str = "") -> str:
        """This event, or the newest, once more."""
        return self._act("replay", event=event)

    def holds_events(self) -> None:
        self._act("hold")

    def releases_events(self, order: list[int] | None = None) -> list[str]:
        """All that were held, or those at these places in this order; their kinds."""
        return self._act("release", order=order)

    def refunds(self, charge: str, amount: int = 0) -> str:
        """Somebody does it in the dashboard; all that is left, or so much."""
        return self._telegram.act("stripe_refund", charge=charge, amount=amount)

    def settles(self, charge: str, succeeds: bool = True, reason: str = "lost_or_stolen_card") -> str:
        """A refund that is pending is there; or one fails."""
        return self._telegram.act("stripe_settle", charge=charge, succeeds=succeeds, reason=reason)

    def disputes(self, charge: str, reason: str = "fraudulent", inquiry: bool = False) -> str:
        return self._telegram.act("stripe_dispute", charge=charge, reason=reason, inquiry=inquiry)

    def closes(self, charge: str, status: str) -> str:
        """Its dispute is won, lost, or where it was an inquiry warning_closed."""
        return self._telegram.act("stripe_close", charge=charge, status=status)

    def warns(self, charge: str) -> str:
        return self._telegram.act("stripe_warn", charge=charge)

    def _act(self, act: str, **about: Any) -> Any:
        return self._telegram.act(f"stripe_{act}", account=self.account, **about)


class Group:
    def __init__(self, telegram: Telegram, number: int) -> None:
        self.telegram = telegram
        self.id = number

    def chat(self) -> list[Message]:
        return self.telegram.messages(self.id)

    def topics(self) -> list[Json]:
        return self.telegram.read(f"chat/{self.id}")["topics"]

    def publishes(self, text: str) -> Message:
        """The channel that this group discusses posts this, and Telegram forwards it here."""
        return Message(self.telegram.act("publish", chat=self.id, text=text))

    def bot(self) -> str:
        """The bot's ChatMember status."""
        return self.telegram.read(f"chat/{self.id}")["bot"]


class Person:
    """Somebody with a private chat with the bot. `in_` names a group instead, `thread` its topic."""

    def __init__(self, telegram: Telegram, about: Json) -> None:
        self.telegram = telegram
        self.id: int = about["id"]
        self.name: str = about["first_name"]
        self._taken: set[int] = set()

    # What the person does

    def writes(self, text: str, in_: Group | None = None, thread: int | None = None, **how: str) -> Message:
        """`speaks_as="group"`: as an anonymous administrator; "channel": as a channel. `via_bot="gif"`: its result."""
        return self._sends(text=text, in_=in_, thread=thread, **how)

    def replies_to(self, message: Message, text: str, **how: str) -> Message:
        where = {"chat": message.chat, "reply_to": message.id, "thread": message.thread}
        return self._one(self._act("send", text=text, **where, **how))

    def sends_photo(
        self, photo: Content, compressed: bool = True, caption: str = "", name: str = "photo.jpg", **more: Any
    ) -> Message:
        """As a photo, or with compressed=False as a file. `largest=2560` is Telegram's high quality."""
        if not compressed:
            return self.sends_file(photo, name, caption=caption, **more)
        return self._sends(photo=self.telegram.upload(photo), caption=caption, **more)

    def sends_file(self, content: Content, name: str = "", mime: str = "", **more: Any) -> Message:
        name = name or (content.name if isinstance(content, Path) else "file")
        mime = mime or SENT_AS.get(Path(name).suffix.lower(), "")
        return self._sends(file=self.telegram.upload(content, name, mime), **more)

    def sends_album(self, photos: list[Content], compressed: bool = True, caption: str = "") -> list[Message]:
        """The caption goes with the first, as Telegram's clients do it."""
        kind = "photo" if compressed else "file"
        items = [{kind: self.telegram.upload(photo, f"photo{at}.jpg", "image/jpeg")} for at, photo in enumerate(photos)]
        items[0]["caption"] = caption
        return [Message(raw) for raw in self._act("send", album=items)]

    def sends_media(self, kind: str, content: Content, **about: Any) -> Message:
        """Voice, video, sticker ...; `about` are the fields that the Bot API demands of the kind."""
        return self._sends(media={"kind": kind, "upload": self.telegram.upload(content), **about})

    def sends(self, **message: Any) -> Message:
        """Any other kind of message, as the Bot API spells its fields: `anna.sends(location={...})`."""
        return self._sends(message=message)

    def edits(
        self, message: Message, text: str = "", photo: Content | None = None, file: Content | None = None
    ) -> None:
        """Other words; or another photo or file in its place, with this caption."""
        content = {"photo": photo, "file": file}
        media = {kind: self.telegram.upload(each, "edited", "image/jpeg") for kind, each in content.items() if each}
        self._act("edit", chat=message.chat, message=message.id, text=text, **media)

    def forwards(self, message: Message, in_: Group | None = None, thread: int | None = None) -> Message:
        """To the bot, or into a group, whoever wrote it and wherever it is."""
        there = {"chat": in_ and in_.id, "thread": thread}
        return Message(self._act("forward", from_chat=message.chat, message=message.id, **there))

    def becomes(self, status: str, in_: Group, outside: bool = False) -> None:
        """Their ChatMember status in a group: administrator, member, restricted (or that `outside`), left, kicked."""
        self._act("becomes", chat=in_.id, status=status, outside=outside or None)

    def deletes(self, message: Message) -> None:
        self._act("delete", chat=message.chat, message=message.id)

    def blocks(self) -> None:
        self._act("block")

    def unblocks(self) -> None:
        self._act("unblock")

    def removes_bot(self, group: Group) -> None:
        self._act("remove_bot", chat=group.id)

    def taps(
        self, label: str, on: Message | None = None, in_: Group | None = None, timeout: float = TIMEOUT, wait: float = 5
    ) -> Json | None:
        """Tap the newest button with this label, or whose label begins so; waits until there is one.

        Returns the bot's answer {"text", "alert", "url"}, or None when it gave none within `wait` seconds.
        """
        return self._taps(timeout, in_, label=label, message=on and on.id, wait=wait)["answer"]

    def taps_data(self, data: str, on: Message | None = None, timeout: float = TIMEOUT, wait: float = 5) -> Json | None:
        """As `taps`, by callback data."""
        return self._taps(timeout, None, data=data, message=on and on.id, wait=wait)["answer"]

    def forges(self, data: str, on: Message, wait: float = 5) -> Json | None:
        """Send a callback query of any data on anybody's message, which no client of Telegram's does."""
        return self._act("forge", chat=on.chat, message=on.id, data=data, wait=wait)["answer"]

    def pays(self, invoice: Message | None = None, link: str = "", times: int = 1, **how: Any) -> list[Json]:
        """Pay the newest invoice, this one, or a link, `times` at once; for each {"status", "error", "charge"}.

        `decline=True`: the bank refuses. `order={...}`: the OrderInfo typed; `option="post"`: the shipping chosen, else
        the first. `seconds=1`: patience with the bot.
        `asks=False`: the bot said yes long ago and is not asked again. `tells=False`: the update of it is lost.
        """
        about = {"chat": invoice.chat, "message": invoice.id} if invoice else {}
        return self._act("pay", link=link, times=times, **about, **how)

    def types(self, order: Json, invoice: Message | None = None, link: str = "", **how: Any) -> Json:
        """What an invoice asks for, before it is paid: {"status", "error", shipping "options", "form" for `pays`}."""
        about = {"chat": invoice.chat, "message": invoice.id} if invoice else {}
        return self._act("validate", link=link, order=order, **about, **how)

    def is_charged(self, amount: int, payload: str = "", tells: bool = True, age: float = 0) -> str:
        """Stars go to the bot without an invoice of its, `age` seconds ago; the charge."""
        return self._act("charge", amount=amount, payload=payload, tells=tells, age=age)

    def renews(self, charge: str) -> str | None:
        """The next month of a subscription: the new charge, or None when it was cancelled."""
        return self._act("renew", charge=charge)

    def changes(self, group: Group, **about: Any) -> None:
        """`username="name"` makes it public, `full` is as in ChatFullInfo, `bot="member"` its status. All else is as
        it was at first.
        """
        self._act("change_group", chat=group.id, **about)

    def upgrades(self, group: Group, forum: bool = False, tells: bool = True) -> Group:
        """A plain group becomes a supergroup. `tells=False`: the service messages about it do not reach the bot."""
        about = self._act("upgrade", chat=group.id, forum=forum, tells=tells)
        return Group(self.telegram, about["id"])

    def opens_topic(self, group: Group, name: str) -> int:
        return self._act("topic", chat=group.id, name=name)

    def deletes_topic(self, group: Group, thread: int) -> None:
        self._act("delete_topic", chat=group.id, thread=thread)

    # What the person sees

    def chat(self) -> list[Message]:
        return self.telegram.messages(self.id)

    def sees(self, part: str, timeout: float = TIMEOUT, in_: Group | None = None) -> Message:
        """The newest message of the bot's that contains `part`, as soon as there is one."""
        chat = in_.id if in_ else self.id

        def look() -> Message | None:
            found = (message for message in reversed(self.telegram.messages(chat)) if message.from_bot)
            return next((message for message in found if part in message.text), None)

        return self.telegram.wait_for(look, timeout, f"{self.name} does not see {part!r}", chat)

    def sees_invoice(self, timeout: float = TIMEOUT) -> Message:
        """The oldest invoice that was not taken yet."""

        def look() -> Message | None:
            found = (each for each in self.chat() if "invoice" in each.raw and each.id not in self._taken)
            return next(found, None)

        message = self.telegram.wait_for(look, timeout, f"{self.name} gets no invoice", self.id)
        self._taken.add(message.id)
        return message

    def sees_no_more(self, message: Message, timeout: float = TIMEOUT) -> None:
        """Waits until the message is deleted."""

        def gone() -> bool | None:
            return message.id not in [each.id for each in self.telegram.messages(message.chat)] or None

        self.telegram.wait_for(gone, timeout, f"{self.name} still sees message {message.id}", message.chat)

    def gets_document(self, timeout: float = TIMEOUT) -> Document:
        """The oldest document of the bot's that was not taken yet."""

        def look() -> Message | None:
            return next(
                (each for each in self.chat() if each.from_bot and each.document and each.id not in self._taken), None
            )

        message = self.telegram.wait_for(look, timeout, f"{self.name} gets no document", self.id)
        self._taken.add(message.id)
        return Document(message, self.telegram.download(message.raw["document"]["file_id"]))

    def gets_photo(self, timeout: float = TIMEOUT) -> Picture:
        """The oldest photo of the bot's that was not taken yet, in its largest size."""

        def look() -> Message | None:
            found = (each for each in self.chat() if each.from_bot and "photo" in each.raw)
            return next((each for each in found if each.id not in self._taken), None)

        message = self.telegram.wait_for(look, timeout, f"{self.name} gets no photo", self.id)
        self._taken.add(message.id)
        return Picture(message, self.telegram.download(message.raw["photo"][-1]["file_id"]))

    def buttons(self, message: Message | None = None) -> list[str]:
        """The labels on this message as it is now, or on the newest message that has any."""
        shown = [each for each in self.chat() if message is None or each.id == message.id]
        return next((each.buttons for each in reversed(shown) if each.buttons), [])

    def ages(self, message: Message, seconds: float) -> None:
        """Let this message be older than it is."""
        self.telegram.act("age", chat=message.chat, message=message.id, seconds=seconds)

    def _act(self, act: str, **about: Any) -> Any:
        return self.telegram.act(act, person=self.id, **about)

    def _sends(self, in_: Group | None = None, **about: Any) -> Message:
        return self._one(self._act("send", chat=in_ and in_.id, **about))

    def _taps(self, timeout: float, in_: Group | None, **about: Any) -> Json:
        chat = in_.id if in_ else self.id

        def look() -> Json | None:
            try:
                return self._act("tap", chat=chat, **about)
            except ImpossibleError:
                return None

        wish = f"{self.name} sees no button {about.get('label') or about.get('data')!r}"
        return self.telegram.wait_for(look, timeout, wish, chat)

    @staticmethod
    def _one(sent: list[Json]) -> Message:
        return Message(sent[0])
