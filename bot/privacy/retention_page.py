"""The table of all that is kept as a page: no script, nothing loaded from elsewhere, fit for phones and at night."""

from collections.abc import Iterable
from html import escape
from itertools import groupby

from bot.texts import Translate
from storage.data_inventory import NOBODY, Column, columns

_STYLE = """
:root { color-scheme: light dark; --ink: #211b18; --soft: #685e56; --paper: #faf8f4; --line: #ded7cc; --red: #a92c1c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0e8e2; --soft: #ab9d93; --paper: #1a1716; --line: #352e2b; --red: #ff8f78 }
}
body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.4rem } h2 { font: 600 1.05rem ui-monospace, monospace; margin: 2rem 0 .3rem }
p, .soft { color: var(--soft) }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .45rem .6rem .45rem 0; border-top: 1px solid var(--line) }
th { font-weight: 600 } thead th { font-size: .8rem; color: var(--soft) }
tbody th { font: .9rem ui-monospace, monospace; width: 9rem } td:nth-child(3), td:nth-child(4) { width: 11rem }
.seen { color: var(--red) }
@media (max-width: 40rem) {
  thead { display: none } tr, td, tbody th { display: block; width: auto !important; border: 0; padding: 0 }
  tr { border-top: 1px solid var(--line); padding: .5rem 0 }
  td:nth-child(3)::before, td:nth-child(4)::before { content: attr(data-name) ": "; color: var(--soft) }
}
"""


def page(translate: Translate, version: int) -> bytes:
    """HTML in UTF-8."""
    title = escape(translate("kept-title"))
    body = [
        f"<h1>{title}</h1>",
        f"<p>{escape(translate('kept-version', version=version))}</p>",
        f"<p>{escape(translate('kept-intro'))}</p>",
        *(_table(translate, name, group) for name, group in groupby(columns(), key=lambda column: column.table)),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f"<!doctype html>\n<html>{head}<style>{_STYLE}</style>\n{''.join(body)}\n</html>\n".encode()


def _table(translate: Translate, name: str, group: Iterable[Column]) -> str:
    names = [escape(translate(key)) for key in ("kept-column", "kept-why", "kept-how-long", "kept-seen-by")]
    head = "".join(f"<th>{each}</th>" for each in names)
    rows = "".join(_row(translate, column, names[2], names[3]) for column in group)
    return f"<h2>{escape(name)}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>\n"


def _row(translate: Translate, column: Column, how_long: str, seen_by: str) -> str:
    nobody = column.seen_by == NOBODY
    seen = translate("kept-nobody") if nobody else column.seen_by
    return (
        f"<tr><th>{escape(column.name)}</th><td>{escape(column.why)}</td>"
        f'<td data-name="{how_long}">{escape(column.how_long)}</td>'
        f'<td data-name="{seen_by}" class="{"soft" if nobody else "seen"}">{escape(seen)}</td></tr>\n'
    )
