"""A few sentences on how far to trust the run. The numbers they rest on are in `small_print`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric
from langgeo_report.page.excess import Excesses
from langgeo_report.page.sections import of_score_card
from langgeo_report.page.tested import Compared, Tested, compared, decisive, listed

DEGENERATE = "cannot tell languages apart"
UNKNOWN = "No metric of this run has a null, so nothing here says how far to trust the map."
DROWNED = 0.5
FEW = 30
"""Fewer languages than this are a look, no result."""
OF_RUNS = {
    "ahead": "ahead of",
    "behind": "behind",
    "mixed": "ahead in one figure and behind in another of",
    "level": "not to be told apart from",
    "untested": "not comparable in pairs with",
}
"""What is said of other runs, by where this one stands."""


@dataclass(frozen=True)
class Evidence:
    """What the sentences are about: the deciding figures, and each baseline beside them, by its role.

    Parameters
    ----------
    drowned : the share of pairs that are not told apart from the noise of their texts, where it is most of them
    """

    figures: list[Tested]
    rivals: Mapping[str, list[Compared]]
    runs: Mapping[str, list[Compared]]
    controls: Mapping[str, list[Compared]]
    ceilings: Mapping[str, list[Compared]]
    drowned: float | None = None

    @property
    def signal(self) -> list[Tested]:
        """The figures that exceed chance."""
        return [figure for figure in self.figures if figure.exceeds_chance]

    @property
    def languages(self) -> int:
        """How many the figures are of, at most."""
        return max(figure.metric.n for figure in self.figures)


@dataclass(frozen=True)
class Verdict:
    """The sentences, their tone (`good`, `weak`, `none` or `unknown`), and what they rest on."""

    text: str
    tone: str
    evidence: Evidence


def verdict(
    record: Mapping[str, Any],
    metrics: Sequence[Metric],
    excesses: Excesses | None = None,
    roles: Mapping[str, str] | None = None,
) -> Verdict:
    """What the deciding figures say against chance, scripts and baselines; or the run's own verdict if it has one.

    Parameters
    ----------
    roles : of each baseline, `Run.baseline_roles`; one without is a rival
    """
    found = evidence(metrics, excesses or {}, roles or {})
    if record.get("status") == "degenerate":
        return Verdict(_sentence(record.get("verdict") or DEGENERATE), "none", found)
    if not found.figures:
        return Verdict(_sentence(str(record.get("verdict") or UNKNOWN)), "unknown", found)
    return Verdict(_sentence(str(record.get("verdict") or " ".join(_sentences(found)))), _tone(found), found)


def evidence(metrics: Sequence[Metric], excesses: Excesses, roles: Mapping[str, str]) -> Evidence:
    """Rivals and other runs are corrected for each other; controls, of which something else is asked, apart."""
    scores = of_score_card(metrics)
    figures = decisive(scores)
    role_of = {metric.source: roles.get(metric.source, "rival") for metric in scores if metric.source != "run"}

    def beside(*wanted: str) -> Mapping[str, list[Compared]]:
        return compared(figures, scores, excesses, {name for name, role in role_of.items() if role in wanted})

    others = beside("rival", "run")
    return Evidence(
        figures,
        {name: rows for name, rows in others.items() if role_of[name] == "rival"},
        {name: rows for name, rows in others.items() if role_of[name] == "run"},
        beside("control"),
        beside("ceiling"),
        _drowned(metrics),
    )


def _drowned(metrics: Sequence[Metric]) -> float | None:
    shares = [metric.value for metric in metrics if (metric.evaluator, metric.metric) == ("reliability", "below_floor")]
    return next((share for share in shares if share >= DROWNED), None)


def _sentences(found: Evidence) -> Iterator[str]:
    if found.drowned is not None:
        yield from _lost_in_noise(found, found.drowned)
    else:
        yield _against_chance(found)
        if found.signal:
            yield from _beside(found)
    if found.languages < FEW:
        yield f"With {found.languages} languages this is a look, no result."


def _beside(found: Evidence) -> Iterator[str]:
    yield from _against_scripts(found)
    yield from _against_rivals(found.rivals)
    yield from _against_runs(found.runs)
    for name, rows in found.controls.items():
        yield _training(found, name, rows)


def _lost_in_noise(found: Evidence, share: float) -> Iterator[str]:
    """Said of distances that are lost in their noise: no agreement counts, nor does what baselines reach."""
    yield f"No signal: {percent(share)} of the pairs of languages are not told apart, halves of one text lie as far."
    if found.signal:
        yield f"The agreement with {_classes(found)} by {listed(found.signal)} is therefore no evidence."
    else:
        yield f"Nor can agreement of the map with {_classes(found)} be told from chance."


def _classes(found: Evidence) -> str:
    level = found.figures[0].metric.level
    return f"the languages’ {level} classes" if level else "what is known of the languages"


def _against_chance(found: Evidence) -> str:
    if not found.signal:
        return f"No signal: agreement of the map with {_classes(found)} cannot be told from chance."
    rest = [figure for figure in found.figures if not figure.exceeds_chance]
    but = f", though not by {listed(rest)}" if rest else ""
    return f"The map agrees with {_classes(found)} beyond chance, by {listed(found.signal)}{but}."


def _against_scripts(found: Evidence) -> Iterator[str]:
    if any(figure.exceeds_scripts for figure in found.signal):
        yield "Script alone does not explain it."
    elif any(figure.script_p is not None for figure in found.signal):
        yield "The script may be all that is seen: with labels shuffled within scripts, chance reaches as much."


def _against_rivals(rivals: Mapping[str, list[Compared]]) -> Iterator[str]:
    places = _placed(rivals)
    if ahead := places.get("ahead"):
        yield f"It is ahead of {listed(ahead)}."
    if mixed := places.get("mixed"):
        yield f"Against {listed(mixed)} it is ahead in one figure and behind in another."
    if behind := places.get("behind"):
        yield f"Better without a language model {'is' if len(behind) == 1 else 'are'} {listed(behind)}."
    if level := places.get("level"):
        yield f"From {listed(level)} it cannot be told apart."
    if unknown := places.get("untested"):
        yield f"With {listed(unknown)} no comparison in pairs was possible."
    if behind or mixed or level:
        yield "So nothing shows here that the language model adds to what these tell without one."


def _against_runs(runs: Mapping[str, list[Compared]]) -> Iterator[str]:
    places = _placed(runs)
    parts = [f"{said} {listed(places[place])}" for place, said in OF_RUNS.items() if place in places]
    if parts:
        yield f"Beside other runs it is {'; '.join(parts)}."


def _placed(baselines: Mapping[str, list[Compared]]) -> Mapping[str, list[str]]:
    """The names, with the figures that say so unless all do, by where the run surely stands."""
    places: dict[str, list[str]] = {}
    for name, rows in baselines.items():
        above, below = [row for row in rows if row.above], [row for row in rows if row.below]
        if above and below:
            place, sure = "mixed", rows
        elif above or below:
            place, sure = ("ahead", above) if above else ("behind", below)
        else:
            place, sure = ("level" if any(row.p is not None for row in rows) else "untested"), rows
        by = f" (by {listed(sure)})" if len(sure) < len(rows) else ""
        places.setdefault(place, []).append(f"{name}{by}")
    return places


def _training(found: Evidence, name: str, rows: Sequence[Compared]) -> str:
    """How much of the run's excess over chance is there without training, and what training is credited with."""
    shares = [_share(row) for row in rows if row.metric in [figure.metric for figure in found.signal]]
    given = f"Without training {name} has {listed(shares)} of what this run has beyond chance" if shares else ""
    credited = [row for row in rows if row.above]
    if credited:
        gains = listed(f"{row.excess} ({row})" for row in credited)
        return f"{given or 'There is a control'}; training is credited with {gains}."
    return f"{given or 'There is a control'}; training is credited with nothing that can be told from none."


def _share(row: Compared) -> str:
    chance = row.metric.null_mean or 0.0
    return f"{percent((row.other.value - chance) / (row.metric.value - chance))} ({row})"


def _tone(found: Evidence) -> str:
    if not found.signal or found.drowned is not None:
        return "none"
    scripts = [figure for figure in found.signal if figure.script_p is not None]
    beaten = all(
        any(row.above for row in rows) and not any(row.below for row in rows)
        for rows in (*found.rivals.values(), *found.controls.values())
    )
    beyond_scripts = not scripts or any(figure.exceeds_scripts for figure in scripts)
    return "good" if beaten and beyond_scripts and found.languages >= FEW else "weak"


def percent(share: float) -> str:
    """`36 %`."""
    return f"{100 * share:.0f} %".replace("-", "−")


def _sentence(text: str) -> str:
    finished = text if text.endswith((".", "!", "?")) else f"{text}."
    return finished[0].upper() + finished[1:]
