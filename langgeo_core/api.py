"""Everything that a plugin's own modules import from langgeo. (Its `__init__` imports `langgeo_core.hooks` alone.)"""

from langgeo_core.cli.common import (
    catalog_of,
    config_of,
    draft_of,
    draft_of_matrix,
    json_option,
    print_json,
    print_table,
    show_notices,
    text_option,
    what_to_open,
    with_sd,
)
from langgeo_core.cli.completion import CONFIG, OVERRIDES
from langgeo_core.comparison.weight_matrices import distances_of, summed_in
from langgeo_core.config.catalog import Catalog, Entry as CatalogEntry, bundled_catalog
from langgeo_core.config.load import Draft
from langgeo_core.config.resolve import baseline_role, build_component
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import ConfigSchema, MatrixSchema
from langgeo_core.contract import protocols
from langgeo_core.contract.errors import (
    ConfigError,
    DamagedFileError,
    LanggeoError,
    MissingPackageError,
    NumericalError,
    Problem,
    StorageError,
    UnavailableError,
    UserError,
    suggestion,
)
from langgeo_core.contract.options import FromConfig, Options
from langgeo_core.contract.signatures import (
    DeferredScores,
    Dense,
    Densities,
    KeptCounts,
    LevelCounts,
    Levels,
    PackedBits,
    PerWeightScores,
    ScaledColumns,
    Scores,
    SeparableScores,
    ShiftedColumns,
    Signature,
)
from langgeo_core.contract.types import (
    Absence,
    BaselineContext,
    CellStatistics,
    Clustering,
    CorpusIdentity,
    DistanceMatrix,
    Embedding,
    Evaluation,
    Incident,
    InputStatistics,
    Language,
    Layout,
    Metric,
    ModelIdentity,
    ModelShape,
    NetworkParts,
    PartialDistances,
    RawMatrix,
    Replicates,
    Text,
    WeightMatrix,
)
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.evaluation.language_subsets import among, values_on
from langgeo_core.evaluation.paired import (
    FEWEST,
    NORMAL_95,
    TINY,
    Difference,
    draw_halves,
    half_error,
    half_interval,
    holm,
    p_text,
    paired_difference,
)
from langgeo_core.languages.names import find_language, find_languages
from langgeo_core.languages.scripts import one_script
from langgeo_core.languages.table import LanguageTable
from langgeo_core.pipeline.reuse import finished_run, take_over
from langgeo_core.pipeline.run import run
from langgeo_core.pipeline.stages.evaluate import METRIC_COLUMNS
from langgeo_core.planning.given_matrix import read_matrix
from langgeo_core.planning.provenance import package_versions
from langgeo_core.plugins.registry import Registry, installed
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.space import LanguageSpace, load_run
from langgeo_core.storage.tables import write_table
from langgeo_core.system.cache import cache_folder
from langgeo_core.system.files import read_text, replacing, storage_errors, write_text
from langgeo_core.system.progress import progress
from langgeo_core.system.threads import one_thread

__all__ = [
    "CONFIG",
    "FEWEST",
    "METRIC_COLUMNS",
    "NORMAL_95",
    "OVERRIDES",
    "TINY",
    "Absence",
    "BaselineContext",
    "Catalog",
    "CatalogEntry",
    "CellStatistics",
    "Clustering",
    "ConfigError",
    "ConfigSchema",
    "CorpusIdentity",
    "DamagedFileError",
    "DeferredScores",
    "Dense",
    "Densities",
    "Difference",
    "DistanceMatrix",
    "Draft",
    "Embedding",
    "Evaluation",
    "FromConfig",
    "Incident",
    "InputStatistics",
    "KeptCounts",
    "LanggeoError",
    "Language",
    "LanguageSpace",
    "LanguageTable",
    "Layout",
    "LevelCounts",
    "Levels",
    "MatrixSchema",
    "Memo",
    "Metric",
    "MissingPackageError",
    "ModelIdentity",
    "ModelShape",
    "NetworkParts",
    "NumericalError",
    "Options",
    "PackedBits",
    "PartialDistances",
    "PerWeightScores",
    "Problem",
    "RawMatrix",
    "Registry",
    "Replicates",
    "ResolvedConfig",
    "Run",
    "ScaledColumns",
    "Scores",
    "SeparableScores",
    "ShiftedColumns",
    "Signature",
    "StorageError",
    "Text",
    "UnavailableError",
    "UserError",
    "WeightMatrix",
    "among",
    "baseline_role",
    "build_component",
    "bundled_catalog",
    "cache_folder",
    "catalog_of",
    "config_of",
    "distances_of",
    "draft_of",
    "draft_of_matrix",
    "draw_halves",
    "find_language",
    "find_languages",
    "finished_run",
    "half_error",
    "half_interval",
    "holm",
    "installed",
    "json_option",
    "load_run",
    "one_script",
    "one_thread",
    "p_text",
    "package_versions",
    "paired_difference",
    "print_json",
    "print_table",
    "progress",
    "protocols",
    "read_matrix",
    "read_text",
    "replacing",
    "run",
    "show_notices",
    "storage_errors",
    "suggestion",
    "summed_in",
    "take_over",
    "text_option",
    "values_on",
    "what_to_open",
    "with_sd",
    "write_table",
    "write_text",
]
