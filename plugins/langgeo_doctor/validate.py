"""`langgeo validate`: every problem of a config that can be found without a model.

A survey asks the components one by one. What several of them decide together, or only calibration knows, is checked
besides: whether the quantizer and the distance fit, and whether the texts are long enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from langgeo_core.api import (
    ENOUGH,
    FEWEST_TOKENS,
    CalibrationSettings,
    ConfigError,
    Draft,
    Language,
    Problem,
    Survey,
    complete,
    draft_of,
    installed,
    json_option,
    line_of,
    misfits,
    print_json,
    text_option,
)
from langgeo_core.hooks import records

SECONDS = 2.0
"""How long texts are read."""


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

    Names, types, ranges, missing packages, components that do not fit, files and texts, languages, and
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

    Texts are read for so many seconds. A model that cannot check its files without reading them is asked for its
    identity, which may take longer.
    """
    survey = Survey(draft.config, draft.incomplete)
    survey.check_models()
    short = _short_texts(survey, seconds)
    problems = [*draft.problems, *survey.problems, *short, *misfits(draft.config)]
    settings = draft.config.settings.calibration
    if settings.unit == "tokens" and settings.tokens < FEWEST_TOKENS:
        message = f"{settings.tokens} tokens of a text say nothing about it"
        problems.append(Problem(draft.config.where("calibration.tokens"), message, f"take at least {FEWEST_TOKENS}"))
    problems.extend(_command_problems(draft))
    elsewhere = tuple(f"{place.partition('.')[2]}: {absence.what}" for place, absence in survey.absent.items())
    found = tuple(sorted(dict.fromkeys(problems), key=line_of))
    return Examination(found, survey.languages, survey.unread, elsewhere)


def _command_problems(draft: Draft) -> Iterator[Problem]:
    """What the commands of plugins find wrong with the keys that they read."""
    for entry in installed().all("commands"):
        command = entry.component
        if not (isinstance(command, records.Command) and command.check and draft.plain(command.config_key) is not None):
            continue
        try:
            yield from command.function("check")(draft)
        except Exception as failure:
            message = f"the command {command.name} cannot check it: {type(failure).__name__}: {failure}"
            yield Problem(draft.config.where(command.config_key), message, entry.origin.bug)


def _short_texts(survey: Survey, seconds: float) -> list[Problem]:
    """A problem for each corpus with texts that no tokenizer makes enough tokens of."""
    settings = survey.config.settings.calibration
    short: dict[str, list[str]] = {}
    for chosen, text in survey.texts(seconds):
        if is_surely_short(text.documents, settings):
            short.setdefault(chosen.name, []).append(text.language)
    where = survey.config.where("calibration.tokens")
    hint = "lower it, leave these languages out, or set calibration.short to skip or cycle"
    return [
        Problem(where, f"{', '.join(languages)} in {corpus} cannot have {settings.tokens} {settings.unit}", hint)
        for corpus, languages in short.items()
    ]


def is_surely_short(documents: Sequence[str], settings: CalibrationSettings) -> bool:
    """Whether whatever tokenizer finds too little text here for the policy; known without one.

    A tokenizer makes at most a token of each byte in UTF-8, and some put one before each document. (Normalisation can
    write out a rare ligature in more bytes than it had; no language's text consists of these.)
    """
    if settings.short in ("cycle", "skip"):
        return False
    most = sum(one.count("\n") + 1 if settings.unit == "lines" else len(one.encode()) + 1 for one in documents)
    return most < (ENOUGH if settings.short == "use" else 1) * settings.tokens
