"""Faults on demand: which calls of which method fail, how, and before or after their effect."""

from dataclasses import dataclass, field

KINDS = ("flood", "error", "hang", "drop", "slow", "cut", "short", "long")


@dataclass
class Fault:
    """One planted fault.

    `method` is spelled as at Telegram, `*` means any method, `file` downloads. The first `skip` calls pass, the next
    `count` fail. With `after`, a call fails after its effect.

    flood   429 with `retry_after` seconds
    error   `code` and `text`
    hang    `seconds` of silence, then the connection drops
    drop    the connection drops at once
    slow    a download takes `seconds`
    cut     a download ends in the middle
    short   a download ends in the middle, and its headers hide that
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
        """The bytes that a download sends instead of `content`."""
        half = content[: len(content) // 2]
        return {"short": half, "long": content + half}.get(self.kind, content)

    def concerns(self, method: str) -> bool:
        return self.method.lower() in (method.lower(), "*" if method != "file" else "file")


@dataclass
class Faults:
    planted: list[Fault] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """Return the fault for this call, if any, and count it down by one."""
        for fault in self.planted:
            if not fault.concerns(method) or fault.count <= 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.count -= 1
            return fault
        return None
