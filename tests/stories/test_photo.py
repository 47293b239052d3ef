"""One photo as people live it: a photo in, a tap, a result out, and everything that may come between."""

import pytest

from bot.texts import translator
from bot.tools import clean
from handlers.context import POLICY_VERSION
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom
from tests.harness.people import Message, Person
from tests.pictures import made, photos

translate = translator("en")


def menu_under(person: Person, photo: Message) -> Message:
    """The bot's reply to this photo, as soon as there is one."""

    def look() -> Message | None:
        return next((each for each in person.chat() if each.reply_to and each.reply_to.id == photo.id), None)

    return person.telegram.wait_for(look, 10, "there is no menu under the photo", person.id)


def test_a_newcomer_agrees_and_the_photo_that_came_first_goes_on(darkroom: Darkroom) -> None:
    ben = darkroom.telegram.person("Ben")
    ben.sends_file(photos.encoded(tagged=True), "holiday.jpg")
    promise = ben.sees("Nobody sees it")
    assert promise.buttons == ["I agree"]
    assert darkroom.telegram.requests("getFile") == []  # nothing is downloaded without consent
    ben.taps("I agree")
    ben.taps("Remove metadata")
    result = ben.gets_document()
    assert result.name == "holiday-clean.jpg"
    assert photos.opened(result.bytes).getexif() == {}
    assert "Nokia Lumia" in result.caption
    assert "in memory, gone" in result.caption
    assert "51.34" in result.caption
    [place] = [each for each in result.message.raw["caption_entities"] if each["type"] == "text_link"]
    assert place["url"].startswith("https://www.openstreetmap.org/?mlat=51.34")
    assert "http" not in result.caption  # the address is behind the place


def test_the_promise_is_asked_of_a_tap_too(darkroom: Darkroom) -> None:
    """Whoever never agreed gets no work done, not even by an old menu."""
    ben = darkroom.telegram.person("Ben")
    ben.sends_file(photos.encoded(), "a.jpg")
    promise = ben.sees("Nobody sees it")
    ben.forges("apply:clean:", promise)
    asked_again = lambda: len([each for each in ben.chat() if "I agree" in each.buttons]) == 2 or None  # noqa: E731
    darkroom.telegram.wait_for(asked_again, 10, "Ben is not asked again", ben.id)
    assert not [each for each in ben.chat() if each.document and each.from_bot]


def test_pressing_only_first_buttons_leads_to_a_result(anna: Person) -> None:
    menu = menu_under(anna, anna.sends_photo(photos.encoded()))
    anna.taps(menu.buttons[0], on=menu)
    assert anna.gets_document().name == "photo-clean.jpg"
    menu = menu_under(anna, anna.sends_photo(photos.encoded()))
    anna.taps("Resize & convert", on=menu)
    anna.taps(anna.sees(translate("choose-resize")).buttons[0], on=menu)
    assert anna.gets_document().name == "photo-resize.jpg"


@pytest.mark.parametrize(
    ("label", "preset", "name"),
    [
        ("Remove metadata", None, "china-clean.jpg"),
        ("Resize & convert", "800 px", "china-resize.jpg"),
        ("Resize & convert", "WebP", "china-resize.webp"),
        ("Enhance", "High", "china-enhance.jpg"),
    ],
)
def test_every_tool_sends_a_document_by_its_name(anna: Person, label: str, preset: str | None, name: str) -> None:
    anna.sends_file(photos.encoded(), "china.jpg")
    anna.taps(label)
    if preset:
        anna.taps(preset)
    result = anna.gets_document()
    assert result.name == name
    assert photos.opened(result.bytes).size == (640, 427)
    assert result.buttons[0] == "Another tool"
    assert result.message.reply_to


