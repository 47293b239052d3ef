"""What a person gets when they ask for everything that is held on them: a file, complete and as it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from storage.data_inventory import columns

Rows = Sequence[Mapping[str, Any]]


def file(tables: Mapping[str, Rows], memory: Mapping[str, Any], notes: Sequence[str]) -> bytes:
    """JSON in UTF-8: each table that has rows of theirs with the meaning of its columns, then what is in memory."""
    meanings: dict[str, dict[str, str]] = {}
    for column in columns():
        about = f"{column.why}; kept: {column.how_long}; seen by: {column.seen_by}"
        meanings.setdefault(column.table, {})[column.name] = about
    held = {table: {"columns": meanings[table], "rows": rows} for table, rows in tables.items() if rows}
    whole = {"notes": notes, "database": held, "memory": memory}
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()
