"""Faults on demand: which call of which method goes wrong, how, and on which side of its effect."""

from dataclasses import dataclass, field

KINDS = ("flood", "error", "hang", "drop", "slow", "cut", "short", "long")


@dataclass
class Fault:
    """One planted fault.

    `method` as Telegram spells it, `*` for any, `file` for downloads. The first `skip` calls pass, the next `count`
    fail; `after`: once the call has had its effect.

    flood   429 with `retry_after` seconds
    error   `code` and `text`
    hang    `seconds` of silence, then the connection drops
    drop    the connection drops at once
    slow    a download takes `seconds`
    cut     a download ends in the middle
    short   the same, and nothing in the answer says so
    long    a download goes on after the file's end
    """

    method: str
    kind: str
    skip: int = 0
    count: int = 1
    after: bool = False
    retry_after: int = 1
    code: int = 500
    text: str = "Internal Server Error"
    seconds: float = 30

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}, not {self.kind!r}")

    def served(self, content: bytes) -> bytes:
        """What comes of a file."""
        half = content[: len(content) // 2]
        return {"short": half, "long": content + half}.get(self.kind, content)

    def concerns(self, method: str) -> bool:
        return self.method.lower() in (method.lower(), "*" if method != "file" else "file")


@dataclass
class Faults:
    planted: list[Fault] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, which is then used up by one."""
        for fault in self.planted:
            if not fault.concerns(method) or fault.count <= 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.count -= 1
            return fault
        return None
