"""Which cells a config asks for, and what each depends on. Reads text, loads no model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import CalibrationSettings, MatrixSettings
from langgeo_core.contract import records
from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.protocols import Corpus, Evaluator, Model, PerWeightScorer
from langgeo_core.contract.types import Absence, CorpusIdentity, Incident, Language, ModelIdentity
from langgeo_core.languages.table import LanguageTable, is_private
from langgeo_core.planning.addresses import cell_key
from langgeo_core.planning.given_matrix import GivenMatrix, read_matrix
from langgeo_core.planning.presence import Sources
from langgeo_core.planning.replicates import BLOCKS, HALVES, WHOLE, Division

KEYED = ("tokens", "window", "seed", "bos", "short", "dtype", "damping")
"""The calibration options that change a cell's numbers."""

KEYED_IF_CHANGED = ("unit", "sampling")
"""More of them, left out of the address where they have their defaults."""
GRAM_ONLY = ("damping",)
"""Those of them that have no part in the statistics of scorers that are not separable."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell and its address; `key` is empty where the corpus has no text in the language.

    `part` names the part of the text that it reads, as `text_parts` does; empty for all of it. A cell that is not
    `here` has text, but this or the model is not on this machine, so that its address is not known yet.
    """

    model: str
    corpus: str
    language: str
    key: str
    part: str = WHOLE
    here: bool = True


@dataclass(frozen=True)
class Plan:
    """Everything a run will do before it does it.

    `absent` says under `models.NAME` and `corpora.NAME` what is not on this machine; none in the plan of a run.
    """

    config: ResolvedConfig
    languages: tuple[Language, ...]
    cells: tuple[PlannedCell, ...]
    models: Mapping[str, Model]
    corpora: Mapping[str, Corpus]
    model_identities: Mapping[str, ModelIdentity]
    corpus_identities: Mapping[str, CorpusIdentity]
    labels: Mapping[str, tuple[str | None, ...]]
    incidents: tuple[Incident, ...] = field(default=())
    matrix: GivenMatrix | None = None
    parts: tuple[PlannedCell, ...] = ()
    """The cells of parts of the texts, besides `cells`; none unless the config asks for them."""
    absent: Mapping[str, Absence] = field(default_factory=dict)

    def parts_of(self, division: Division) -> tuple[PlannedCell, ...]:
        """Those of one way to divide the texts."""
        return tuple(cell for cell in self.parts if cell.part in division.parts)


def make_plan(config: ResolvedConfig, whole: bool = True) -> Plan:
    """Resolve languages, read texts for their fingerprints, and address every cell.

    Parameters
    ----------
    whole : whether everything has to be here, or to be fetched. Without it nothing is fetched, and what is not on this
        machine is in the plan's `absent`

    Raises
    ------
    ConfigError
        With every language that cannot be resolved or read, and all that is missing.
    """
    if config.settings.matrix:
        return _matrix_plan(config, config.settings.matrix)
    models = {chosen.name: chosen.build() for chosen in config.choices["models"]}
    corpora = {chosen.name: chosen.build() for chosen in config.choices["corpora"]}
    languages, incidents = _languages(config, corpora)
    _check_clusters(config, len(languages))
    _check_transforms(config)
    sources = Sources(models, corpora, tuple(language.id for language in languages), whole)
    identities, fingerprints = sources.identities(), sources.fingerprints()
    key_of = _addresses(config)

    def cell(model: str, corpus: str, language: str, part: str) -> PlannedCell:
        identity, fingerprint = identities.get(model), fingerprints[corpus].get(language)
        key = key_of(identity, fingerprint, part) if identity else ""
        return PlannedCell(model, corpus, language, key, part, bool(key) or fingerprint is None)

    def planned(*parts: str) -> tuple[PlannedCell, ...]:
        return tuple(
            cell(model, corpus, language.id, part)
            for model in models
            for corpus in corpora
            for language in languages
            for part in parts
        )

    cells = planned(WHOLE)
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
        parts=tuple(cell for division in _divisions(config) for cell in planned(*division.parts)),
        absent=sources.absent,
    )


def _divisions(config: ResolvedConfig) -> tuple[Division, ...]:
    wanted = config.settings.reliability
    return (*((HALVES,) if wanted.halves else ()), *((BLOCKS,) if wanted.blocks else ()))


def _matrix_plan(config: ResolvedConfig, settings: MatrixSettings) -> Plan:
    """The plan of a run whose distances a file has: no cells, and the languages of the file."""
    matrix = read_matrix(**dict(settings))
    languages, incidents = _of_matrix(config.settings.languages, matrix)
    _check_clusters(config, len(languages))
    _check_transforms(config)
    labels = labels_of(config, languages)
    return Plan(config, languages, (), {}, {}, {}, {}, labels, (*matrix.notes, *incidents), matrix)


def matrix_languages(wanted: Sequence[str], settings: MatrixSettings) -> tuple[Language, ...]:
    """Those of the wanted languages that are in the file of a config's `matrix`.

    Raises
    ------
    UserError
        If the file cannot be used.
    ConfigError
        If it lacks some of them.
    """
    return _of_matrix(wanted, read_matrix(**dict(settings)))[0]


