"""The frozen records that a plugin's hooks yield: one class for each kind. Nothing heavy is imported.

A record class says everything that the core needs to know about its kind; a component's record says the rest. A class
without fields of its own is a dataclass by inheritance: making one costs a millisecond of every start.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable


@dataclass(frozen=True)
class Component:
    """A named, lazily loaded part of the pipeline.

    Parameters
    ----------
    name : unique within its kind; what a config writes
    summary : one line for `langgeo list`
    factory : `"module:Class"`; called with the validated options, or without arguments if `options` is empty
    options : `"module:OptionsClass"`, a pydantic model that forbids unknown keys; empty for none
    requires : distributions beyond langgeo's own dependencies that the component needs
    install : what to type after `pip install` when one of `requires` is missing; their names if empty
    source : paper, equation or page the component follows
    shorthand : the option that `KEY.NAME=VALUE` on the command line sets, adding the component to the list under KEY
        where it is not there; empty for none
    """

    kind: ClassVar[str] = ""
    """The kind in the plural; the hook is `langgeo_<kind>`."""
    key: ClassVar[str] = ""
    """The config's key that chooses components of the kind, in the singular if it chooses one; by default the kind."""
    stage: ClassVar[str] = ""
    """The first stage whose result depends on the choice; empty if none does."""
    single: ClassVar[bool] = False
    """Whether a config chooses exactly one."""
    makes_distances: ClassVar[bool] = False
    """Whether it takes part in making distances, as all before `aggregate` do; a config with `matrix` has none."""
    help: ClassVar[str] = ""
    """What a config chooses with the key, in one sentence."""

    name: str
    summary: str
    factory: str
    options: str = ""
    requires: tuple[str, ...] = ()
    install: str = ""
    source: str = ""
    shorthand: str = ""

    def __init_subclass__(cls) -> None:
        cls.key = vars(cls).get("key", cls.kind)
        cls.single = cls.key not in ("", cls.kind)
        cls.makes_distances |= cls.stage in ("calibrate", "compare")

    @classmethod
    def singular(cls) -> str:
        """The kind in the singular."""
        return cls.__name__.lower()

    def missing_packages(self) -> list[str]:
        """Those of `requires` that are not installed."""
        return [name for name in self.requires if not _is_installed(name)]

    def how_to_install(self) -> str:
        """What to type when packages are missing."""
        return f"pip install {self.install or ' '.join(self.requires)}"

    def load(self, field: str) -> Any:
        """Import and return what a field such as `factory` names as `"module:name"`; None where it is empty."""
        module, _, name = getattr(self, field).partition(":")
        return getattr(importlib.import_module(module), name) if module else None


LABEL = "letters, digits, _ and +, with single dots and dashes between them; at most 100 bytes; no device of Windows"
"""What a name that becomes part of file names may be."""


def is_label(name: str) -> bool:
    """Whether a name is a `LABEL`: no two lists of such names give the same file name when joined with two dashes."""
    return fits_file_name(name) and re.fullmatch(r"[\w+]+([.-][\w+]+)*", name) is not None


def fits_file_name(name: str) -> bool:
    """Whether every system takes a name as a file's or folder's, with room for an ending."""
    odd = not name.isprintable() or set(name) & set('/\\:*?"<>|') or name != name.strip(" ").rstrip(".")
    device = re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name, re.IGNORECASE)
    return not (odd or device or not name or name[0] == "." or len(name.encode()) > 100)


def _is_installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    with suppress(PackageNotFoundError, ValueError):
        return distribution(name) is not None
    return False


@dataclass(frozen=True)
class Model(Component):
    """A multilingual language model: weights, tokenizer and a forward pass."""

    kind: ClassVar[str] = "models"
    stage: ClassVar[str] = "calibrate"
    help: ClassVar[str] = "The language models."
    licence: str = ""


