"""`cldf`: a data set of the Cross-Linguistic Data Formats (Forkel et al. 2018), module Generic."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgeo_core.api import Run
from langgeo_formats.exporting import FOLDER, FormatOptions, complete_ids, labels
from langgeo_formats.newick import as_newick


class CldfExporter:
    """`exports/cldf/`: LanguageTable, a table of distances, and the tree of UPGMA in a TreeTable."""

    def __init__(self, options: FormatOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write the folder; pairs that are missing are left out, and so are their languages from the tree."""
        import pycldf

        target = run.path / FOLDER / "cldf"
        with TemporaryDirectory(dir=run.path) as scratch:
            dataset: Any = pycldf.Generic.in_dir(scratch)
            dataset.properties["dc:title"] = f"Distances of languages: {run.record.get('name', '')}"
            dataset.properties["dc:creator"] = f"langgeo {run.record.get('langgeo', '')}"
            dataset.add_component("LanguageTable", "Family", "Branch", "Script")
            dataset.add_table(
                "distances.csv",
                {"name": "ID", "propertyUrl": "http://cldf.clld.org/v1.0/terms.rdf#id"},
                {"name": "Language_ID", "propertyUrl": "http://cldf.clld.org/v1.0/terms.rdf#languageReference"},
                {"name": "Other_Language_ID", "dc:description": "The language that the distance is to."},
                {"name": "Distance", "datatype": "decimal"},
                primaryKey="ID",
            )
            table = dataset["distances.csv"]
            table.add_foreign_key("Language_ID", "languages.csv", "ID")
            table.add_foreign_key("Other_Language_ID", "languages.csv", "ID")
            dataset.add_component("TreeTable")
            dataset.add_component("MediaTable")
            dataset.write(**_rows(run, labels(run.languages, self._options.names)))
            ids, values = complete_ids(run, "the tree of cldf")
            # Without quotes: pycldf takes the labels of the tree as they are for ids of the table.
            (Path(scratch) / "upgma.nwk").write_text(as_newick(ids, values, str), encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(exist_ok=True)
            Path(scratch).chmod(0o755)
            shutil.copytree(scratch, target)
        return sorted(target.iterdir())


def _rows(run: Run, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    values, ids = run.distances.values, run.distances.ids
    languages = [
        {
            "ID": one.id, "Name": name, "Glottocode": one.glottocode or None, "ISO639P3code": one.iso639_3 or None,
            "Latitude": one.latitude, "Longitude": one.longitude, "Macroarea": None,
            "Family": one.family, "Branch": one.branch, "Script": one.script,
        }
        for one, name in zip(run.languages, names, strict=True)
    ]  # fmt: skip
    distances = [
        {"ID": f"{ids[row]}-{ids[column]}", "Language_ID": ids[row], "Other_Language_ID": ids[column],
         "Distance": repr(float(values[row, column]))}
        for row in range(len(ids)) for column in range(row)
        if values[row, column] == values[row, column]
    ]  # fmt: skip
    tree = {
        "ID": "upgma", "Name": "1", "Description": "Average linkage (UPGMA) of the distances.", "Tree_Is_Rooted": True,
        "Tree_Type": "summary", "Media_ID": "upgma",
    }  # fmt: skip
    media = {"ID": "upgma", "Name": "upgma.nwk", "Media_Type": "text/x-nh", "Download_URL": "upgma.nwk"}
    return {"LanguageTable": languages, "distances.csv": distances, "TreeTable": [tree], "MediaTable": [media]}
