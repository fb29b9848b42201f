"""The files of an ablation for readers: ablation.csv, .md, .html, .svg and .png."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgeo_ablation.choices import Sweep
from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.figure import write_figure
from langgeo_ablation.page import Account, as_html, as_markdown
from langgeo_ablation.record import tests
from langgeo_ablation.runner import Outcome
from langgeo_ablation.table import SHOWN_COLUMNS, columns, shown_rows
from langgeo_ablation.telling import telling
from langgeo_core.storage.tables import write_table
from langgeo_core.system.files import write_text

METHOD = (
    "± is the standard deviation over seeds or, where there is one, the standard error over languages; by chance: "
    "with shuffled classes. Differences from the baseline are read on the same {halves} random halves of the "
    "languages, drawn without replacement; the adjusted p is Holm's over the {tests} comparisons above."
)


@dataclass(frozen=True)
class Findings:
    """Variants, their figures beside the baseline's, the rows of ablation.csv and what they come to."""

    config: str
    sweep: Sweep
    outcomes: Sequence[Outcome]
    comparisons: Sequence[Comparison]
    rows: Sequence[dict[str, Any]]
    sentences: Sequence[str]
    halves: int

    @property
    def shown(self) -> list[tuple[str, ...]]:
        """The telling rows in words."""
        return shown_rows(self.outcomes, self.comparisons)


def write_files(folder: Path, findings: Findings) -> list[Path]:
    """Write all of them and return their paths."""
    write_table(folder / "ablation.csv", columns(findings.sweep.swept), findings.rows)
    pictures = write_figure(folder, findings.comparisons)
    account = _account(findings)
    write_text(folder / "ablation.md", as_markdown(account))
    svg = pictures[0].read_text(encoding="utf-8") if pictures else ""
    write_text(folder / "ablation.html", as_html(account, svg))
    return [*(folder / f"ablation.{suffix}" for suffix in ("csv", "md", "html")), *pictures]


def _account(findings: Findings) -> Account:
    sweep, baseline = findings.sweep, findings.outcomes[0].variant
    choices = ", ".join(f"{key}={choice}" for key, choice in baseline.choices.items())
    shared = f"; in all variants: {', '.join(sweep.fixed)}" if sweep.fixed else ""
    return Account(
        f"Ablation of {Path(findings.config).stem}",
        f"Baseline: {choices}{shared}.",
        findings.sentences,
        SHOWN_COLUMNS,
        findings.shown,
        columns(sweep.swept),
        findings.rows,
        METHOD.format(halves=findings.halves, tests=tests(telling(findings.comparisons))),
    )
