"""ablation.md and ablation.html: the sentences, the telling figures, and every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
table {{ border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }}
th, td {{ text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #e4e4e4; white-space: nowrap }}
div {{ overflow-x: auto }} img {{ max-width: 100% }} code {{ background: #f3f3f3; padding: 0 .2em }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #ddd }} th, td {{ border-color: #383838 }}
code {{ background: #2a2a2a }} }}
</style></head><body>
"""


@dataclass(frozen=True)
class Account:
    """What both pages say.

    Parameters
    ----------
    settings : what all variants share, in a line
    shown : the telling rows in words under `header`
    rows : all rows under `columns`
    method : how the differences were tested
    """

    title: str
    settings: str
    sentences: Sequence[str]
    header: Sequence[str]
    shown: Sequence[Sequence[str]]
    columns: Sequence[str]
    rows: Sequence[dict[str, Any]]
    method: str


def as_markdown(account: Account) -> str:
    """The sentences and the telling figures; all rows are in ablation.csv."""
    lines = [f"# {account.title}", "", account.settings, "", *(f"- {said}" for said in account.sentences), ""]
    lines += [_bar(account.header), _bar(["---"] * len(account.header)), *map(_bar, account.shown)]
    lines += ["", account.method, "", "All figures: [ablation.csv](ablation.csv)", ""]
    return "\n".join(lines)


def _bar(entries: Iterable[str]) -> str:
    return f"| {' | '.join(entry.replace('|', chr(92) + '|') for entry in entries)} |"


def as_html(account: Account, svg: str = "") -> str:
    """One page that needs nothing else; `svg` is the picture's text."""
    parts = [
        HEAD.format(title=escape(account.title)),
        f"<h1>{escape(account.title)}</h1><p>{escape(account.settings)}</p>",
        f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in account.sentences)}</ul>",
        _picture(svg),
        _table(account.header, account.shown),
        f"<p>{escape(account.method)}</p>",
        f"<details><summary>All {len(account.rows)} rows</summary>",
        _table(account.columns, ([_entry(row[column]) for column in account.columns] for row in account.rows)),
        "</details></body></html>\n",
    ]
    return "\n".join(parts)


def _picture(svg: str) -> str:
    """As an image, so that its styles and ids stay its own."""
    from base64 import b64encode

    if not svg:
        return ""
    data = b64encode(svg.encode()).decode()
    return f'<p><img alt="Each variant beside the baseline" src="data:image/svg+xml;base64,{data}"></p>'


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(entry)}</td>" for entry in row) + "</tr>" for row in rows)
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"


def _entry(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:z.4f}" if isinstance(value, float) else str(value)
