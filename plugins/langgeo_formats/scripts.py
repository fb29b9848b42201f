"""In which script a language is written, where distances alone are given: from a table, or as it usually is."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from langgeo_core.api import ConfigError, Incident, LanguageTable, Problem, UserError, read_text
from langgeo_formats.entries import table_rows
from langgeo_formats.names import MOST, find_languages

_FILE = Path(__file__).with_name("data") / "usual_scripts.csv"
COLUMNS = ["language", "script"]


def scripts_of(ids: Sequence[str], table: Path | None = None) -> tuple[dict[str, str], Incident | None]:
    """The script of each language that has one, by id, and what is to be said of them.

    Ids that name their script are left out.

    Parameters
    ----------
    table : a file with a header `language,script`, the latter codes of ISO 15924; None for the scripts in which
        languages usually are written, as CLDR has them

    Raises
    ------
    UserError, ConfigError
        If the table cannot be read, or holds what is no script.
    """
    asked = [one for one in ids if not LanguageTable().lookup(one).script]
    known = _read(table) if table else {one: usual_scripts().get(one.partition("_")[0], "") for one in asked}
    found = {one: known[one] for one in asked if known.get(one)}
    unknown = [one for one in asked if one not in found]
    if not asked or (table and not unknown):
        return found, None
    source = table.name if table else "where they usually are written, as CLDR has it; `matrix.scripts` says otherwise"
    told = f"scripts of {len(found)} languages: {source}"
    if unknown:
        more = f" and {len(unknown) - MOST} others" if len(unknown) > MOST else ""
        told += f"; unknown of {len(unknown)}, which figures by script leave out: {', '.join(unknown[:MOST])}{more}"
    return found, Incident("plan", told)


@cache
def usual_scripts() -> Mapping[str, str]:
    """The script of each language by id, for ids that name none."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {one: row["script"] for row in csv.DictReader(file) for one in row["languages"].split()}


def _read(table: Path) -> dict[str, str]:
    header, *rows = table_rows(read_text(table, "give a table of the columns language and script")) or [(1, [])]
    if [entry.strip() for entry in header[1]] != COLUMNS:
        raise UserError(f"{table.name}: the first line is {','.join(header[1])!r}", "write language,script")
    problems, written = [], {}
    for line, row in rows:
        language, script = (entry.strip() for entry in [*row, ""][:2])
        named = LanguageTable().find(f"deu_{script}") if script else None
        if len(row) != 2 or named is None or named.script != script:
            hint = "write a code of ISO 15924, such as Cyrl"
            problems.append(Problem(f"{table.name}, line {line}", f"{script!r} is no script", hint))
        written[language] = script
    if problems:
        raise ConfigError(problems)
    languages = find_languages(written, table.name, skip_unknown=True).languages
    return {languages[name].id: script for name, script in written.items() if name in languages}
