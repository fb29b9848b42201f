"""Which weights and texts a plan is made of, and what of them is not on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UnavailableError
from langgeo_core.contract.protocols import Corpus, Model
from langgeo_core.contract.types import Absence, ModelIdentity


@dataclass
class Sources:
    """The models and corpora of a run over some languages.

    With `whole` everything that is missing and does not come by itself is refused at once; without it, nothing is
    fetched and `absent` says under `models.NAME` and `corpora.NAME` what is not here.
    """

    models: Mapping[str, Model]
    corpora: Mapping[str, Corpus]
    languages: Sequence[str]
    whole: bool = True
    absent: dict[str, Absence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._offered = {name: set(corpus.languages()) for name, corpus in self.corpora.items()}
        self._elsewhere = {
            (name, language): absence
            for name, corpus in self.corpora.items()
            for language in self.languages
            if language in self._offered[name] and (absence := absent_text(corpus, language))
        }
        for name, model in self.models.items():
            if absence := absent_model(model):
                self.absent[f"models.{name}"] = absence
        for (name, _), absence in self._elsewhere.items():
            self.absent.setdefault(f"corpora.{name}", absence)
        if self.whole:
            self._require()

    def identities(self) -> dict[str, ModelIdentity]:
        """Of the models that are here, after those that learn from the run's texts have been shown them."""
        for model in self.models.values():
            if learn_from := getattr(model, "learn_from", None):
                learn_from(self.corpora)
        here = (name for name in self.models if f"models.{name}" not in self.absent)
        found = {name: self._identity(name) for name in list(here)}
        return {name: identity for name, identity in found.items() if identity}

    def fingerprints(self) -> dict[str, dict[str, str]]:
        """Of each corpus's text in every language that it has; empty where the text is not here.

        Raises
        ------
        ConfigError
            With all that cannot be read.
        """
        failures: dict[tuple[str, str, str], list[str]] = {}
        found: dict[str, dict[str, str]] = {}
        for name, offered in self._offered.items():
            found[name] = {}
            for language in (language for language in self.languages if language in offered):
                try:
                    found[name][language] = self._fingerprint(name, language)
                except LanggeoError as failure:
                    failures.setdefault((name, failure.message, failure.hint), []).append(language)
        if failures:
            raise ConfigError([_unread(*failure, languages=names) for failure, names in failures.items()])
        return found

    def _require(self) -> None:
        problems = [Problem(where, found.what, found.how) for where, found in self.absent.items() if not found.comes]
        if problems:
            raise ConfigError(problems)
        self.absent.clear()
        self._elsewhere.clear()

    def _identity(self, name: str) -> ModelIdentity | None:
        try:
            return self.models[name].identity()
        except UnavailableError as failure:
            if self.whole:
                raise
            self.absent[f"models.{name}"] = Absence(failure.message, failure.hint)
            return None

    def _fingerprint(self, name: str, language: str) -> str:
        if (name, language) in self._elsewhere:
            return ""
        try:
            return self.corpora[name].read(language).fingerprint
        except UnavailableError as failure:
            if self.whole:
                raise
            self.absent.setdefault(f"corpora.{name}", Absence(failure.message, failure.hint))
            return ""


def absent_model(model: Model) -> Absence | None:
    """What a model says of itself; one that says nothing is taken to be here."""
    ask = getattr(model, "absent", None)
    found: Absence | None = ask() if ask else None
    return found


def absent_text(corpus: Corpus, language: str) -> Absence | None:
    """What a corpus says of one of its texts; one that says nothing is taken to be here."""
    ask = getattr(corpus, "absent", None)
    found: Absence | None = ask(language) if ask else None
    return found


def _unread(corpus: str, message: str, hint: str, languages: Sequence[str]) -> Problem:
    noun = "language" if len(languages) == 1 else "languages"
    return Problem(f"corpus {corpus}, {noun} {', '.join(languages)}", message, hint)
