"""Which cells a config asks for, and what each depends on. Reads text, loads no model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract import records
from langgeo_core.contract.errors import Problem, UserError
from langgeo_core.contract.protocols import Corpus, Model, PerWeightScorer
from langgeo_core.contract.types import Absence, CorpusIdentity, GivenMatrix, Incident, Language, ModelIdentity
from langgeo_core.planning.needs import Needs
from langgeo_core.planning.survey import Survey
from langgeo_core.planning.texts import Texts
from langgeo_core.system.files import digest

STATISTICS_VERSION = 1
"""Raised whenever the same inputs would give other statistics."""

KEYED = ("tokens", "window", "seed", "bos", "short", "dtype", "damping")
"""The calibration options that change a cell's numbers."""

KEYED_IF_CHANGED = ("unit", "sampling")
"""More of them, left out of the address where they have their defaults."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell and its address; `key` is empty where the corpus has no text in the language.

    `replicate` is the number of the piece of the text that it reads; None for all of it. A cell that is not `here` has
    text, but this or the model is not on this machine, so that its address is not known yet. `richer` are the addresses
    of cells that hold more than is needed, which serve as well.
    """

    model: str
    corpus: str
    language: str
    key: str
    replicate: int | None = None
    here: bool = True
    richer: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The addresses of all cells that serve, its own first."""
        return self.key, *self.richer


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
    replicates: tuple[PlannedCell, ...] = ()
    """The cells of replicates of the texts, besides `cells`; none unless the config asks for them."""
    absent: Mapping[str, Absence] = field(default_factory=dict)
    texts: Texts = field(default_factory=lambda: Texts({}, {}))
    """The texts of the corpora, read once."""
    needs: Needs = field(default_factory=Needs)
    """What calibration gathers, of scorers that are separable."""


def make_plan(
    config: ResolvedConfig,
    whole: bool = True,
    problems: Iterable[Problem] = (),
    needs: Needs | None = None,
    languages: Sequence[str] | None = None,
) -> Plan:
    """Resolve languages, read texts for their fingerprints, and address every cell.

    Parameters
    ----------
    whole : whether everything has to be here, or to be fetched. Without it nothing is fetched, and what is not on this
        machine is in the plan's `absent`
    problems : found elsewhere, to be raised with those found here
    needs : what is gathered, where that is more than this config needs
    languages : those asked for instead of the config's, however few

    Raises ConfigError with every problem of the config, and all that is missing.
    """
    survey = Survey(config, languages=languages)
    texts = {(chosen.name, text.language): text.fingerprint for chosen, text in survey.texts()}
    survey.settle(whole, problems)
    calibration, statistic, reliability = keyed_options(config), statistic_of(config), config.settings.reliability
    texts |= {(chosen.name, text.language): text.fingerprint for chosen, text in survey.texts()}
    identities, remarks = survey.identities(), tuple(survey.remarks())
    survey.settle(whole)
    needs = needs or Needs.of(config)
    suffixes = ("",) if statistic else needs.suffixes

    def planned(replicates: Iterable[int | None]) -> Iterator[PlannedCell]:
        ids = [language.id for language in survey.languages]
        for model, corpus, language, replicate in product(survey.models, survey.corpora, ids, replicates):
            identity, fingerprint = identities.get(model), texts.get((corpus, language))
            piece = None
            if replicate is not None:
                piece = {"replicate": replicate, "of": reliability.replicates, "each": reliability.each}
            keys = [""]
            if identity and fingerprint:
                key = cell_key(identity.weights_sha256, fingerprint, calibration, statistic, piece)
                keys = [f"{key}{suffix}" for suffix in suffixes]
            here = bool(keys[0]) or language not in survey.offered[corpus]
            yield PlannedCell(model, corpus, language, keys[0], replicate, here, tuple(keys[1:]))

    cells = tuple(planned([None]))
    lacking = [
        Incident("plan", f"{cell.corpus} has no text in {cell.language}; its cell is missing for {cell.model}")
        for cell in cells
        if not cell.key and cell.here
    ]
    same: dict[tuple[str, str], list[str]] = {}
    for (corpus, language), fingerprint in texts.items():
        same.setdefault((corpus, fingerprint), []).append(language)
    for (corpus, _), found in same.items():
        if len(found) > 1:
            lacking.append(Incident("plan", f"{corpus} has the same text for {' and '.join(found)}"))
    return Plan(
        config,
        survey.languages,
        cells,
        survey.models,
        survey.corpora,
        identities,
        {name: corpus.identity() for name, corpus in survey.corpora.items()},
        survey.labels,
        (*survey.incidents, *remarks, *lacking),
        survey.matrix,
        replicates=tuple(planned(range(reliability.replicates))),
        absent=survey.absent,
        texts=survey.kept,
        needs=needs,
    )


def per_weight_scorer(config: ResolvedConfig) -> PerWeightScorer | None:
    """The scorer of a config whose scores are not separable; None for the others."""
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
    unread = ("damping",) if statistic_of(config) else ()  # it has no part in statistics of single weights
    defaults = CalibrationSettings().model_dump(mode="json")
    changed = [name for name in KEYED_IF_CHANGED if settings[name] != defaults[name]]
    return {name: settings[name] for name in (*KEYED, *changed) if name not in unread}


def cell_key(
    weights_sha256: str,
    text_fingerprint: str,
    calibration: Mapping[str, Any],
    statistic: str = "",
    replicate: Mapping[str, Any] | None = None,
) -> str:
    """The address of one cell's statistics; of separable scorers one of `Needs.suffixes` comes after it.

    `calibration` holds the `keyed_options`; device, threads, batch size and library versions are recorded with the
    cell, not keyed. `statistic` is what a scorer that is not separable sums, and empty for the diagonals that all
    separable scorers share. `replicate` says which piece of the text is read, as `replicate`, `of` and `each`; None
    for all of it.
    """
    return digest(
        {
            "statistics": STATISTICS_VERSION,
            "weights": weights_sha256,
            "text": text_fingerprint,
            "calibration": dict(calibration),
            **({"statistic": statistic} if statistic else {}),
            **(replicate or {}),
        }
    )


def language_rows(languages: Sequence[Language]) -> list[dict[str, Any]]:
    """The rows of languages.csv."""
    return [{**asdict(language), "lineage": "/".join(language.lineage)} for language in languages]
