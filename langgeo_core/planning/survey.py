"""What the components of a config say before a run: languages, labels, what is not on this machine, every problem.

`langgeo validate` prints these problems, and a plan raises them. Models and texts are asked through the optional
protocols of `contract.protocols`, so that nothing is fetched and no weights are read unless the caller asks for them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from langgeo_core.config.nodes import line_of
from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UnavailableError
from langgeo_core.contract.protocols import (
    Corpus,
    DescribingCorpus,
    Evaluator,
    LearningModel,
    Model,
    ReadyModel,
    Remarking,
    RemoteCorpus,
    RemoteModel,
    ReplicateTransform,
    ScriptedCorpus,
    Tokenizer,
)
from langgeo_core.contract.records import Command
from langgeo_core.contract.types import Absence, GivenMatrix, Incident, Language, ModelIdentity, Text
from langgeo_core.languages.table import LanguageTable, is_private
from langgeo_core.planning.texts import Texts, surely_short
from langgeo_core.plugins.registry import components

T = TypeVar("T")

SHOWN = 3
"""How many texts of one corpus that cannot be read are named with their reason; the rest are listed in one line."""


class Survey:
    """Asks the components of a config and collects what they refuse.

    Parameters
    ----------
    config : as far as it can be read
    incomplete : the kinds and keys of which the config lacks something because of its problems
    languages : those asked for instead of the config's, however few

    Attributes
    ----------
    models, corpora : the components that can be built, by name; `built_models` has those of one name too
    matrix : the file of distances that replaces them, if the config names one
    languages : those asked for that a corpus or the matrix has; all that exist where a corpus cannot be asked
    kept : the texts that were read
    offered : which of the languages each corpus has text in, whether it is here or not
    labels : the classes of every level of every evaluator
    incidents : names that were read as another language, notes on the matrix
    absent : under `models.NAME` and `corpora.NAME` what is not on this machine
    cause : the last error that is a bug of a component
    """

    def __init__(
        self, config: ResolvedConfig, incomplete: Collection[str] = (), languages: Sequence[str] | None = None
    ) -> None:
        self.config, self._incomplete, self._given = config, incomplete, languages
        self.absent: dict[str, Absence] = {}
        self.cause: Exception | None = None
        self._found: dict[tuple[str, str, str], list[str]] = {}
        self.built_models: list[tuple[Chosen, Model]] = self.built("models")
        self.models = {chosen.name: model for chosen, model in self.built_models}
        self._corpora: list[tuple[Chosen, Corpus]] = self.built("corpora")
        self.corpora = {chosen.name: corpus for chosen, corpus in self._corpora}
        self.kept = Texts(self.models, self.corpora)
        self.matrix = self._matrix()
        offered = self._offers()
        self.incidents: tuple[Incident, ...] = self.matrix.notes if self.matrix else ()
        whole = bool(offered) and "corpora" not in incomplete and len(offered) == len(config.choices["corpora"])
        self.languages = self._languages(offered, whole or self.matrix is not None)
        for chosen, transform in self.built("transforms"):
            if isinstance(transform, ReplicateTransform):
                self._check_replicates(chosen, transform)
        self.labels = self._labels()
        ids = [language.id for language in self.languages]
        self.offered = {name: [one for one in ids if one in set(found)] for name, found in offered.items()}
        self._unread = [
            (chosen, corpus, language)
            for chosen, corpus in self._corpora
            for language in self.offered.get(chosen.name, ())
        ]
        self._elsewhere = self._ask_what_is_here()

    @property
    def problems(self) -> list[Problem]:
        """Every problem found so far, in the order of the file."""
        problems: list[Problem] = []
        more: dict[str, list[str]] = {}
        shown: dict[str, int] = {}
        for (where, message, hint), languages in self._found.items():
            shown[where] = shown.get(where, 0) + bool(languages)
            if languages and shown[where] > SHOWN:
                more.setdefault(where, []).extend(languages)
                continue
            of = f", language{'s' * (len(languages) > 1)} {', '.join(languages)}" if languages else ""
            problems.append(Problem(f"{where}{of}", message, hint))
        for where, rest in more.items():
            problems.append(Problem(where, f"{len(rest)} more texts cannot be read: {', '.join(rest)}"))
        return sorted(problems, key=line_of)

    def settle(self, whole: bool, problems: Iterable[Problem] = ()) -> None:
        """Raise every problem found so far, and those given, as one ConfigError.

        With `whole` what is not here is a problem too, unless a run fetches it, as it now may.
        """
        for where, absence in self.absent.items() if whole else ():
            if not absence.comes:
                kind, _, name = where.partition(".")
                chosen = next(chosen for chosen in self.config.choices[kind] if chosen.name == name)
                self.refuse(_place(chosen), absence.what, absence.how)
        if found := [*self.problems, *problems]:
            raise ConfigError(sorted(found, key=line_of)) from self.cause
        if whole:
            self.absent.clear()
            self._elsewhere.clear()

    def refuse(self, where: str, message: str, hint: str = "", language: str = "") -> None:
        """Add a problem; the same one of several languages is reported once."""
        self._found.setdefault((where, message, hint), []).extend([language] if language else [])

    def tried(self, chosen: Chosen, ask: Callable[[], T], language: str = "") -> T | None:
        """What a component answers; None, and a problem, where it refuses or breaks."""
        where = _place(chosen)
        try:
            return ask()
        except ConfigError as failure:
            for problem in failure.problems:
                self.refuse(where, f"{problem.where}: {problem.message}", problem.hint, language)
        except UnavailableError as failure:
            self.absent.setdefault(f"{chosen.kind}.{chosen.name}", Absence(failure.message, failure.hint))
        except LanggeoError as failure:
            self.refuse(where, failure.message, failure.hint, language)
        except OSError as failure:  # of a file that an option names, such as a path that no file system has
            of = f"{failure.filename}: " if failure.filename else ""
            self.refuse(where, f"{of}{failure.strerror or failure}", "check the path and its permissions", language)
        except Exception as failure:
            self.cause = failure
            message = f"{chosen.name} breaks: {type(failure).__name__}: {failure}"
            self.refuse(where, message, chosen.origin.bug, language)
        return None

    def built(self, kind: str) -> list[tuple[Chosen, Any]]:
        """The components of a kind that can be built."""
        found = ((chosen, self.tried(chosen, chosen.build)) for chosen in self.config.choices.get(kind, ()))
        return [(chosen, component) for chosen, component in found if component is not None]

    @cached_property
    def tokenizers(self) -> dict[str, Tokenizer]:
        """Those of the models that have theirs ready, by the models' names."""
        asked = [(chosen, model) for chosen, model in self.built_models if isinstance(model, ReadyModel)]
        found = {chosen.name: self.tried(chosen, model.tokenizer_here) for chosen, model in asked}
        return {name: tokenizer for name, tokenizer in found.items() if tokenizer is not None}

    def identities(self) -> dict[str, ModelIdentity]:
        """Of the models that are here."""
        here = [(chosen, model) for chosen, model in self.built_models if f"models.{chosen.name}" not in self.absent]
        found = {chosen.name: self.tried(chosen, model.identity) for chosen, model in here}
        return {name: identity for name, identity in found.items() if identity}

    def texts(self, seconds: float = math.inf) -> Iterator[tuple[Chosen, Text]]:
        """The texts that are here, or may be fetched since `settle`, each read once, for so many seconds.

        Where no tokenizer is ready to tell, those that are too short for any are problems instead.
        """
        deadline, settings = time.monotonic() + seconds, self.config.settings.calibration
        hint = "leave these languages out, lower it, or set calibration.short to skip or cycle"
        wanted, self._unread = self._unread, []
        for chosen, corpus, language in wanted:
            if (chosen.name, language) in self._elsewhere or time.monotonic() > deadline:
                self._unread.append((chosen, corpus, language))
            elif text := self.tried(chosen, partial(self.kept.read, chosen.name, language), language):
                amount = "" if "calibration" in self._incomplete else surely_short(text.documents, settings)
                if amount and not self.tokenizers:
                    message = f"too little text in {chosen.name} for {settings.tokens} {settings.unit}"
                    self.refuse(self.config.where("calibration.tokens"), message, hint, f"{language} ({amount})")
                else:
                    yield chosen, text

    def remarks(self) -> Iterator[Incident]:
        """What the corpora have left out so far."""
        for chosen, corpus in self._corpora:
            if isinstance(corpus, Remarking):
                for remark in self.tried(chosen, corpus.remarks) or ():
                    yield Incident("plan", f"{chosen.name}: {remark}")

    @property
    def unread(self) -> int:
        """How many texts have not been read."""
        return len(self._unread)

    def _check_replicates(self, chosen: Chosen, transform: ReplicateTransform) -> None:
        reliability, where = self.config.settings.reliability, _place(chosen)
        if self.matrix or not reliability.replicates:
            hint = "a file of distances has none" if self.matrix else "set reliability.replicates, 4 for example"
            self.refuse(where, f"{chosen.name} reads replicates of the texts, and there are none", hint)
        elif chosen is not self.config.choices["transforms"][0]:
            self.refuse(where, f"{chosen.name} reads replicates of the texts as they are measured", "put it first")
        elif transform.parallel and reliability.each != "line":
            message = f"{chosen.name} is to align lines, and the replicates are no lines of parallel texts"
            self.refuse(where, message, "set reliability.each=line and calibration.unit=lines")

    def _matrix(self) -> GivenMatrix | None:
        settings = self.config.settings.matrix
        if settings is None:
            return None
        readers = [one for one in components("commands") if isinstance(one, Command) and one.matrix]
        if not readers:
            self.refuse(self.config.where("matrix"), "no plugin reads distances from files", "install langgeo again")
            return None
        try:
            matrix: GivenMatrix = readers[0].load("matrix")(**dict(settings))
            return matrix
        except ConfigError as failure:
            for problem in failure.problems:
                self.refuse(problem.where, problem.message, problem.hint)
        except LanggeoError as failure:
            self.refuse(self.config.where("matrix"), failure.message, failure.hint)
        return None

    def _offers(self) -> dict[str, Sequence[str]]:
        """The languages that each corpus has, or the matrix; without those that cannot be asked."""
        if self.matrix:
            return {self.matrix.file.name: self.matrix.distances.ids}
        asked = ((chosen.name, self.tried(chosen, corpus.languages)) for chosen, corpus in self._corpora)
        return {name: list(languages) for name, languages in asked if languages is not None}

    def _languages(self, offered: dict[str, Sequence[str]], whole: bool) -> tuple[Language, ...]:
        everything = dict.fromkeys(language for ids in offered.values() for language in ids)
        wanted: Sequence[str] = self.config.settings.languages if self._given is None else self._given
        every = self._given is None and tuple(wanted) == ("all",)
        languages, incidents, problems = LanguageTable().settle(everything if every else wanted)
        self.incidents += incidents
        where = self.config.where("languages")
        for problem in problems:
            self.refuse(where, problem.message, problem.hint)
        if whole:
            self._refuse_absent([one.id for one in languages if one.id not in everything], offered)
            if len(languages) < 2 and self._given is None:
                self.refuse(where, "a space of languages needs at least two of them", "add languages to `languages`")
            languages = tuple(language for language in languages if language.id in everything)
        if languages and (whole or not every):
            for chosen, clusterer in self.built("clusterers"):
                if isinstance(clusterer.k, int) and clusterer.k > len(languages):
                    message = f"{clusterer.k} clusters of {len(languages)} languages cannot be made"
                    self.refuse(_place(chosen), message, "lower their number")
        return self._described(languages)

    def _refuse_absent(self, absent: Sequence[str], offered: dict[str, Sequence[str]]) -> None:
        if not absent:
            return
        where, names = self.config.where("languages"), ", ".join(absent)
        if self.matrix:
            ids = ", ".join(self.matrix.distances.ids)
            self.refuse(where, f"{self.matrix.file.name} has no {names}", f"it has {ids}")
            return
        codes = {language.partition("_")[0] for language in absent}
        variants = sorted({one for ids in offered.values() for one in ids if one.partition("_")[0] in codes})
        hint = (
            f"there is text for {', '.join(variants)}" if variants else "leave out what no corpus has, or add a corpus"
        )
        self.refuse(where, f"no corpus has text in {names} (asked: {', '.join(offered)})", hint)

    def _described(self, languages: Sequence[Language]) -> tuple[Language, ...]:
        """With what a corpus knows of languages whose codes are for private use, and of the scripts of its texts."""
        known: dict[str, Language] = {}
        scripts = dict(self.matrix.scripts) if self.matrix else {}
        for chosen, corpus in self._corpora:
            if isinstance(corpus, DescribingCorpus) and any(map(is_private, languages)):
                known = {**(self.tried(chosen, corpus.describe) or {}), **known}
            if isinstance(corpus, ScriptedCorpus):
                scripts = {**(self.tried(chosen, corpus.scripts) or {}), **scripts}
        told = [known[one.id] if is_private(one) and one.id in known else None for one in languages]
        found = [
            replace(one, **{name: value for name, value in vars(facts).items() if value}) if facts else one
            for one, facts in zip(languages, told, strict=True)
        ]
        return tuple(replace(one, script=one.script or scripts.get(one.id, "")) for one in found)

    def _labels(self) -> dict[str, tuple[str | None, ...]]:
        labels: dict[str, tuple[str | None, ...]] = {}
        evaluator: Evaluator
        for chosen, evaluator in self.built("evaluators"):
            found = self.tried(chosen, partial(evaluator.labels, self.languages)) or {}
            if found and isinstance(evaluator, Remarking):
                self.incidents += tuple(Incident("plan", remark) for remark in evaluator.remarks())
            if twice := sorted(labels.keys() & found.keys()):
                message = f"{chosen.name} and another evaluator both have a level {', '.join(map(repr, twice))}"
                self.refuse(_place(chosen), message, "rename the level, or leave one out")
            labels.update(found)
        return labels

    def _ask_what_is_here(self) -> set[tuple[str, str]]:
        """Ask models and texts whether they are on this machine; the (corpus, language) of texts that are not."""
        for chosen, model in self.built_models:
            if isinstance(model, LearningModel):
                self.tried(chosen, partial(model.learn_from, self.corpora))
            if isinstance(model, RemoteModel) and (absence := self.tried(chosen, model.absent)):
                self.absent[f"models.{chosen.name}"] = absence
        elsewhere = set()
        for chosen, corpus, language in self._unread:
            if isinstance(corpus, RemoteCorpus) and (absence := self.tried(chosen, partial(corpus.absent, language))):
                self.absent.setdefault(f"corpora.{chosen.name}", absence)
                elsewhere.add((chosen.name, language))
        return elsewhere


def _place(chosen: Chosen) -> str:
    return chosen.where or f"{chosen.kind}.{chosen.name}"
