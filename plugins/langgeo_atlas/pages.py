"""The page of a space, made when first asked for and kept in the cache.

To measure the figures of hundreds of languages with their intervals takes minutes. A run has its figures; those of the
packaged spaces, beside each other, are in the package, and `python -m langgeo_atlas.pages` measures them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgeo_atlas.comparing import as_space, run_folder
from langgeo_atlas.packaged import DATA, origin, read_data, record, space, spaces
from langgeo_atlas.python import evaluate
from langgeo_atlas.space import LanguageSpace, slug
from langgeo_core.api import (
    Run,
    cache_folder,
    checksums,
    locking,
    read_record,
    schema,
    write_distances,
    write_record,
    write_table,
)
from langgeo_report.api import write_page

FIGURES = "figures.json"
PAGE = "report.html"
BESIDE = {"letters": "rival", "geography": "facts", "glottolog-tree": "ceiling"}
"""The packaged spaces that others are compared with, and what each is beside them."""
TABLES = ("metrics.csv", "comparisons.csv")

Rows = Sequence[Mapping[str, str]]
Say = Callable[[str], object]


def page_of(name: str, say: Say) -> Path:
    """The page of a packaged space, a run or a file of distances; `say` is told what takes long."""
    folder = run_folder(name) if name not in spaces() else None
    if folder:
        state = (folder / "run.json").read_bytes() if (folder / "run.json").is_file() else b""
        return _page(Run(folder).path.resolve().name, state, lambda file: _of_run(Run(folder), file, say))
    found = as_space(name)
    known = figures().get(name)
    about = origin(found.name) if known else {}
    state = json.dumps([found.ids, known, about]).encode() + found.distances.values.tobytes()
    return _page(found.name, state, lambda file: _of_space(found, known, about, file, say))


def _page(name: str, state: bytes, make: Callable[[Path], object]) -> Path:
    """The page of this name and state from the cache, or made there by this version of langgeo."""
    made = hashlib.sha256(version("langgeo").encode() + state).hexdigest()
    file = cache_folder() / "pages" / f"{slug(name)}-{made[:12]}" / PAGE
    if not file.is_file():
        with locking(file.parent.with_suffix(".lock"), wait=True):
            if not file.is_file():  # nor made while this process waited
                make(file)
    return file


def _of_run(run: Run, file: Path, say: Say) -> None:
    say(f"drawing the page of {run.path}, {len(run.distances.ids)} languages")
    write_page(run, file)


def _of_space(
    found: LanguageSpace, known: Mapping[str, Rows] | None, about: Mapping[str, Any], file: Path, say: Say
) -> None:
    if known is None:
        say(f"measuring the figures of {found.name}: {len(found)} languages, with hundreds a minute or two")
        evaluate(found, file.parent, overwrite=True, exporters=[])
    else:
        say(f"placing the {len(found)} languages of {found.name}")
        evaluate(found, file.parent, overwrite=True, exporters=[], evaluators=[], baselines=[], clusterers=[])
        _add_figures(file.parent, found.name, known)
    say("drawing the page")
    write_page(Run(file.parent), file, {**about, "name": found.name}, found.without_each())


def _add_figures(folder: Path, name: str, known: Mapping[str, Rows]) -> None:
    """Write the tables of figures into the run folder, and into run.json what they were measured with."""
    for table, rows in known.items():
        columns = list(dict.fromkeys([*schema.TABLES[table].header, *(column for row in rows for column in row)]))
        write_table(folder / table, columns, [{column: row.get(column) for column in columns} for row in rows])
    written, measured = read_record(folder / "run.json"), record()["runs"]["best"]["components"]
    used = {
        "evaluators": measured["evaluators"],
        "baselines": [one for one in measured["baselines"] if one["name"] != name],
    }
    written["components"] = {**written["components"], **used}
    written["files"] = {**written["files"], **checksums(folder, list(known))}
    write_record(folder / "run.json", written)


def figures() -> dict[str, dict[str, Rows]]:
    """The tables of each packaged space, by the names of their files."""
    return dict(read_data(FIGURES)["spaces"])


def measure(folder: Path = DATA) -> Path:
    """Measure every packaged space beside those of `BESIDE`, and write the tables into a folder; returns the file."""
    with TemporaryDirectory() as scratch:
        tables = {name: _measured(name, Path(scratch) / name) for name in spaces()}
    write_record(folder / FIGURES, {"arrays": record()["arrays"], "spaces": tables})
    return folder / FIGURES


def _measured(name: str, scratch: Path) -> dict[str, Rows]:
    baselines = []
    for other, role in BESIDE.items():
        if other != name:
            write_distances(file := scratch / f"{other}.csv", space(other).distances)
            baselines.append({"name": "file", "as": other, "path": str(file), "distances": True, "role": role})
    evaluate(space(name), scratch / "run", exporters=[], clusterers=[], baselines=baselines)
    run = Run(scratch / "run")
    return {
        table: [{key: value for key, value in row.items() if value} for row in run.table(table)] for table in TABLES
    }


if __name__ == "__main__":
    print(measure())
