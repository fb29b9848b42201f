"""What is wrong with a config beyond its words: files, texts, languages, and components that do not fit.

Everything is looked for at once and no model is loaded. A model that has a method `check()` is asked through it whether
its files are there; of one that has none, `identity()` is called, which may read the weights. What is only elsewhere,
such as on a hub, is no problem of the config.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from langgeo_core.calibration.selection import TINY, is_surely_short
from langgeo_core.comparison.pairwise import choose_form
from langgeo_core.config.load import Draft
from langgeo_core.config.nodes import COMMAND_LINE, Map
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.schema import CalibrationSettings, MatrixSettings
from langgeo_core.config.typed import build
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UnavailableError, UserError
from langgeo_core.contract.protocols import Corpus
from langgeo_core.contract.records import Command
from langgeo_core.contract.types import Language
from langgeo_core.languages.table import LanguageTable
from langgeo_core.planning.plan import matrix_languages
from langgeo_core.planning.presence import absent_text
from langgeo_core.plugins.registry import installed

Offered = Mapping[str, Sequence[str]]
T = TypeVar("T")

SHOWN = 3
"""Texts of one corpus that cannot be read and are told one by one; the others in a line."""
LONGEST = 2.0
"""Seconds for which texts are read."""


@dataclass(frozen=True)
class Examination:
    """Every problem of a config in the file's order, the languages that it has text for, and how many texts were
    too long, or too far away, to be read for it. `elsewhere` has a line for each model and corpus that is not here.
    """

    problems: tuple[Problem, ...]
    languages: tuple[Language, ...]
    unread: int = 0
    elsewhere: tuple[str, ...] = ()


def examine(draft: Draft) -> Examination:
    """Look for the problems of a config: its own, those between its parts, and those of keys that commands read."""
    checks = _Checks(draft)
    languages = checks.run()
    problems = [*draft.problems, *checks.problems, *_command_problems(draft)]
    elsewhere = tuple(f"{name}: {said}" for name, said in checks.elsewhere.items())
    return Examination(tuple(sorted(dict.fromkeys(problems), key=_line)), languages, checks.unread, elsewhere)


def _command_problems(draft: Draft) -> Iterator[Problem]:
    """What the commands of plugins find wrong with the keys that they read."""
    for entry in installed().all("commands"):
        command = entry.component
        if not (isinstance(command, Command) and command.check and draft.plain(command.config_key) is not None):
            continue
        try:
            yield from command.load_check()(draft)
        except Exception as failure:
            owner = f"{entry.origin.plugin} of {entry.origin.distribution} {entry.origin.version}"
            message = f"the command {command.name} cannot check it: {type(failure).__name__}: {failure}"
            hint = f"this is a bug in the plugin {owner}; please report it"
            yield Problem(draft.where(command.config_key), message, hint)


def _line(problem: Problem) -> int:
    """The line where it is; what has none comes last."""
    found = re.search(r":(\d+)(?=:|$)", problem.where)
    return int(found[1]) if found else 2**31


class _Checks:
    """Asks the parts of a draft that can be built, and collects what they refuse."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems: list[Problem] = []
        self.deadline = time.monotonic() + LONGEST
        self.unread = 0
        self.elsewhere: dict[str, str] = {}

    def run(self) -> tuple[Language, ...]:
        """Make every check, and return the languages that the corpora have."""
        self._check_form()
        self._check_calibration()
        for chosen in self.draft.choices["models"]:
            if model := self._built(chosen):
                self._tried(chosen, getattr(model, "check", model.identity))
        languages = self._check_corpora()
        for chosen in self.draft.choices["transforms"]:
            self._built(chosen)
        for chosen in self.draft.choices["evaluators"]:
            self._check_labels(chosen, languages)
        return languages

    def _check_form(self) -> None:
        """Without a sound scorer its scores are taken for separable, which have every form."""
        scorers, quantizers, distances = (self.draft.choices[kind] for kind in ("scorers", "quantizers", "distances"))
        encodes, compares = ([self._built(one) for one in chosen] for chosen in (quantizers, distances))
        if not (encodes and encodes[0] and compares and compares[0]):
            return
        per_weight = any(getattr(scorer.component, "per_weight", False) for scorer in scorers)
        try:
            choose_form(encodes[0], compares[0], not per_weight)
        except UserError as failure:
            pair = f"the quantizer {quantizers[0].name} and the distance {distances[0].name} do not fit"
            blamed = distances[0] if self._nearness("distance") > self._nearness("quantizer") else quantizers[0]
            self._refuse(blamed, f"{pair}: {failure.message}", failure.hint)

    def _nearness(self, key: str) -> int:
        """How near to the user's hand a key was written: in the registry, in the config, on the command line."""
        sources = (self.draft.tree.mark.source, COMMAND_LINE.source)
        source = self.draft.tree.mark_of(key).source
        return sources.index(source) + 1 if source in sources else 0

    def _check_calibration(self) -> None:
        settings = self._calibration("tokens", "unit")
        if settings and settings.unit == "tokens" and settings.tokens < TINY:
            message = f"{settings.tokens} tokens of a text say nothing about it"
            self.problems.append(Problem(self._at_tokens(), message, f"take at least {TINY}"))

    def _calibration(self, *wanted: str) -> CalibrationSettings | None:
        """The wanted settings, the others at their defaults; None where one of them is no setting."""
        node = self.draft.tree.get("calibration")
        if not isinstance(node, Map):
            return CalibrationSettings()
        return build(CalibrationSettings, node.without(*(key for key in node.keys if key not in wanted)))[0]

    def _at_tokens(self) -> str:
        node = self.draft.tree.get("calibration")
        return (node if isinstance(node, Map) else self.draft.tree).mark_of("tokens").at("calibration.tokens")

    def _check_corpora(self) -> tuple[Language, ...]:
        """The languages asked for that a corpus has; all that exist where a corpus cannot be asked."""
        if settings := self.draft.schema and getattr(self.draft.schema, "matrix", None):
            return self._check_matrix(settings)
        asked = [(chosen, self._built(chosen)) for chosen in self.draft.choices["corpora"]]
        answers = [self._tried(chosen, corpus.languages) if corpus else None for chosen, corpus in asked]
        offered = {chosen.name: list(ids) for (chosen, _), ids in zip(asked, answers, strict=True) if ids is not None}
        whole = bool(offered) and "corpora" not in self.draft.incomplete and len(offered) == len(asked)
        languages = self._languages(offered, whole)
        for (chosen, corpus), ids in zip(asked, answers, strict=True):
            self._check_texts(chosen, corpus, [one.id for one in languages if one.id in set(ids or ())])
        if languages and (whole or self.draft.languages != ("all",)):
            self._check_clusters(len(languages))
        return languages

    def _check_matrix(self, settings: MatrixSettings) -> tuple[Language, ...]:
        """The languages asked for of the file that stands in for models and texts."""
        try:
            found = matrix_languages(self.draft.languages, settings)
        except ConfigError as failure:
            self.problems.extend(failure.problems)
            return ()
        except LanggeoError as failure:
            where = self.draft.tree.mark_of("matrix").at("matrix")
            self.problems.append(Problem(where, failure.message, failure.hint))
            return ()
        self._check_clusters(len(found))
        return found

    def _languages(self, offered: Offered, whole: bool) -> tuple[Language, ...]:
        everything = dict.fromkeys(language for ids in offered.values() for language in ids)
        wanted = tuple(everything) if self.draft.languages == ("all",) else self.draft.languages
        languages = self._resolved(wanted)
        if not whole:
            return languages
        self._check_absent([language.id for language in languages if language.id not in everything], offered)
        if len(languages) < 2:
            self._at_languages("a space of languages needs at least two of them", "add languages to `languages`")
        return tuple(language for language in languages if language.id in everything)

    def _resolved(self, wanted: Sequence[str]) -> tuple[Language, ...]:
        try:
            return LanguageTable().resolve(wanted)[0]
        except ConfigError as failure:
            for problem in failure.problems:
                self._at_languages(problem.message, problem.hint)
        known = {}
        for identifier in wanted:
            try:
                language = LanguageTable().lookup(identifier)
            except UserError:
                continue
            known[language.id] = language
        return tuple(known.values())

    def _check_absent(self, absent: Sequence[str], offered: Offered) -> None:
        if absent:
            variants = sorted(_variants(absent, offered))
            there = f"there is text for {', '.join(variants)}"
            message = f"no corpus has text in {', '.join(absent)} (asked: {', '.join(offered)})"
            self._at_languages(message, there if variants else "leave them out, or add a corpus that has them")

    def _at_languages(self, message: str, hint: str) -> None:
        where = self.draft.tree.mark_of("languages").at("languages")
        self.problems.append(Problem(where, message, hint))

    def _check_texts(self, chosen: Chosen, corpus: Corpus, languages: Sequence[str]) -> None:
        """Read them, unless that is to download them, for as long as a check may take."""
        before, failed, short = len(self.problems), [], []
        settings = self._calibration("tokens", "unit", "short")
        for language in languages:
            if absence := absent_text(corpus, language):
                self.elsewhere.setdefault(chosen.name, absence.what)
                self.unread += 1
            elif getattr(chosen.options, "download", False) or time.monotonic() > self.deadline:
                self.unread += 1
            elif (text := self._tried(chosen, partial(corpus.read, language))) is None:
                failed.append(language)
            elif settings and is_surely_short(text.documents, settings):
                short.append(language)
        if len(failed) > SHOWN:
            del self.problems[before + SHOWN :]
            rest = ", ".join(failed[SHOWN:])
            self._refuse(chosen, f"{len(failed) - SHOWN} more texts cannot be read: {rest}", "")
        if settings and short:
            message = f"{', '.join(short)} in {chosen.name} cannot have {settings.tokens} {settings.unit}"
            hint = "lower it, leave these languages out, or set calibration.short to skip or cycle"
            self.problems.append(Problem(self._at_tokens(), message, hint))

    def _check_clusters(self, languages: int) -> None:
        for chosen in self.draft.choices["clusterers"]:
            k = getattr(chosen.options, "k", None)
            if isinstance(k, int) and k > languages:
                where = chosen.option_places.get("k", chosen.where)
                message = f"{k} clusters of {languages} languages cannot be made"
                self.problems.append(Problem(where, message, "lower `k`, or write `classes`"))

    def _check_labels(self, chosen: Chosen, languages: Sequence[Language]) -> None:
        evaluator = self._built(chosen)
        if evaluator is not None:
            self._tried(chosen, lambda: evaluator.labels(languages))

    def _built(self, chosen: Chosen) -> Any:
        return self._tried(chosen, chosen.build)

    def _tried(self, chosen: Chosen, ask: Callable[[], T]) -> T | None:
        """What a component answers; None, and a problem, where it refuses or breaks."""
        try:
            return ask()
        except ConfigError as failure:
            for problem in failure.problems:
                self._refuse(chosen, f"{problem.where}: {problem.message}", problem.hint)
        except UnavailableError as failure:
            self.elsewhere.setdefault(chosen.name, failure.message)
        except LanggeoError as failure:
            self._refuse(chosen, failure.message, failure.hint)
        except Exception as failure:
            origin = f"{chosen.origin.plugin} of {chosen.origin.distribution} {chosen.origin.version}"
            message = f"{chosen.name} breaks: {type(failure).__name__}: {failure}"
            self._refuse(chosen, message, f"a fault of {origin}: tell its authors")
        return None

    def _refuse(self, chosen: Chosen, message: str, hint: str) -> None:
        self.problems.append(Problem(chosen.where, message, hint))


def _variants(absent: Sequence[str], offered: Offered) -> Iterator[str]:
    """What the corpora have under the same codes."""
    codes = {language.partition("_")[0] for language in absent}
    for name in {name for ids in offered.values() for name in ids}:
        if name.partition("_")[0] in codes:
            yield name
