"""What became of every attack: counted in a file, printed when the session ends."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path

from commands import Ended

TABLE = Path(os.environ.get("LANGGEO_FAULTS_TABLE", Path(__file__).parents[2] / "build" / "faults.json"))
LINES = TABLE.with_suffix(".jsonl")
MOST_SECONDS = 5.0
"""A command over small input that computes longer, or waits for ever, hangs."""
GOOD = ("noticed", "identical")
BAD = ("silent change", "foreign exception", "hang")


def judge(kind: str, attack: str, ended: Ended, same: bool, noticed: bool = False) -> str:
    """Count an attack and give its verdict.

    Parameters
    ----------
    kind : the row of the table
    same : whether all that the command gives is what it gives without the attack
    noticed : whether it says so though it ends with 0
    """
    if ended.hangs or ended.seconds > MOST_SECONDS:
        verdict = "hang"
    elif ended.foreign:
        verdict = "foreign exception"
    elif ended.code or noticed:
        verdict = "noticed"
    else:
        verdict = "identical" if same else "silent change"
    count(kind, verdict, attack)
    return verdict


def count(kind: str, verdict: str, attack: str = "") -> None:
    """Add one attack to the table."""
    LINES.parent.mkdir(parents=True, exist_ok=True)
    with LINES.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": kind, "verdict": verdict, "attack": attack}) + "\n")


def table() -> dict[str, Counter[str]]:
    """The verdicts of each kind; writes them as JSON too."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in LINES.read_text(encoding="utf-8").splitlines() if LINES.is_file() else ():
        row = json.loads(line)
        counts[row["kind"]][row["verdict"]] += 1
    if counts:
        rows = [{"kind": kind, "tried": found.total(), **found} for kind, found in sorted(counts.items())]
        TABLE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return counts


def markdown() -> str:
    """The table as docs/explanation/reliability.md has it."""
    columns = ("tried", *GOOD, *BAD)
    lines = ["| attack | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    total: Counter[str] = Counter()
    for kind, found in sorted(table().items()):
        total += found
        lines.append(_line(kind, found, columns))
    return "\n".join([*lines, _line("all", total, columns)])


def _line(kind: str, found: Counter[str], columns: tuple[str, ...]) -> str:
    return f"| {kind} | {found.total():,} | " + " | ".join(f"{found[name]:,}" for name in columns[1:]) + " |"
