"""The frozen records that a plugin's hooks yield: one class a kind, nothing heavy imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True)
class Component:
    """A named, lazily loaded part of the pipeline.

    Parameters
    ----------
    name : str
        Unique within its kind; what a config writes.
    summary : str
        One line for `langgeo list`.
    factory : str
        `"module:Class"`; called with the validated options, or without arguments if `options` is empty.
    options : str
        `"module:OptionsClass"`, a pydantic model that forbids unknown keys; empty for none.
    requires : tuple of str
        Distributions beyond langgeo's own dependencies that the component needs.
    install : str
        What to type after `pip install` when one of `requires` is missing; their names if empty.
    source : str
        Paper, equation or page the component follows.
    shorthand : str
        The option that `KEY.NAME=VALUE` on the command line sets, adding the component to the list under KEY where
        it is not there; empty for none.
    """

    kind: ClassVar[str] = ""

    name: str
    summary: str
    factory: str
    options: str = ""
    requires: tuple[str, ...] = ()
    install: str = ""
    source: str = ""
    shorthand: str = ""

    def missing_packages(self) -> list[str]:
        """Those of `requires` that are not installed."""
        return [name for name in self.requires if not _is_installed(name)]

    def how_to_install(self) -> str:
        """What to type when packages are missing."""
        return f"pip install {self.install or ' '.join(self.requires)}"

    def load_factory(self) -> Any:
        """Import and return the class that builds the component."""
        return _load(self.factory)

    def load_options(self) -> Any:
        """Import and return the options class, or None."""
        return _load(self.options) if self.options else None


def _is_installed(distribution: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except (PackageNotFoundError, ValueError):
        return False
    return True


def _load(reference: str) -> Any:
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)


@dataclass(frozen=True)
class Model(Component):
    """A multilingual language model: weights, tokenizer and a forward pass."""

    kind: ClassVar[str] = "models"
    licence: str = ""


@dataclass(frozen=True)
class Corpus(Component):
    """Text in many languages."""

    kind: ClassVar[str] = "corpora"
    licence: str = ""


@dataclass(frozen=True)
class Scorer(Component):
    """Gives every weight its importance for a language.

    `statistics` names the fields of `InputStatistics` that it reads. `per_weight` marks one whose scores are not
    w_ij² · g_j: it builds a `protocols.PerWeightScorer` and has cells of its own.
    """

    kind: ClassVar[str] = "scorers"
    statistics: tuple[str, ...] = ()
    per_weight: bool = False


@dataclass(frozen=True)
class Quantizer(Component):
    """Turns scores into signatures: bits, levels, or the scores themselves."""

    kind: ClassVar[str] = "quantizers"


@dataclass(frozen=True)
class Distance(Component):
    """Measures how far two languages' signatures are apart."""

    kind: ClassVar[str] = "distances"


@dataclass(frozen=True)
class Aggregator(Component):
    """Makes one matrix out of those of several models and corpora."""

    kind: ClassVar[str] = "aggregators"


@dataclass(frozen=True)
class Transform(Component):
    """Makes other distances of the aggregated ones.

    `pairwise` marks one whose new distance of a pair follows from the old one of that pair alone. That of any other
    depends on which languages are there.
    """

    kind: ClassVar[str] = "transforms"
    pairwise: bool = False


@dataclass(frozen=True)
class Embedder(Component):
    """Places languages in a space whose distances follow the matrix."""

    kind: ClassVar[str] = "embedders"


@dataclass(frozen=True)
class Clusterer(Component):
    """Groups the languages."""

    kind: ClassVar[str] = "clusterers"


@dataclass(frozen=True)
class Evaluator(Component):
    """Compares the space and its clusters with what is known about the languages."""

    kind: ClassVar[str] = "evaluators"


@dataclass(frozen=True)
class Baseline(Component):
    """Measures how far languages are apart without a language model.

    `ceiling` marks one that is made from what the evaluators compare with: what could be reached, no rival. Options
    with a field `role`, one of `ROLES`, say for each choice of the baseline what it is.
    """

    kind: ClassVar[str] = "baselines"
    ceiling: bool = False

    def role(self, options: Any) -> str:
        """What it is beside a run: `rival`, unless it says otherwise."""
        return getattr(options, "role", None) or ("ceiling" if self.ceiling else "rival")


Role = Literal["rival", "run", "control", "ceiling"]
ROLES: tuple[Role, ...] = ("rival", "run", "control", "ceiling")
"""What distances beside a run's own are: without a language model; of another run; of a model that has learnt nothing;
made from what the evaluators compare with."""


@dataclass(frozen=True)
class Exporter(Component):
    """Writes a run in a form that people or other programs read."""

    kind: ClassVar[str] = "exporters"


KINDS: dict[str, type[Component]] = {
    record.kind: record
    for record in (
        Model,
        Corpus,
        Scorer,
        Quantizer,
        Distance,
        Aggregator,
        Transform,
        Embedder,
        Clusterer,
        Evaluator,
        Baseline,
        Exporter,
    )
}


@dataclass(frozen=True)
class Origin:
    """Where a component came from."""

    distribution: str
    version: str
    plugin: str