@dataclass(frozen=True)
class Corpus(Component):
    """Text in many languages.

    `folder_option` names the option that takes a folder of `<language>.txt` files, of a corpus that reads one: it is
    what `--text FOLDER` chooses.
    """

    kind: ClassVar[str] = "corpora"
    stage: ClassVar[str] = "calibrate"
    help: ClassVar[str] = "The texts that the models read."
    licence: str = ""
    folder_option: str = ""


@dataclass(frozen=True)
class Scorer(Component):
    """Gives every weight its importance for a language.

    `statistics` names the fields of `InputStatistics` that it reads; nothing else is gathered for it. One that reads
    `hidden` scores the residual stream, which has no weights. `signed` marks one whose scores may be negative: it goes
    with quantizers and distances that are `signed` as well. `per_weight` marks one whose scores are not w_ij² · g_j: it
    builds a `protocols.PerWeightScorer` and has cells of its own. `collector` is `"module:Class"`, a
    `protocols.WeightCollector`, on the record of the plugin that brings one for all of these.
    """

    kind: ClassVar[str] = "scorers"
    key: ClassVar[str] = "scorer"
    stage: ClassVar[str] = "compare"
    help: ClassVar[str] = "How important a weight is for a language."
    statistics: tuple[str, ...] = ()
    per_weight: bool = False
    signed: bool = False
    collector: str = ""


@dataclass(frozen=True)
class Quantizer(Component):
    """Turns scores into signatures: bits, levels, or the scores themselves; `signed` if scores may be negative."""

    kind: ClassVar[str] = "quantizers"
    key: ClassVar[str] = "quantizer"
    stage: ClassVar[str] = "compare"
    help: ClassVar[str] = "How scores become signatures."
    signed: bool = False


@dataclass(frozen=True)
class Distance(Component):
    """Measures how far two languages' signatures are apart; `signed` if what these hold may be negative."""

    kind: ClassVar[str] = "distances"
    key: ClassVar[str] = "distance"
    stage: ClassVar[str] = "compare"
    help: ClassVar[str] = "How far two signatures are apart."
    signed: bool = False


class Aggregator(Component):
    """Makes one matrix out of those of several models and corpora."""

    kind: ClassVar[str] = "aggregators"
    key: ClassVar[str] = "aggregator"
    makes_distances: ClassVar[bool] = True
    stage: ClassVar[str] = "aggregate"
    help: ClassVar[str] = "How the distances of several models and corpora are combined."


@dataclass(frozen=True)
class Transform(Component):
    """Makes other distances of the aggregated ones.

    `pairwise` marks one whose new distance of a pair follows from the old one of that pair alone. That of any other
    depends on which languages are there.
    """

    kind: ClassVar[str] = "transforms"
    stage: ClassVar[str] = "aggregate"
    help: ClassVar[str] = "What is done to the distances, in this order."
    pairwise: bool = False


class Embedder(Component):
    """Places languages in a space whose distances follow the matrix."""

    kind: ClassVar[str] = "embedders"
    key: ClassVar[str] = "embedder"
    stage: ClassVar[str] = "embed"
    help: ClassVar[str] = "How languages are placed in a space."


class Clusterer(Component):
    """Groups the languages."""

    kind: ClassVar[str] = "clusterers"
    stage: ClassVar[str] = "cluster"
    help: ClassVar[str] = "How languages are grouped."


@dataclass(frozen=True)
class Evaluator(Component):
    """Compares the space and its clusters with what is known about the languages.

    `headline` names the metrics to read first, the most important one first, and `headline_level` the level of classes
    at which to read them; a run without that level has its last one instead. `columns` names columns of metrics.csv
    beyond those of every metric, which this evaluator's metrics fill (`Metric.extras`). `reliability` is
    `"module:Class"`, a `protocols.Reliability`, on a record of the plugin that brings it for every run. With
    `whole_network` a run compares every weight matrix, also those that its `parts` leave out, for `Evaluation.parts`.
    """

    kind: ClassVar[str] = "evaluators"
    stage: ClassVar[str] = "cluster"
    help: ClassVar[str] = "What the space is compared with."
    headline: tuple[str, ...] = ()
    headline_level: str = ""
    columns: tuple[str, ...] = ()
    reliability: str = ""
    whole_network: bool = False


