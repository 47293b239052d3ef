"""Sizes as people write them: "1200 x 800 px", "max. 1,5 MB", "als PNG", "jpg 300 KB".

A text is read piece by piece: amounts with their units, formats, and small words between them. It is a size where all
of it is understood and nothing is said twice; a sentence that merely has a number in it is none.
"""

import re
import unicodedata
from decimal import Decimal

_NUMBER = r"(?:\d+|(?<!\S)[.,]\d+)(?:[.,'’ ]\d+)*"
_PIXELS = r"(?:px|pix(?:els?)?|пикс\w*)"
_PERCENT = r"%|per ?cent|prozent|процент\w*"
_BYTES = (
    r"(?:kilo|mega|giga|кило|мега|гига|[kmgкмг])(?:i?b|i?o|б|i?bytes?|octets?|байт\w*)|b|bytes?|байт\w*"
    r"|[kк]|(?<=\d)[mм]"  # "2 m" are metres
)
_AT_MOST = (
    r"[≤≦]|<=|=<|max(?:imum|imal)?[.]?|at most|up to|not? (?:more|larger|bigger) than"
    r"|h(?:ö|oe)chstens|bis(?: zu)?|nicht (?:mehr|gr(?:ö|oe)sser) als|(?:ca|circa)[.]?|about|etwa"
)
_AXIS = (
    r"wide|width|breite?|high|tall|height|hoch|h(?:ö|oe)he"
    r"|lang|long(?:est)?(?: side| edge)?|l(?:ä|ae)ngste (?:seite|kante)"
)
_PIECE = re.compile(
    rf" ?(?:(?P<width>{_NUMBER}) ?{_PIXELS}?(?: ?[x×✕*х] ?| by | mal )(?P<height>{_NUMBER})(?: ?{_PIXELS})?"
    rf"|(?P<number>{_NUMBER})(?: ?(?:(?P<px>{_PIXELS})|(?P<percent>{_PERCENT})|(?P<bytes>{_BYTES})))?"
    r"|(?:(?:as|to|in|into|als|nach|zu|im) )?\.?(?P<format>jpe?g|png|webp|avif)(?:[ -]format)?"
    rf"|(?P<axis>{_AXIS})"
    rf"|{_AT_MOST}|(?P<below><|under|below|(?:less|smaller) than|unter|(?:weniger|kleiner)(?: als)?)"
    r"|[,;:+&]|and|und|with|mit|to|auf|please|bitte|or less|oder weniger"
    r"|resize|convert|(?:file ?)?size|(?:datei)?gr(?:ö|oe)sse)"
    r"(?!(?<=\w)\w)"  # not in the middle of a word
)
_WHOLE = re.compile(r"\d+|[1-9]\d{0,2}([.,'’ ])\d{3}(?:\1\d{3})*")  # 1200, 1.200, 1 200 000
_DECIMAL = re.compile(r"(?P<whole>.*)(?P<mark>[.,])(?P<part>\d+)")
_KB = {"k": 1, "к": 1, "m": 1000, "м": 1000, "g": 1_000_000, "г": 1_000_000}  # by how a unit begins; else it is bytes
_AXES = {"w": "width", "b": "width", "h": "height", "t": "height", "l": "longest"}  # by how a word for it begins
_FEW = 10  # "4k" and "8k" may be screens as well as bytes
_COUNTABLE = 64  # fewer than that, without a unit and among other words, may be anything: "1, 5 MB", "50 jpg"
_MARKS = " ;:!?\"'“”„«»()[]"
_MOST = Decimal(10**9)  # beyond every range, and small enough to reckon with


def typed(text: str) -> str | None:
    """Settings of `resize` as a button carries them, perhaps out of range; None: this is something else."""
    plain, at = _plain(text), 0
    said: dict[str, str] = {}
    kinds: list[str | None] = []
    while at < len(plain):
        piece = _PIECE.match(plain, at)
        slot, settings = _meaning(piece) if piece else ("nothing", "")
        if piece is None or slot in said or bool(slot) != bool(settings):
            return None
        if slot:
            said[slot] = settings
        kinds.append(piece.lastgroup)
        at = piece.end()
    if not said or _is_doubtful(kinds, said):
        return None
    size = said.get("size", "percent=100").replace("longest", said.get("axis", "longest"))
    return ";".join([size, *(said[slot] for slot in ("weight", "format") if slot in said)])


def _is_doubtful(kinds: list[str | None], said: dict[str, str]) -> bool:
    """Whether it may mean something else: "under 500" pixels or KB, "20% less" 20 or 80 %, "5 to" no size at all."""
    longest = said.get("size", "").partition("longest=")[2]
    bare = "number" in kinds and (not longest.isdecimal() or (len(kinds) > 1 and int(longest) < _COUNTABLE))
    below = "below" in kinds and (kinds[-1] == "below" or {"number", "percent"} & set(kinds))
    return bool(bare or below or ("axis" in said and not longest))


def _meaning(piece: re.Match[str]) -> tuple[str, str]:
    """What it is about, and the settings; without settings it cannot be read. A small word is about nothing."""
    kind = piece.lastgroup
    if kind == "height":
        width, height = (_spelled(_value(piece[side])) for side in ("width", "height"))
        return "size", f"width={width};height={height}" if width and height else ""
    if kind in {"number", "px", "percent"}:
        value = _spelled(_value(piece["number"]))
        return "size", f"{'percent' if kind == 'percent' else 'longest'}={value}" if value else ""
    if kind == "bytes":
        value = _kilobytes(piece["number"], piece["bytes"])
        return "weight", f"under_kb={value}" if value else ""
    if kind == "axis":
        return "axis", _AXES[piece["axis"][0]]
    return ("format", f"format={piece['format'].replace('jpg', 'jpeg')}") if kind == "format" else ("", "")


def _kilobytes(number: str, unit: str) -> str:
    kilobytes = _KB.get(unit[0], Decimal("0.001"))
    value = _value(number, grouped=kilobytes <= 1)
    if value is None or (unit in {"k", "к"} and value < _FEW):
        return ""
    return str(int(value * kilobytes))


def _spelled(value: Decimal | None) -> str:
    """As people spell it; empty where there is nothing."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def _value(number: str, grouped: bool = True) -> Decimal | None:
    """What the digits say. `grouped`: "1.200" is 1200, and not 1.2; of megabytes nobody has thousands."""
    parts = _DECIMAL.fullmatch(number)
    if _WHOLE.fullmatch(number) and (grouped or not parts or not parts["whole"].isdecimal()):
        return min(Decimal(re.sub(r"\D", "", number)), _MOST)
    if parts and _WHOLE.fullmatch(parts["whole"] or "0") and parts["mark"] not in parts["whole"]:
        return min(Decimal(re.sub(r"\D", "", parts["whole"]) + "." + parts["part"]), _MOST)
    return None


def _plain(text: str) -> str:
    """Without what only typesetting tells apart: case, kinds of spaces and digits, marks around it, a remark behind."""
    text = unicodedata.normalize("NFKC", text.replace("½", ".5")).casefold()
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")  # joiners, marks of direction
    text = re.sub(r"(?<=[^\s(]) \([^()]*\)$", "", " ".join(text.split()))
    return re.sub(rf"^(?:[{re.escape(_MARKS)}]|[.,](?!\d))+", "", text).rstrip(".," + _MARKS)