def test_after_a_result_another_tool_and_another_setting_take_the_same_photo(anna: Person) -> None:
    anna.sends_file(photos.encoded("astronaut"), "me.jpg")
    anna.taps("Resize & convert")
    anna.taps("Half")
    assert photos.opened(anna.gets_document().bytes).size == (256, 256)
    anna.taps("Another setting")
    anna.taps("PNG")
    result = anna.gets_document()
    assert result.name == "me-resize.png"
    assert photos.opened(result.bytes).size == (512, 512)
    anna.taps("Another tool")
    anna.taps("Remove metadata")
    assert anna.gets_document().name == "me-clean.jpg"


def test_back_leads_to_the_menu(anna: Person) -> None:
    anna.sends_photo(photos.encoded())
    anna.taps("Enhance")
    anna.taps("Back")
    anna.taps("Remove metadata")
    anna.gets_document()


def test_a_compressed_photo_is_taken_and_the_hint_comes_once(anna: Person) -> None:
    anna.sends_photo(photos.encoded())
    anna.sees("as a file next time")
    assert menu_under(anna, anna.sends_photo(photos.encoded())).text == translate("menu")


@pytest.mark.parametrize(
    ("typed", "size"),
    [("50%", (320, 214)), ("300x300", (300, 200)), ("400", (400, 267)), ("30 KB", None), ("webp", (640, 427))],
)
def test_a_reply_in_words_sets_the_size(anna: Person, typed: str, size: tuple[int, int] | None) -> None:
    photo = anna.sends_file(photos.encoded(), "china.jpg")
    anna.replies_to(photo, typed)
    result = anna.gets_document()
    if size:
        assert photos.opened(result.bytes).size == size
    else:
        assert len(result.bytes) <= 30_000


def test_a_box_is_fitted_inside_and_filled_by_a_tap(anna: Person) -> None:
    photo = anna.sends_file(photos.encoded(), "china.jpg")
    anna.replies_to(photo, "png, 300 × 300 px")
    inside = anna.gets_document()
    assert photos.opened(inside.bytes).size == (300, 200)
    assert inside.buttons.index("Crop to 300 × 300") == 2  # after the two that lead on
    anna.taps("Crop to 300 × 300")
    crop = anna.gets_document()
    assert (crop.name, photos.opened(crop.bytes).size) == ("china-resize.png", (300, 300))
    assert inside.message.id in [each.id for each in anna.chat()], "the first result stays"
    anna.replies_to(photo, "320x214")
    for result in (crop, anna.gets_document()):
        assert not [label for label in result.buttons if label.startswith("Crop")]


def test_what_fits_says_so(anna: Person) -> None:
    photo = anna.sends_file(photos.encoded(tagged=True), "china.jpg")
    anna.replies_to(photo, "< 1,5 MB")
    result = anna.gets_document()
    assert translate("report-untouched") in result.caption
    assert result.bytes == _cleaned(photos.encoded(tagged=True))


def _cleaned(data: bytes) -> bytes:
    return b"".join(clean.TOOL.run(made.unlocked(data), clean.TOOL.parse({})).data)


def test_a_reply_that_is_no_size_is_answered(anna: Person) -> None:
    photo = anna.sends_photo(photos.encoded())
    anna.replies_to(photo, "prettier please")
    anna.sees(translate("say-size"))
    anna.replies_to(photo, "400%")
    anna.gets_document()
    anna.replies_to(photo, "0%")
    anna.sees("percent")


def test_a_forwarded_photo_is_a_photo(darkroom: Darkroom, anna: Person) -> None:
    ben = agreed(darkroom.telegram, "Ben")
    photo = ben.sends_file(photos.encoded(), "fwd.jpg")
    anna.forwards(photo)
    anna.taps("Remove metadata")
    assert anna.gets_document().name == "fwd-clean.jpg"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Übung №1 – Ω.jpg", "Übung №1 – Ω"),
        ('say "cheese".jpg', 'say "cheese"'),
        ("../../etc/passwd.jpg", "passwd"),
        ("archive.tar.jpg", "archive.tar"),
        (".jpg", "photo"),
        ("a\nb\r\nc.jpg", "abc"),
        ("x" * 200 + ".jpg", "x" * 60),
    ],
)
def test_the_result_is_called_after_the_photo(anna: Person, name: str, stem: str) -> None:
    anna.sends_file(photos.encoded(), name, "image/jpeg")
    anna.taps("Remove metadata")
    assert anna.gets_document().name == f"{stem}-clean.jpg"