Role = Literal["rival", "facts", "run", "control", "ceiling"]
ROLES: tuple[Role, ...] = ("rival", "facts", "run", "control", "ceiling")
"""What distances beside a run's own are made from: the texts, without a language model; what is known of the languages,
such as places; another run; a model that has learnt nothing; what the evaluators compare with."""


@runtime_checkable
class HasRole(Protocol):
    """Options that say for each choice of a baseline what it is beside a run; None for what its record says."""

    role: Role | None


@dataclass(frozen=True)
class Baseline(Component):
    """Measures how far languages are apart without a language model.

    `role` says from what, unless options that are `HasRole` say it for each choice of the baseline.
    """

    kind: ClassVar[str] = "baselines"
    stage: ClassVar[str] = "evaluate"
    help: ClassVar[str] = "Distances without a language model, for comparison."
    role: Role = "rival"

    def role_with(self, options: Any) -> Role:
        """What it is beside a run, one of `ROLES`, with these options."""
        return (options.role if isinstance(options, HasRole) else None) or self.role


@dataclass(frozen=True)
class Exporter(Component):
    """Writes a run in a form that people or other programs read.

    `opens` names the file to open first, if it is one of those written.
    """

    kind: ClassVar[str] = "exporters"
    stage: ClassVar[str] = "report"
    help: ClassVar[str] = "What is written beside the tables of a run."
    opens: str = ""


class Executor(Component):
    """Has the cells of a run calibrated: by its own process, or elsewhere. It changes no result."""

    kind: ClassVar[str] = "executors"
    key: ClassVar[str] = "executor"
    makes_distances: ClassVar[bool] = True
    help: ClassVar[str] = "Where cells are calibrated."


@dataclass(frozen=True)
class Command(Component):
    """A command of `langgeo`. `factory` is `"module:command"`, a `click.Command` that is imported when it is called.

    `config_key` names a key of configs that this command alone reads, if there is one: runs ignore it. `config_schema`
    is then the JSON schema of what is written there, for editors, and `check` is `"module:function"`: called with the
    `Draft` of a config that has the key, it returns the problems, which `langgeo validate` reports.

    `complete` is `"module:function"`, a click completer, if the command is the one that completes words in a shell:
    called with the context, the parameter and the word for the arguments that several commands have.

    `matrix` is `"module:function"` for a command that brings what reads the files of distances that replace a run's
    models: called with the settings of the key `matrix` by name, it returns a `GivenMatrix`.

    `show` is `"module:function"` for a command that brings what `langgeo run` prints in the end: called with the
    config, the run folder, what run.json holds, and whether JSON is wanted.
    """

    kind: ClassVar[str] = "commands"
    key: ClassVar[str] = ""
    config_key: str = ""
    config_schema: Mapping[str, Any] = field(default_factory=dict, compare=False)
    check: str = ""
    complete: str = ""
    matrix: str = ""
    show: str = ""


class Reader(Component):
    """Reads distance matrices that other programs wrote, in one format."""

    kind: ClassVar[str] = "readers"
    key: ClassVar[str] = ""


KINDS: dict[str, type[Component]] = {record.kind: record for record in Component.__subclasses__()}
"""Every kind of component, by its plural."""
KEYS: dict[str, type[Component]] = {record.key: record for record in KINDS.values() if record.key}
"""The kind of component that each key of a config chooses."""


@dataclass(frozen=True)
class Origin:
    """Where a component came from."""

    distribution: str
    version: str
    plugin: str

    @property
    def bug(self) -> str:
        """The hint of an error for which the plugin is to blame."""
        return f"this is a bug in the plugin {self.plugin} of {self.distribution} {self.version}; please report it"
