"""Make `langgeo_core/languages/data/languages.csv.gz` from a table of Glottolog's languoids.

    python tools/make_languages.py glottolog.csv

The table given has a row for every languoid with an ISO 639-3 code and at least the columns of `COLUMNS`;
`langgeo_core/languages/data/README.md` says what they hold. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
from collections.abc import Iterable
from pathlib import Path

COLUMNS = (
    "iso639_3",
    "glottocode",
    "name",
    "level",
    "family",
    "branch",
    "lineage",
    "latitude",
    "longitude",
    "macroareas",
)
LEVELS = {"language", "dialect", "family"}
TARGET = Path(__file__).resolve().parent.parent / "langgeo_core" / "languages" / "data" / "languages.csv.gz"

_GLOTTOCODE = re.compile(r"[a-z0-9]{4}[0-9]{4}")


def read_table(path: Path) -> list[dict[str, str]]:
    """The wanted columns of every row, ordered by ISO code; raises ValueError where a row is malformed."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{column: row[column] for column in COLUMNS} for row in csv.DictReader(file)]
    for row in rows:
        check(row)
    codes = [row["iso639_3"] for row in rows]
    if len(set(codes)) != len(codes):
        raise ValueError(f"an ISO 639-3 code appears twice in {path}")
    return sorted(rows, key=lambda row: row["iso639_3"])


def check(row: dict[str, str]) -> None:
    """Raise ValueError unless the codes, the level and the coordinates have the form that they should."""
    lineage = row["lineage"].split("/") if row["lineage"] else []
    well_formed = (
        re.fullmatch(r"[a-z]{3}", row["iso639_3"])
        and all(_GLOTTOCODE.fullmatch(code) for code in [row["glottocode"], *lineage])
        and row["level"] in LEVELS
        and row["name"]
        and bool(row["latitude"]) == bool(row["longitude"])
        and abs(float(row["latitude"] or 0)) <= 90
        and abs(float(row["longitude"] or 0)) <= 180
    )
    if not well_formed:
        raise ValueError(f"malformed row: {row}")


def compress(rows: Iterable[dict[str, str]]) -> bytes:
    """The rows as gzipped CSV, without a time stamp or a file name in the header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Read the table named on the command line and write the one that is shipped."""
    parser = argparse.ArgumentParser(description="Make the table of languages that langgeo ships.")
    parser.add_argument("source", type=Path, help="Glottolog's languoids with an ISO 639-3 code, as CSV")
    parser.add_argument("--target", type=Path, default=TARGET, help="file to write")
    arguments = parser.parse_args()
    rows = read_table(arguments.source)
    arguments.target.write_bytes(compress(rows))
    print(f"{len(rows)} languages, {arguments.target.stat().st_size} bytes: {arguments.target}")


if __name__ == "__main__":
    main()
