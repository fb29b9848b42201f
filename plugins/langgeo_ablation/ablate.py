"""An ablation from its request to its folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgeo_ablation.choices import Sweep
from langgeo_ablation.comparisons import compare_all
from langgeo_ablation.output import Findings, write_files
from langgeo_ablation.record import counted, described, is_ablation, write_record
from langgeo_ablation.runner import Runner, Tell
from langgeo_ablation.sentence import sentences
from langgeo_ablation.table import all_rows
from langgeo_ablation.telling import adjusted
from langgeo_ablation.variants import BASELINE, Load, Variant, make_variants
from langgeo_core.contract.errors import LanggeoError, UserError
from langgeo_core.pipeline.run import Reload
from langgeo_core.system.progress import progress
from langgeo_core.system.threads import one_thread


@dataclass(frozen=True)
class Request:
    """What is asked for: `config` as the user named it, how to read configs, and where to write."""

    config: str
    sweep: Sweep
    folder: Path
    load: Load
    reload: Reload
    halves: int
    overwrite: bool = False
    quiet: bool = False
    tell: Tell = field(default=lambda _: None)


@dataclass(frozen=True)
class Ablation:
    """What came of it, what run.json says, and the files for readers."""

    findings: Findings
    record: dict[str, Any]
    files: Sequence[Path]


def ablate(request: Request) -> Ablation:
    """Run all variants, compare them with the baseline and write the folder.

    Raises
    ------
    UserError
        If the baseline does not resolve or run, or the folder holds something else.
    """
    started = time.perf_counter()
    variants = make_variants(request.sweep, request.load)
    _check_folder(request, variants[0])
    record = described(request.config, request.sweep, request.halves, variants[0])
    write_record(request.folder, record)
    outcomes = Runner(request.folder / "variants", request.reload, request.quiet, request.tell).run(variants)
    with one_thread(), progress("compare variants", len(outcomes) - 1, request.quiet) as shown:
        comparisons = adjusted(compare_all(outcomes, request.halves, shown.advance))
    said, rows = sentences(outcomes, comparisons), all_rows(outcomes, comparisons)
    findings = Findings(request.config, request.sweep, outcomes, comparisons, rows, said, request.halves)
    files = write_files(request.folder, findings)
    seconds = round(time.perf_counter() - started, 3)
    record = {**record, **counted(outcomes, comparisons), "sentences": said, "seconds": seconds, "finished": True}
    write_record(request.folder, record)
    return Ablation(findings, record, files)


def _check_folder(request: Request, baseline: Variant) -> None:
    """The folder is new, or holds an ablation from the same baseline."""
    folder = request.folder
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not is_ablation(folder):
        raise UserError(f"{folder} is not empty and holds no ablation", "choose another --out")
    earlier = folder / "variants" / BASELINE / "config.yaml"
    if request.overwrite or not earlier.is_file() or baseline.config is None:
        return
    try:
        changed = request.reload(earlier).differences(baseline.config)
    except LanggeoError:
        return  # the config of a version that had other options; its variants are run again
    if changed:
        raise UserError(
            f"{folder} holds an ablation of another baseline; different: {', '.join(changed)}",
            "choose another --out, or pass --overwrite",
        )
