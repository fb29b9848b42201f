"""Everything that a plugin imports from langgeo.

Values are loaded on first use, so that a plugin which only registers its components stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pluggy

from langgeo_core.contract import records as components

hookimpl = pluggy.HookimplMarker("langgeo")

if TYPE_CHECKING:
    from langgeo_core.comparison.weight_matrices import distances_of as distances_of, summed_in as summed_in
    from langgeo_core.config.construction import baseline_role as baseline_role, build_component as build_component
    from langgeo_core.contract.errors import (
        ConfigError as ConfigError,
        DamagedFileError as DamagedFileError,
        LanggeoError as LanggeoError,
        MissingPackageError as MissingPackageError,
        NumericalError as NumericalError,
        Problem as Problem,
        StorageError as StorageError,
        UnavailableError as UnavailableError,
        UserError as UserError,
    )
    from langgeo_core.contract.options import FromConfig as FromConfig, Options as Options
    from langgeo_core.contract.signatures import (
        DeferredScores as DeferredScores,
        Dense as Dense,
        Densities as Densities,
        KeptCounts as KeptCounts,
        LevelCounts as LevelCounts,
        Levels as Levels,
        PackedBits as PackedBits,
        PerWeightScores as PerWeightScores,
        ScaledColumns as ScaledColumns,
        Scores as Scores,
        SeparableScores as SeparableScores,
        ShiftedColumns as ShiftedColumns,
        Signature as Signature,
    )
    from langgeo_core.contract.types import (
        Absence as Absence,
        BaselineContext as BaselineContext,
        CellStatistics as CellStatistics,
        Clustering as Clustering,
        CorpusIdentity as CorpusIdentity,
        DistanceMatrix as DistanceMatrix,
        Embedding as Embedding,
        Evaluation as Evaluation,
        Incident as Incident,
        InputStatistics as InputStatistics,
        Language as Language,
        Layout as Layout,
        Metric as Metric,
        ModelIdentity as ModelIdentity,
        ModelShape as ModelShape,
        NetworkParts as NetworkParts,
        PartialDistances as PartialDistances,
        Text as Text,
        WeightMatrix as WeightMatrix,
    )
    from langgeo_core.evaluation.paired import (
        FEWEST as FEWEST,
        NORMAL_95 as NORMAL_95,
        draw_halves as draw_halves,
        half_error as half_error,
        half_interval as half_interval,
        holm as holm,
        paired_difference as paired_difference,
    )
    from langgeo_core.languages.names import find_languages as find_languages
    from langgeo_core.languages.scripts import one_script as one_script
    from langgeo_core.languages.table import LanguageTable as LanguageTable
    from langgeo_core.storage.run_folder import Run as Run
    from langgeo_core.system.cache import cache_folder as cache_folder
    from langgeo_formats.readers.foreign import read_foreign as read_foreign

_HOMES = {
    "langgeo_core.contract.errors": (
        "LanggeoError UserError ConfigError DamagedFileError MissingPackageError NumericalError StorageError Problem "
        "UnavailableError"
    ),
    "langgeo_core.contract.types": (
        "Absence BaselineContext CellStatistics Clustering CorpusIdentity DistanceMatrix Embedding Evaluation Incident "
        "InputStatistics Language Layout Metric ModelIdentity ModelShape NetworkParts PartialDistances Text "
        "WeightMatrix"
    ),
    "langgeo_core.contract.signatures": (
        "DeferredScores Dense Densities KeptCounts LevelCounts Levels PackedBits PerWeightScores ScaledColumns Scores "
        "SeparableScores ShiftedColumns Signature"
    ),
    "langgeo_core.languages.table": "LanguageTable",
    "langgeo_core.languages.names": "find_languages",
    "langgeo_formats.readers.foreign": "read_foreign",
    "langgeo_core.comparison.weight_matrices": "distances_of summed_in",
    "langgeo_core.contract.options": "FromConfig Options",
    "langgeo_core.evaluation.paired": "FEWEST NORMAL_95 draw_halves half_error half_interval holm paired_difference",
    "langgeo_core.storage.run_folder": "Run",
    "langgeo_core.languages.scripts": "one_script",
    "langgeo_core.system.cache": "cache_folder",
    "langgeo_core.config.construction": "baseline_role build_component",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = ["components", "hookimpl", *_HOME_OF]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"langgeo_core.api has no {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)
