"""Every problem of a config that can be found without a model: what `langgeo validate` prints.

A survey asks the components one by one. What several of them decide together, or only calibration knows, is checked
here: whether the quantizer and the distance fit, and whether the texts are long enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from langgeo_core.calibration.windows import TINY, is_surely_short
from langgeo_core.comparison.pairwise import choose_form
from langgeo_core.config.load import Draft
from langgeo_core.config.nodes import COMMAND_LINE, line_of
from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.contract.errors import Problem, UserError
from langgeo_core.contract.records import Command, Scorer
from langgeo_core.contract.types import Language
from langgeo_core.planning.survey import Survey
from langgeo_core.plugins.registry import installed

SECONDS = 2.0
"""How long texts are read."""


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
    if settings.unit == "tokens" and settings.tokens < TINY:
        message = f"{settings.tokens} tokens of a text say nothing about it"
        problems.append(Problem(draft.config.where("calibration.tokens"), message, f"take at least {TINY}"))
    problems.extend(_command_problems(draft))
    elsewhere = tuple(f"{place.partition('.')[2]}: {absence.what}" for place, absence in survey.absent.items())
    found = tuple(sorted(dict.fromkeys(problems), key=line_of))
    return Examination(found, survey.languages, survey.unread, elsewhere)


def _command_problems(draft: Draft) -> Iterator[Problem]:
    """What the commands of plugins find wrong with the keys that they read."""
    for entry in installed().all("commands"):
        command = entry.component
        if not (isinstance(command, Command) and command.check and draft.plain(command.config_key) is not None):
            continue
        try:
            yield from command.load_check()(draft)
        except Exception as failure:
            message = f"the command {command.name} cannot check it: {type(failure).__name__}: {failure}"
            yield Problem(draft.where(command.config_key), message, entry.origin.bug)


def misfits(config: ResolvedConfig) -> list[Problem]:
    """A quantizer and a distance that do not fit, blamed on the one that was written nearer to the user's hand."""
    quantizers, distances = config.choices.get("quantizers", ()), config.choices.get("distances", ())
    if not (quantizers and distances):
        return []
    (quantizer,), (distance,) = quantizers, distances
    # Without a scorer that can be read, scores are taken to be separable: those have every form.
    scorers = [one.component for one in config.choices["scorers"]]
    per_weight = any(isinstance(one, Scorer) and one.per_weight for one in scorers)
    try:
        choose_form(quantizer.build(), distance.build(), not per_weight)
    except UserError as failure:
        blamed = distance if _nearness(config, distance) > _nearness(config, quantizer) else quantizer
        pair = f"the quantizer {quantizer.name} and the distance {distance.name} do not fit"
        return [Problem(blamed.where or blamed.kind, f"{pair}: {failure.message}", failure.hint)]
    return []


def _nearness(config: ResolvedConfig, chosen: Chosen) -> int:
    """0 for the registry, 1 for the config file, 2 for the command line."""
    return 2 * chosen.where.startswith(f"{COMMAND_LINE}:") or chosen.where.startswith(f"{config.marks.get('')}:")


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