def test_a_deleted_photo_is_told(anna: Person) -> None:
    photo = anna.sends_photo(photos.encoded())
    anna.sees(translate("menu"))
    anna.deletes(photo)
    anna.taps("Remove metadata")
    anna.sees(translate("photo-gone"))


@pytest.mark.parametrize("kind", ["video", "voice", "sticker", "animation", "video_note", "audio"])
def test_what_is_no_photo_gets_a_helpful_refusal(anna: Person, kind: str) -> None:
    about = {
        "video": {"width": 64, "height": 64, "duration": 1},
        "animation": {"width": 64, "height": 64, "duration": 1},
        "voice": {"duration": 1},
        "audio": {"duration": 1},
        "video_note": {"length": 64, "duration": 1},
        "sticker": {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False},
    }[kind]
    anna.sends_media(kind, b"not a photo", **about)
    anna.sees(translate(f"refuse-{kind.replace('_', '-')}"))


def test_other_messages_get_a_way_on(anna: Person) -> None:
    anna.writes("hello?")
    anna.sees(translate("send-a-photo"))
    anna.writes("/teleport")
    anna.sees(translate("unknown-command"))
    anna.sends(location={"latitude": 1.0, "longitude": 2.0})
    anna.sees(translate("refuse-kind", kind="location"))
    anna.sends_file(b"%PDF-1.7", "contract.pdf", "application/pdf")
    anna.sees(translate("refuse-document"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xd8\xff\xe0 not really", "error-broken"),
        (b"GIF89a", "error-broken"),
        (b"just text", "error-not-a-photo"),
        (photos.encoded()[:20_000], "error-broken"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence_and_the_menu_stays(anna: Person, content: bytes, sentence: str) -> None:
    anna.sends_file(content, "photo.jpg")
    anna.taps("Enhance")
    anna.taps("Medium")
    refusal = anna.sees(translate(sentence))
    assert "Remove metadata" in refusal.buttons


@pytest.mark.parametrize(
    ("name", "mime", "kind"),
    [
        ("IMG_0001.HIF", "application/octet-stream", "HEIF"),
        ("photo.jfif", "application/octet-stream", "JPEG"),
        ("IMG_2041", "", "JPEG"),
        ("IMG_2041.backup", "binary/octet-stream", "PNG"),
    ],
)
def test_a_file_that_does_not_say_what_it_is_is_judged_by_its_content(
    darkroom: Darkroom, anna: Person, name: str, mime: str, kind: str
) -> None:
    """And fetched only when a tool is chosen."""
    before = len(darkroom.telegram.requests("getFile"))
    menu = menu_under(anna, anna.sends_file(photos.encoded(kind=kind), name, mime))
    assert len(darkroom.telegram.requests("getFile")) == before
    anna.taps("Resize & convert", on=menu)
    anna.taps("PNG")
    assert photos.opened(anna.gets_document().bytes).size == (640, 427)


def test_a_file_without_type_and_name_that_is_no_picture_is_refused_by_its_content(
    darkroom: Darkroom, anna: Person
) -> None:
    before = len(darkroom.telegram.requests("getFile"))
    stored = anna.sends_file(b"\0\1\2 anything", "file").raw["document"]
    nameless = {"file_id": stored["file_id"], "file_unique_id": stored["file_unique_id"]}
    menu = menu_under(anna, anna.sends(document=nameless))
    assert len(darkroom.telegram.requests("getFile")) == before
    anna.taps("Remove metadata", on=menu)
    assert anna.sees(translate("error-not-a-photo")).id == menu.id


def test_a_file_too_large_is_refused_before_any_download(darkroom: Darkroom, anna: Person) -> None:
    before = len(darkroom.telegram.requests("getFile"))
    anna.sends_file(bytes((20 << 20) + 1), "huge.jpg")
    anna.sees(translate("error-too-many-bytes", detail=20))
    assert len(darkroom.telegram.requests("getFile")) == before


def test_progress_tells_real_stages_and_stop_stops(darkroom: Darkroom, anna: Person) -> None:
    anna.sends_file(photos.encoded("large"), "large.jpg")
    darkroom.telegram.fault("file", "slow", seconds=20)
    anna.taps("Remove metadata")
    progress = anna.sees(translate("stage-fetching"))
    assert progress.buttons == ["Stop"]
    anna.taps("Stop")
    stopped = anna.sees(translate("error-stopped"))
    assert stopped.id == progress.id
    darkroom.telegram.mend()
    anna.taps("Remove metadata")
    assert anna.gets_document().name == "large-clean.jpg"
    anna.sees_no_more(progress)


def test_a_double_tap_is_one_job(darkroom: Darkroom, anna: Person) -> None:
    anna.sends_file(photos.encoded(), "once.jpg")
    darkroom.telegram.fault("file", "slow", seconds=2)
    anna.taps("Remove metadata")
    progress = anna.sees(translate("stage-fetching"))
    answer = anna.forges("apply:clean:", progress)
    assert answer
    assert answer["text"] == translate("already-working")
    anna.gets_document()
    anna.sees_no_more(progress)
    assert len([each for each in anna.chat() if each.document and each.from_bot]) == 1


def test_cancel_and_status_speak_of_the_persons_own_jobs(darkroom: Darkroom, anna: Person) -> None:
    anna.writes("/status")
    anna.sees(translate("status", mine=0, at_work=0, waiting=0).splitlines()[0])
    anna.sends_file(photos.encoded("large"), "large.jpg")
    darkroom.telegram.fault("file", "slow", seconds=20)
    anna.taps("Remove metadata")
    anna.sees(translate("stage-fetching"))
    anna.writes("/status")
    anna.sees("One job of yours is running")
    anna.writes("/cancel")
    anna.sees(translate("cancelled", count=1))
    anna.sees(translate("error-stopped"))
    anna.writes("/cancel")
    anna.sees(translate("cancelled", count=0))


def test_wipe_deletes_everything_and_tells_what_stayed(anna: Person) -> None:
    old = anna.sends_file(photos.encoded(), "old.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    anna.taps("Wipe this chat")
    anna.sees("older than 48 hours")
    assert [each.text for each in anna.chat() if each.id >= old.id] == [anna.chat()[-1].text]

    photo = anna.sends_file(photos.encoded(), "new.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    anna.ages(photo, 49 * 3600)
    anna.taps("Wipe this chat")
    anna.sees(translate("wiped-not", count=1))
    assert photo.id in [each.id for each in anna.chat()]


def test_a_button_of_somebody_else_does_nothing(darkroom: Darkroom, anna: Person) -> None:
    mallory = agreed(darkroom.telegram, "Mallory")
    anna.sends_file(photos.encoded(), "private.jpg")
    menu = anna.sees(translate("menu"))
    for data in ("apply:clean:", "wipe", "menu", "pick:resize", "stop", "speak:de", "agree", "rate:clean:1:good"):
        answer = mallory.forges(data, menu)
        assert answer
        assert answer["text"] == translate("tap-not-yours")
    assert anna.sees(translate("menu")).id == menu.id
    assert not [each for each in mallory.chat() if each.document]


@pytest.mark.parametrize("data", ["nonsense", "apply", "apply:teleport:", "pick:teleport", "menu:1:2:3", "speak:xx:yy"])
def test_a_button_that_we_never_made_is_answered(anna: Person, data: str) -> None:
    anna.sends_photo(photos.encoded())
    menu = anna.sees(translate("menu"))
    answer = anna.forges(data, menu)
    assert answer
    assert answer["text"] in (translate("tap-too-old"), translate("tap-not-yours"))


def test_settings_in_a_button_that_make_no_sense_are_refused(anna: Person) -> None:
    anna.sends_photo(photos.encoded())
    anna.forges("apply:resize:longest=many", anna.sees(translate("menu")))
    anna.sees("longest")


def test_a_group_is_left_with_a_reason(darkroom: Darkroom, anna: Person) -> None:
    group = darkroom.telegram.group("Family", anna)
    anna.sees("only work in a private chat", in_=group)
    darkroom.telegram.wait_for(lambda: group.bot() == "left" or None, 10, "the bot stays", group.id)


def test_people_are_spoken_to_in_their_language(darkroom: Darkroom) -> None:
    dora = darkroom.telegram.person("Dora", language="de")
    dora.sends_photo(photos.encoded())
    dora.taps("Einverstanden")
    dora.taps("Metadaten entfernen")
    assert "im Speicher gehalten" in dora.gets_document().caption
    dora.writes("/language")
    dora.taps("English")
    dora.sees("I speak English now")
    dora.writes("/help")
    dora.sees("Send me a photo and choose a tool")


def test_commands_answer(anna: Person) -> None:
    for command, answer in (("/help", "help"), ("/privacy", "privacy"), ("/start", "start-again")):
        anna.writes(command)
        anna.sees(translate(answer, version=POLICY_VERSION, ticketdays=0, maildays=0, analytics="no", prints="no"))


def test_telegram_in_trouble_is_waited_for(darkroom: Darkroom, anna: Person) -> None:
    """Flood control, a server error and a lost connection, before and after the effect: the photo still arrives."""
    for method, kind, more in (
        ("sendDocument", "flood", {"retry_after": 1}),
        ("sendDocument", "error", {"code": 502, "text": "Bad Gateway"}),
        ("getFile", "drop", {}),
        ("sendDocument", "drop", {"after": True}),
        ("file", "cut", {}),
    ):
        darkroom.telegram.fault(method, kind, **more)
        menu = menu_under(anna, anna.sends_file(photos.encoded(), "again.jpg"))
        anna.taps("Remove metadata", on=menu)
        assert anna.gets_document().name == "again-clean.jpg"
        darkroom.telegram.mend()


def test_half_a_file_is_fetched_again(darkroom: Darkroom, anna: Person) -> None:
    darkroom.telegram.fault("file", "short")
    anna.sends_file(photos.encoded(tagged=True), "whole.jpg")
    anna.taps("Remove metadata")
    assert anna.gets_document().bytes == _cleaned(photos.encoded(tagged=True))


def test_telegram_out_of_order_is_told(darkroom: Darkroom, anna: Person) -> None:
    darkroom.telegram.fault("getFile", "error", code=400, text="Bad Request: file is temporarily unavailable")
    anna.sends_photo(photos.encoded())
    anna.taps("Remove metadata")
    told = anna.sees(translate("error-not-delivered"))
    darkroom.telegram.mend()
    anna.taps("Remove metadata", on=told)
    anna.gets_document()


def test_who_blocks_the_bot_is_met_with_silence(darkroom: Darkroom, anna: Person) -> None:
    anna.sends_photo(photos.encoded())
    anna.sees(translate("menu"))
    darkroom.telegram.fault("sendDocument", "error", code=403, text="Forbidden: bot was blocked by the user")
    anna.taps("Remove metadata")
    refused = lambda: [each for each in darkroom.telegram.requests("sendDocument") if not each["ok"]] or None  # noqa: E731
    darkroom.telegram.wait_for(refused, 10, "no document was refused", anna.id)
    anna.blocks()
    anna.unblocks()
    anna.writes("/help")
    anna.sees(translate("help", prints="no"))
    assert translate("error-unexpected") not in [each.text for each in anna.chat()]
    anna.sends_photo(photos.encoded())  # who blocked the bot has left: it asks anew
    anna.sees("Nobody sees it")
