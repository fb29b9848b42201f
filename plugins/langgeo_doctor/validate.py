"""`langgeo validate`: every problem of a config that can be found without a model.

A survey asks the components one by one. What several of them decide together is checked besides: whether the quantizer
and the distance fit, and whether the tokenizers of models that are on this machine make enough tokens of the texts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from langgeo_core.api import (
    ConfigError,
    Draft,
    Language,
    Plan,
    PlannedCell,
    Problem,
    RunWindows,
    Survey,
    Text,
    complete,
    draft_of,
    installed,
    json_option,
    line_of,
    misfits,
    print_json,
    protocols,
    text_option,
)
from langgeo_core.hooks import records

SECONDS = 2.0
"""How long texts are read."""
TIMES = 5
"""How many times as long they are tokenized."""


@click.command("validate")
@click.argument("config", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@text_option
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any], config: str, overrides: tuple[str, ...], text_folder: Path | None, as_json: bool
) -> int:
    """Check CONFIG and name every problem at once; loads no model.

    Names, types, ranges, missing packages, components that do not fit, files, texts and their lengths, languages, and
    the keys that commands read.

    Example: langgeo validate my-study.yaml
    """
    found = draft_of(settings, config, overrides, text_folder)
    examined = examine(found)
    if as_json:
        print_json([asdict(problem) for problem in examined.problems])
        return ConfigError.exit_code if examined.problems else 0
    if examined.problems:
        raise ConfigError(examined.problems)
    languages = len(examined.languages)
    cells = languages * len(found.config.choices["models"]) * len(found.config.choices["corpora"])
    unread = f"; {examined.unread} texts were not read" if examined.unread else ""
    click.echo(f"{found.config.settings.name}: no problems; {languages} languages, {cells} cells{unread}")
    for line in examined.elsewhere:
        click.echo(f"  {line}")
    return 0


@dataclass(frozen=True)
class Examination:
    """What `examine` found.

    Parameters
    ----------
    problems : in the order of the file
    languages : those that the config has text for
    unread : how many texts were not read, since they are not here or there was no time
    elsewhere : a line for each model and corpus that is not on this machine
    """

    problems: tuple[Problem, ...]
    languages: tuple[Language, ...]
    unread: int = 0
    elsewhere: tuple[str, ...] = ()


def examine(draft: Draft, seconds: float = SECONDS) -> Examination:
    """Find the problems of a config as far as it can be read. No weights are read, and nothing is fetched.

    Texts are read for so many seconds, and tokenized for some times as many. A model that cannot check its files
    without reading them is asked for its identity, which may take longer.
    """
    survey = Survey(draft.config, draft.incomplete)
    _check_models(survey)
    readable = not {"calibration", "reliability"} & draft.incomplete
    ready = survey.tokenizers if readable else {}  # before the clock starts: they may take longer than the texts
    texts = [(chosen.name, text) for chosen, text in survey.texts(seconds)]
    waiting, short = _tokenized(survey, ready, texts if readable else [], TIMES * seconds)
    problems = [*draft.problems, *survey.problems, *misfits(draft.config), *_command_problems(draft), *short]
    elsewhere = [f"{place.partition('.')[2]}: {absence.what}" for place, absence in survey.absent.items()]
    for model, count in waiting.items():
        elsewhere.append(f"{model}: whether {count} texts are long enough is known when a run tokenizes them")
    found = tuple(sorted(dict.fromkeys(problems), key=line_of))
    return Examination(found, survey.languages, survey.unread, tuple(elsewhere))


def _check_models(survey: Survey) -> None:
    """Ask each model whether its files are there; of one that cannot tell, the weights are read."""
    for chosen, model in survey.built_models:
        if isinstance(model, protocols.CheckedModel):
            survey.tried(chosen, model.check)
        elif not isinstance(model, protocols.LearningModel) and f"models.{chosen.name}" not in survey.absent:
            survey.tried(chosen, model.identity)


def _tokenized(
    survey: Survey, ready: Mapping[str, protocols.Tokenizer], texts: Sequence[tuple[str, Text]], seconds: float
) -> tuple[Counter[str], list[Problem]]:
    """How many texts each model's tokenizer was not asked about, and what a run refuses about the others.

    The tokenizers that are ready are asked, for so many seconds.
    """
    cells = [
        PlannedCell(model, corpus, text.language, text.fingerprint) for model in survey.models for corpus, text in texts
    ]
    config = survey.config
    survey.kept.tokenizers |= {name: partial(ready.__getitem__, name) for name in ready}
    windows = RunWindows(Plan(config, (), tuple(cells), survey.models, survey.corpora, {}, {}, {}, texts=survey.kept))
    pieces, deadline = (None, *range(config.settings.reliability.replicates)), time.monotonic() + seconds
    problems, waiting = list[Problem](), Counter[str]()
    for cell in cells:
        if cell.model in ready and time.monotonic() < deadline:
            problems += windows.short(replace(cell, replicate=piece) for piece in pieces)
        else:
            waiting[cell.model] += 1
    return waiting, [*problems, *windows.unequal_lines()]


def _command_problems(draft: Draft) -> Iterator[Problem]:
    """What the commands of plugins find wrong with the keys that they read."""
    for entry in installed().all("commands"):
        command = entry.component
        if not (isinstance(command, records.Command) and command.check and draft.plain(command.config_key) is not None):
            continue
        try:
            yield from command.load("check")(draft)
        except Exception as failure:
            message = f"the command {command.name} cannot check it: {type(failure).__name__}: {failure}"
            yield Problem(draft.config.where(command.config_key), message, entry.origin.bug)
