"""Everything that a plugin's own modules import from langgeo. (Its `__init__` imports `langgeo_core.hooks` alone.)"""

from langgeo_core.calibration.cells import calibrate as calibrate, side_by_side as side_by_side
from langgeo_core.calibration.modes import (
    Footprint as Footprint,
    Sums as Sums,
    allowed_memory as allowed_memory,
    chosen_device as chosen_device,
    few_rows as few_rows,
)
from langgeo_core.calibration.windows import RunWindows as RunWindows, Windows as Windows
from langgeo_core.cli.common import (
    catalog_of as catalog_of,
    complete as complete,
    config_of as config_of,
    default_folder as default_folder,
    draft_of as draft_of,
    json_option as json_option,
    print_json as print_json,
    print_table as print_table,
    print_wrapped as print_wrapped,
    show_notices as show_notices,
    text_option as text_option,
)
from langgeo_core.cli.listing import DATA_KINDS as DATA_KINDS, list_kind as list_kind, stands_for as stands_for
from langgeo_core.comparison.pairwise import HELD_BYTES as HELD_BYTES
from langgeo_core.comparison.transforms import euclidean as euclidean
from langgeo_core.comparison.weight_matrices import distances_of as distances_of, summed_in as summed_in
from langgeo_core.config.catalog import (
    Catalog as Catalog,
    CatalogEntry as CatalogEntry,
    bundled_catalog as bundled_catalog,
    bundled_configs as bundled_configs,
    find_config as find_config,
    summary_of as summary_of,
)
from langgeo_core.config.load import Draft as Draft, draft_matrix as draft_matrix
from langgeo_core.config.nodes import label_of as label_of, line_of as line_of, write_yaml as write_yaml
from langgeo_core.config.overrides import name_of_settings as name_of_settings
from langgeo_core.config.resolve import baseline_role as baseline_role, build_component as build_component
from langgeo_core.config.resolved import Chosen as Chosen, ResolvedConfig as ResolvedConfig
from langgeo_core.config.schema import (
    CalibrationSettings as CalibrationSettings,
    ConfigSchema as ConfigSchema,
    MatrixSchema as MatrixSchema,
    PartsSettings as PartsSettings,
)
from langgeo_core.config.typed import (
    build as build,
    describe_type as describe_type,
    field_shapes as field_shapes,
    fields_by_key as fields_by_key,
)
from langgeo_core.contract import protocols as protocols
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
    close_matches as close_matches,
    suggestion as suggestion,
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
    Collected as Collected,
    CorpusIdentity as CorpusIdentity,
    DistanceMatrix as DistanceMatrix,
    Embedding as Embedding,
    Evaluation as Evaluation,
    GivenMatrix as GivenMatrix,
    Incident as Incident,
    InputStatistics as InputStatistics,
    Language as Language,
    Layout as Layout,
    Metric as Metric,
    ModelIdentity as ModelIdentity,
    ModelShape as ModelShape,
    NetworkParts as NetworkParts,
    PartialDistances as PartialDistances,
    RawMatrix as RawMatrix,
    Replicates as Replicates,
    Text as Text,
    WeightMatrix as WeightMatrix,
    WeightSums as WeightSums,
    foreign_character as foreign_character,
    language_of_replicate as language_of_replicate,
    replicate_id as replicate_id,
)
from langgeo_core.evaluation.baselines import Memo as Memo
from langgeo_core.evaluation.clustering import (
    extra_columns as extra_columns,
    points_and_clusters as points_and_clusters,
)
from langgeo_core.languages.names import did_you_mean as did_you_mean, ids_named as ids_named
from langgeo_core.languages.table import LanguageTable as LanguageTable, one_script as one_script
from langgeo_core.pipeline.run import first_stages as first_stages, misfits as misfits, run as run
from langgeo_core.pipeline.stages import STAGES as STAGES, position as position
from langgeo_core.pipeline.stages.context import Context as Context
from langgeo_core.planning.needs import Needs as Needs
from langgeo_core.planning.plan import Plan as Plan, PlannedCell as PlannedCell, make_plan as make_plan
from langgeo_core.planning.provenance import describe as describe, package_versions as package_versions
from langgeo_core.planning.survey import Survey as Survey
from langgeo_core.plugins.registry import (
    Registered as Registered,
    Registry as Registry,
    explained as explained,
    installed as installed,
    plural_of as plural_of,
)
from langgeo_core.storage import schema as schema
from langgeo_core.storage.run_folder import Run as Run
from langgeo_core.storage.schema import write_distances as write_distances, write_table as write_table
from langgeo_core.storage.store import DamagedCellError as DamagedCellError, Store as Store
from langgeo_core.system.files import (
    UNFINISHED as UNFINISHED,
    cache_folder as cache_folder,
    checksums as checksums,
    digest as digest,
    read_record as read_record,
    read_text as read_text,
    refuse_links as refuse_links,
    replacing as replacing,
    storage_errors as storage_errors,
    write_record as write_record,
    write_text as write_text,
)
from langgeo_core.system.locks import (
    RUN_LOCK as RUN_LOCK,
    alone_in as alone_in,
    is_empty as is_empty,
    locking as locking,
    remove_leftovers as remove_leftovers,
    this_process as this_process,
)
from langgeo_core.system.processor import inference as inference
from langgeo_core.system.progress import one_thread as one_thread, progress as progress
