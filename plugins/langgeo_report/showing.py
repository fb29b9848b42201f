"""What is printed of a finished run, `langgeo report` and `langgeo cite`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import langgeo_core
from langgeo_core.api import (
    Metric,
    ResolvedConfig,
    Run,
    UserError,
    alone_in,
    draft_of,
    json_option,
    print_json,
    print_wrapped,
    refuse_links,
    suggestion,
)
from langgeo_core.hooks import records
from langgeo_formats.api import run_as_json, what_to_open
from langgeo_inference.api import p_text
from langgeo_report.citing import citations
from langgeo_report.deciding import is_testable
from langgeo_report.methods import methods
from langgeo_report.reading import excesses_of, metrics_of
from langgeo_report.verdict import Verdict, verdict

OWN_CHANCE = 0.01
"""From this difference on, the chance of a baseline's figure is printed beside it, and not that of the run alone."""
HEADLINE = 120
"""Columns of a headline where no terminal says how many it has."""
INCIDENTS = 3
"""Incidents of a run that are printed."""


@click.command("report")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
@click.pass_obj
def report(settings: dict[str, Any], run: Path, as_json: bool) -> None:
    """Write the reports of a finished RUN again, with the exporters of its config.

    Example: langgeo report runs/starter-small
    """
    refuse_links(run)
    with alone_in(run):
        finished = Run(run)
        draft = draft_of(settings, str(run / "config.yaml"), ())
        # Of another version's config the exporters are enough.
        config = draft.resolved() if "exporters" in draft.incomplete else draft.config
        written = [str(file) for chosen in config.choices["exporters"] for file in chosen.build().export(finished)]
    if as_json:
        print_json({"files": written})
    else:
        click.echo("\n".join(written))


@click.command("cite")
@click.argument("name", required=False, metavar="[RUN|SPACE]")
@json_option
def cite(name: str | None, as_json: bool) -> None:
    """Print how to cite a finished RUN or a packaged SPACE: a paragraph on methods, and BibTeX of what made it.

    Without either, BibTeX of langgeo, of its method and of Glottolog.

    \b
    Examples:
      langgeo cite
      langgeo cite best
      langgeo cite runs/starter-small
    """
    paragraph, record = "", dict[str, Any]()
    if name in langgeo_core.spaces():
        space = langgeo_core.space(name)
        paragraph, record = methods(space.record, len(space)), dict(space.record)
    elif name is not None:
        run = _run(name)
        found = verdict(run.record, metrics_of(run), excesses_of(run), run.baseline_roles).evidence
        paragraph, record = methods(run.record, len(run.languages), run, found.figures, found.drowned), run.record
    cited = citations(record)
    if as_json:
        print_json({"methods": paragraph, "bibtex": cited.bibtex, "without_citation": cited.unstated})
        return
    if paragraph:
        print_wrapped(paragraph)
        click.echo()
    click.echo(cited.bibtex)
    if cited.unstated:
        click.echo(f"% without a citation; name them with their versions: {'; '.join(cited.unstated)}")


def _run(name: str) -> Run:
    """The run in a folder, or in that of its name below `runs`."""
    for folder in (Path(name), Path("runs") / name):
        if folder.is_dir():
            return Run(folder)
    spaces = langgeo_core.spaces()
    raise UserError(f"{name!r} is neither a run folder nor a packaged space", suggestion(name, spaces, "spaces"))


def show_run(config: ResolvedConfig, folder: Path, record: Mapping[str, Any], as_json: bool) -> None:
    """What `langgeo run` prints in the end: how it went, the verdict, the headline figures, and what to open."""
    if as_json:
        print_json(run_as_json(record, folder))
        return
    count = len(record["incidents"])
    incidents = f"{count} incident{'s' if count > 1 else ''} (see run.json)" if count else "no incidents"
    cells = f"{record['cells_calibrated']} cells calibrated, {record['cells_reused']} reused"
    print_wrapped(f"{record['status']}: {record['languages']} languages, {cells}, {incidents}")
    later = [one["message"] for one in record["incidents"] if one["stage"] != "plan"]  # the plan's were told before
    for message in later[:INCIDENTS]:
        print_wrapped(f"incident: {message}")
    if record["status"] == "degenerate":
        click.echo("all distances are zero: these settings do not distinguish languages")
    elif metrics := metrics_of(run := Run(folder)):
        found = verdict(record, metrics, excesses_of(run), run.baseline_roles)
        print_wrapped(found.text, most=HEADLINE)
        click.echo()
        for line in headlines(config, run, found):
            print_wrapped(line, most=HEADLINE)
    click.echo(what_to_open(config, folder, record))


def headlines(config: ResolvedConfig, run: Run, found: Verdict) -> Iterator[str]:
    """The evaluators' headline metrics, with the values of the baselines.

    The figures that decide the verdict have its adjusted p. Left out are those that no labels can change, such as those
    of a level with one class.
    """
    chosen = (one.component for one in config.choices["evaluators"])
    names = [name for one in chosen if isinstance(one, records.Evaluator) for name in one.headline]
    adjusted = {figure.metric.question: f"adjusted p {p_text(figure.p)}" for figure in found.evidence.figures}
    for metric in run.metrics:
        if metric.source == "run" and metric.metric in names and is_testable(metric) and metric.p is not None:
            what = f"{metric.level} {metric.metric} {metric.clusterer}".strip()
            ends = f", 95 % interval {metric.interval[0]:z.3f} to {metric.interval[1]:z.3f}" if metric.interval else ""
            p = adjusted.get(metric.question, f"p {p_text(metric.p)}")
            null = f"by chance {metric.null_mean:z.3f}, {p}, n {metric.n}"
            yield "; ".join([f"  {what}: {metric.value:z.3f}{ends} ({null})", *_others(run, metric)])


def _others(run: Run, metric: Metric) -> Iterator[str]:
    """What each baseline has of a metric, and what that baseline is."""
    others = [one for one in run.metrics if one.source != "run" and one.question == metric.question]
    roles = {other.source: run.baseline_roles.get(other.source, "rival") for other in others}
    rivals = [other for other in others if roles[other.source] == "rival"]
    for other in others:
        role = roles[other.source]
        remark = {"rival": "", "facts": "", "run": ", another run"}.get(role, f", a {role}")
        if len(rivals) > 1 and other is max(rivals, key=lambda rival: rival.value):
            remark = ", the strongest text baseline,"
        own = other.null_mean is not None and abs(other.null_mean - (metric.null_mean or 0.0)) >= OWN_CHANCE
        chance = f" (by chance {other.null_mean:z.3f})" if own else ""
        yield f"{other.source}{remark} {other.value:z.3f}{chance}"