def _of_matrix(wanted: Sequence[str], matrix: GivenMatrix) -> tuple[tuple[Language, ...], tuple[Incident, ...]]:
    ids = matrix.distances.ids
    languages, incidents = LanguageTable().resolve(ids if tuple(wanted) == ("all",) else wanted)
    absent = [language.id for language in languages if language.id not in ids]
    if absent:
        message = f"{matrix.file.name} has no {', '.join(absent)}"
        raise ConfigError([Problem("languages", message, f"it has {', '.join(ids)}")])
    if len(languages) < 2:
        raise UserError("a space of languages needs at least two of them", "add languages to `languages`")
    return languages, incidents


def per_weight_scorer(config: ResolvedConfig) -> PerWeightScorer | None:
    """The scorer of a config whose scores are not separable; None for the others.

    Raises
    ------
    UserError
        If the class does not do what its record says.
    """
    chosen = config.one("scorers")
    if not (isinstance(chosen.component, records.Scorer) and chosen.component.per_weight):
        return None
    scorer = chosen.build()
    if isinstance(scorer, PerWeightScorer):
        return scorer
    raise UserError(
        f"the scorer {chosen.name} of {chosen.origin.distribution} is registered as per_weight, but "
        f"{type(scorer).__name__} lacks `statistic`, `accumulate` or `scores`",
        "tell its author, or choose another scorer",
    )


def statistic_of(config: ResolvedConfig) -> str:
    """Which cells a config's scorer reads: the statistic it sums, or "" for those that separable scorers share."""
    scorer = per_weight_scorer(config) if config.choices["scorers"] else None
    return scorer.statistic if scorer else ""


def keyed_options(config: ResolvedConfig) -> dict[str, Any]:
    """The calibration options that a cell's address depends on."""
    settings = config.settings.calibration.model_dump(mode="json")
    unread = GRAM_ONLY if statistic_of(config) else ()
    defaults = CalibrationSettings().model_dump(mode="json")
    changed = [name for name in KEYED_IF_CHANGED if settings[name] != defaults[name]]
    return {name: settings[name] for name in (*KEYED, *changed) if name not in unread}


def labels_of(config: ResolvedConfig, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
    """The classes of every level of every evaluator."""
    labels: dict[str, tuple[str | None, ...]] = {}
    for chosen in config.choices["evaluators"]:
        evaluator: Evaluator = chosen.build()
        found = evaluator.labels(languages)
        if twice := sorted(labels.keys() & found.keys()):
            message = f"{chosen.name} and another evaluator both have a level {', '.join(map(repr, twice))}"
            raise ConfigError([Problem(f"evaluators.{chosen.name}", message, "rename the level, or leave one out")])
        labels.update(found)
    return labels


def _check_clusters(config: ResolvedConfig, languages: int) -> None:
    for chosen in config.choices["clusterers"]:
        k = getattr(chosen.options, "k", None)
        if isinstance(k, int) and k > languages:
            message = f"{k} clusters of {languages} languages cannot be made"
            raise ConfigError([Problem(f"clusterers.{chosen.name}.k", message, "lower it, or write `classes`")])


def _check_transforms(config: ResolvedConfig) -> None:
    """Build them, so that an option which names what does not exist is refused before calibration."""
    for chosen in config.choices["transforms"]:
        chosen.build()


def _addresses(config: ResolvedConfig) -> Callable[[ModelIdentity, str | None, str], str]:
    """From weights, a text's fingerprint and which part of it to the address of a cell; no text has none."""
    calibration, statistic = keyed_options(config), statistic_of(config)

    def key(identity: ModelIdentity, fingerprint: str | None, part: str) -> str:
        return cell_key(identity.weights_sha256, fingerprint, calibration, statistic, part) if fingerprint else ""

    return key


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
    described = (_described(language, corpora) for language in languages)
    return tuple(replace(language, script=_script(language, corpora)) for language in described), incidents


def _absent(language: str, offered: Mapping[str, Sequence[str]]) -> Problem:
    base = language.partition("_")[0]
    variants = sorted({name for names in offered.values() for name in names if name.partition("_")[0] == base})
    hint = f"there is text for {', '.join(variants)}" if variants else "leave it out, or add a corpus that has it"
    return Problem("languages", f"no corpus has text in {language} (asked: {', '.join(offered)})", hint)


def _described(language: Language, corpora: Mapping[str, Corpus]) -> Language:
    """What a corpus says of a language whose code is for private use."""
    for corpus in corpora.values():
        describe = getattr(corpus, "describe", None)
        if is_private(language) and describe and language.id in (known := describe()):
            return replace(language, **{field: value for field, value in vars(known[language.id]).items() if value})
    return language


def _script(language: Language, corpora: Mapping[str, Corpus]) -> str:
    for corpus in corpora.values():
        scripts = getattr(corpus, "scripts", None)
        if not language.script and scripts and language.id in (known := scripts()):
            return str(known[language.id])
    return language.script


def _missing(cells: Sequence[PlannedCell]) -> list[Incident]:
    return [
        Incident("plan", f"{cell.corpus} has no text in {cell.language}; its cell is missing for {cell.model}")
        for cell in cells
        if not cell.key and cell.here
    ]


def language_rows(languages: Sequence[Language]) -> list[dict[str, Any]]:
    """The rows of languages.csv."""
    return [{**asdict(language), "lineage": "/".join(language.lineage)} for language in languages]
