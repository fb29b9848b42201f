"""`lsmat`: the labelled square matrices of scikit-bio."""

from __future__ import annotations

from langgeo_core.api import Run
from langgeo_formats.entries import number_text
from langgeo_formats.exporting import Format, complete


class LsmatExporter(Format):
    """`distances.lsmat`."""

    file = "distances.lsmat"

    def text(self, run: Run, names: list[str]) -> str:
        """A header that begins with a tab, and a row for each language; those that lack a pair are left out."""
        labels, values = complete(run, names, self.file)
        safe = [" ".join(label.split()) for label in labels]
        rows = [
            "\t".join([label, *(number_text(value, "") for value in row)])
            for label, row in zip(safe, values, strict=True)
        ]
        return "\n".join(["\t".join(["", *safe]), *rows]) + "\n"
