"""What is kept, column by column, as the comments in the migrations say: `-- why; how long[; seen by whom]`.

They are read from the migrations' texts and not from a database, so that a comment that gets better does so for all.
"""

import re
from dataclasses import dataclass
from functools import cache

from storage.db import migrations

NOBODY = "nobody"

_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    ([a-z]\w*) .*?-- (.+)$", re.MULTILINE)
_SEEN_BY = "seen by "


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    why: str
    how_long: str
    seen_by: str


@cache
def columns() -> tuple[Column, ...]:
    """All there are, in the order of the migrations. Raises ValueError where a comment lacks a part."""
    found: dict[str, list[Column]] = {}
    for _, path in migrations():
        for table, body in _TABLE.findall(path.read_text("utf-8")):
            found[table] = [_read(table, name, comment) for name, comment in _COLUMN.findall(body)]
    return tuple(column for table in found.values() for column in table)


def _read(table: str, name: str, comment: str) -> Column:
    *why, how_long = [part.strip() for part in comment.split(";")]
    seen_by = NOBODY
    if how_long.startswith(_SEEN_BY):
        seen_by = how_long.removeprefix(_SEEN_BY)
        *why, how_long = why
    if not why or not how_long:
        raise ValueError(f"{table}.{name} does not say why and how long it is kept")
    return Column(table, name, "; ".join(why), how_long, seen_by)
