"""Which cells a config asks for, and what each depends on. Reads text, loads no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.keys import cell_key
from langgeo_core.languages import LanguageTable
from langgeo_core.protocols import Corpus, Evaluator, Model
from langgeo_core.types import CorpusIdentity, Incident, Language, ModelIdentity

KEYED = ("tokens", "window", "seed", "bos", "short", "dtype", "damping")
"""The calibration options that change a cell's numbers."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell and its address; `key` is empty where the corpus has no text in the language."""

    model: str
    corpus: str
    language: str
    key: str


@dataclass(frozen=True)
class Plan:
    """Everything a run will do before it does it."""

    config: ResolvedConfig
    languages: tuple[Language, ...]
    cells: tuple[PlannedCell, ...]
    models: Mapping[str, Model]
    corpora: Mapping[str, Corpus]
    model_identities: Mapping[str, ModelIdentity]
    corpus_identities: Mapping[str, CorpusIdentity]
    labels: Mapping[str, tuple[str | None, ...]]
    incidents: tuple[Incident, ...] = field(default=())


def make_plan(config: ResolvedConfig) -> Plan:
    """Resolve languages, read texts for their fingerprints, and address every cell.

    Raises
    ------
    ConfigError
        With every language that cannot be resolved or read.
    """
    models = {chosen.name: chosen.build() for chosen in config.choices["models"]}
    corpora = {chosen.name: chosen.build() for chosen in config.choices["corpora"]}
    languages, incidents = _languages(config, corpora)
    _check_clusters(config, len(languages))
    identities = {name: model.identity() for name, model in models.items()}
    fingerprints = _fingerprints(corpora, languages)
    calibration = keyed_options(config)
    cells = tuple(
        PlannedCell(model, corpus, language.id, _key(identity, fingerprints[corpus].get(language.id), calibration))
        for model, identity in identities.items()
        for corpus in corpora
        for language in languages
    )
    return Plan(
        config,
        languages,
        cells,
        models,
        corpora,
        identities,
        {name: corpus.identity() for name, corpus in corpora.items()},
        labels_of(config, languages),
        (*incidents, *_missing(cells)),
    )


def keyed_options(config: ResolvedConfig) -> dict[str, Any]:
    """The calibration options that a cell's address depends on."""
    settings = config.settings.calibration.model_dump(mode="json")
    return {name: settings[name] for name in KEYED}


def labels_of(config: ResolvedConfig, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
    """The classes of every level of every evaluator."""
    labels: dict[str, tuple[str | None, ...]] = {}
    for chosen in config.choices["evaluators"]:
        evaluator: Evaluator = chosen.build()
        labels.update(evaluator.labels(languages))
    return labels


def _check_clusters(config: ResolvedConfig, languages: int) -> None:
    for chosen in config.choices["clusterers"]:
        k = getattr(chosen.options, "k", None)
        if isinstance(k, int) and k > languages:
            message = f"{k} clusters of {languages} languages cannot be made"
            raise ConfigError([Problem(f"clusterers.{chosen.name}.k", message, "lower it, or write `classes`")])


def _key(identity: ModelIdentity, fingerprint: str | None, calibration: Mapping[str, Any]) -> str:
    return cell_key(identity.weights_sha256, fingerprint, calibration) if fingerprint else ""


def _languages(
    config: ResolvedConfig, corpora: Mapping[str, Corpus]
) -> tuple[tuple[Language, ...], tuple[Incident, ...]]:
    """The languages asked for that some corpus has, in the order asked for."""
    offered = {name: list(corpus.languages()) for name, corpus in corpora.items()}
    wanted: Sequence[str] = config.settings.languages
    if wanted == ("all",):
        wanted = list(dict.fromkeys(language for names in offered.values() for language in names))
    languages, incidents = LanguageTable().resolve(wanted)
    known = {language for names in offered.values() for language in names}
    absent = [language.id for language in languages if language.id not in known]
    if absent:
        raise ConfigError([_absent(language, offered) for language in absent])
    if len(languages) < 2:
        raise UserError("a space of languages needs at least two of them", "add languages to `languages`")
    return tuple(replace(language, script=_script(language, corpora)) for language in languages), incidents


def _absent(language: str, offered: Mapping[str, Sequence[str]]) -> Problem:
    base = language.partition("_")[0]
    variants = sorted({name for names in offered.values() for name in names if name.partition("_")[0] == base})
    hint = f"there is text for {', '.join(variants)}" if variants else "leave it out, or add a corpus that has it"
    return Problem("languages", f"no corpus has text in {language} (asked: {', '.join(offered)})", hint)


def _script(language: Language, corpora: Mapping[str, Corpus]) -> str:
    for corpus in corpora.values():
        scripts = getattr(corpus, "scripts", None)
        if not language.script and scripts and language.id in (known := scripts()):
            return str(known[language.id])
    return language.script


def _fingerprints(corpora: Mapping[str, Corpus], languages: Sequence[Language]) -> dict[str, dict[str, str]]:
    problems: list[Problem] = []
    found: dict[str, dict[str, str]] = {}
    for name, corpus in corpora.items():
        offered = set(corpus.languages())
        found[name] = {}
        for language in languages:
            if language.id not in offered:
                continue
            try:
                found[name][language.id] = corpus.read(language.id).fingerprint
            except LanggeoError as failure:
                problems.append(Problem(f"corpus {name}, language {language.id}", failure.message, failure.hint))
    if problems:
        raise ConfigError(problems)
    return found


def _missing(cells: Sequence[PlannedCell]) -> list[Incident]:
    return [
        Incident("plan", f"{cell.corpus} has no text in {cell.language}; its cell is missing for {cell.model}")
        for cell in cells
        if not cell.key
    ]


def language_rows(languages: Sequence[Language]) -> list[dict[str, Any]]:
    """The rows of languages.csv."""
    return [{**asdict(language), "lineage": "/".join(language.lineage)} for language in languages]
