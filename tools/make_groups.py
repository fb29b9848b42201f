"""Make `plugins/langgeo_glottolog/data/groups.csv.gz` from Glottolog's table of languoids.

    python tools/make_groups.py languages.csv

The table given is `cldf/languages.csv` of a release of glottolog-cldf. Written are the names of the groups that are in
a lineage of the table of languages. Groups that the release lacks are named by the columns `family` and `branch`
of that table, where these say it. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ROOT / "langgeo_core" / "languages" / "data" / "languages.csv.gz"
TARGET = ROOT / "plugins" / "langgeo_glottolog" / "data" / "groups.csv.gz"


def groups(named: Mapping[str, str]) -> dict[str, str]:
    """The name of each group in a lineage, as far as it is known."""
    with gzip.open(LANGUAGES, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lineages = [row["lineage"].split("/") for row in rows]
    found = {code: named[code] for lineage in lineages for code in lineage if code in named}
    for row, lineage in zip(rows, lineages, strict=True):
        if lineage[0]:
            found.setdefault(lineage[0], row["family"])
            if len(lineage) > 1 and row["family"] != "Indo-European":
                found.setdefault(lineage[1], row["branch"])
    return dict(sorted(found.items()))


def main() -> None:
    """Read the table named on the command line and write the one that is shipped."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        found = groups({row["ID"]: row["Name"] for row in csv.DictReader(file)})
    text = "glottocode,name\n" + "".join(
        f'{code},"{name}"\n' if "," in name else f"{code},{name}\n" for code, name in found.items()
    )
    TARGET.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{len(found)} groups, {TARGET.stat().st_size} bytes: {TARGET}")


if __name__ == "__main__":
    main()
