"""What a plan will take: a forecast for each of its models, and what all of them come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from langgeo_core.calibration.modes import chosen_device
from langgeo_core.config.catalog import Catalog
from langgeo_core.contract import protocols
from langgeo_core.planning.plan import Plan, PlannedCell, per_weight_scorer
from langgeo_forecast.facts import Known, facts_of
from langgeo_forecast.memory import Peak, calibration_peak, compare_peak, gradient_peak
from langgeo_forecast.probe import Rates, probed, stated
from langgeo_forecast.sizes import block_matrices, network_weights, statistics_bytes
from langgeo_forecast.work import (
    cell_work,
    compare_seconds,
    gradient_work,
    loading_seconds,
)

SHORT = 60.0
"""Seconds of calibration up to which a moment's probe is enough."""


@dataclass(frozen=True)
class Disk:
    """Bytes: of the statistics of the cells that are to be calibrated, of the sums of distances in the run's folder, of
    what is downloaded, and of what a conversion leaves in the cache.
    """

    statistics: int
    partials: int
    download: int
    converted: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.statistics + self.partials + self.download + self.converted


@dataclass(frozen=True)
class ModelForecast:
    """What one model takes. `peak` is of calibration, `later` that of the process when it compares.

    `cells` are those to be calibrated, of a replicate its share of the text; `source` says where the shape is from.
    """

    model: str
    source: str
    cells: float
    peak: Peak
    later: int
    disk: Disk
    calibrating: float
    comparing: float


@dataclass(frozen=True)
class Forecast:
    """All models of a plan; `unknown` are those of which nothing can be said. `rates` is None where all is stored."""

    models: tuple[ModelForecast, ...]
    unknown: tuple[str, ...]
    device: str
    rates: Rates | None

    @property
    def seconds(self) -> float:
        """Calibration and comparing."""
        return sum(model.calibrating + model.comparing for model in self.models)

    @property
    def process(self) -> int:
        """Bytes of the process at its peak."""
        return max((max(model.peak.process, model.later) for model in self.models), default=0)

    @property
    def disk(self) -> int:
        """Bytes, downloads included."""
        return sum(model.disk.total for model in self.models)


def forecast(plan: Plan, unfilled: Sequence[PlannedCell], catalog: Catalog, rate: float | None = None) -> Forecast:
    """What the run will take.

    Parameters
    ----------
    unfilled : the cells that are to be calibrated
    rate : operations a second to go by; 0 for a stated guess, None for a probe of this machine

    Raises
    ------
    UserError
        If the device of the config is not there.
    ConfigError
        If the registry's facts of a model cannot be read.
    """
    known = {name: _known(plan, name, catalog) for name in plan.models}
    models = [
        _Model(plan, name, facts, [cell for cell in unfilled if cell.model == name])
        for name, facts in known.items()
        if facts
    ]
    unknown = tuple(name for name, facts in known.items() if not facts)
    device = chosen_device(plan.config.settings.calibration)
    rates = _rates(plan, models, device, rate) if unfilled and models else None
    return Forecast(tuple(model.forecast(rates) for model in models), unknown, str(device), rates)


def _known(plan: Plan, name: str, catalog: Catalog) -> Known | None:
    """Its own config's word, where that is here, before the registry's."""
    model = plan.models[name]
    shape = model.shape() if isinstance(model, protocols.ShapedModel) else None
    chosen = next(chosen for chosen in plan.config.choices["models"] if chosen.name == name)
    return Known(shape, "config.json") if shape else facts_of(chosen, catalog)


def _rates(plan: Plan, models: Sequence[_Model], device: torch.device, rate: float | None) -> Rates:
    if rate is not None:
        return stated(rate, device)
    dtype = plan.config.settings.calibration.dtype
    quick = probed(dtype, device, quick=True)
    short = sum(model.calibrating(quick) for model in models) < SHORT
    return quick if short else probed(dtype, device)


class _Model:
    """The arithmetic of one model in a plan."""

    def __init__(self, plan: Plan, name: str, known: Known, cells: Sequence[PlannedCell]) -> None:
        self.plan, self.name, self.known, self.unfilled = plan, name, known, cells
        self.shape, self.settings = known.shape, plan.config.settings.calibration
        self.per_weight = per_weight_scorer(plan.config) is not None
        self.replicates = plan.config.settings.reliability.replicates
        self.cells = sum(1 if cell.replicate is None else 1 / self.replicates for cell in cells)
        self.away = f"models.{name}" in plan.absent
        self.converted = known.source != "config.json" and not self.away

    def forecast(self, rates: Rates | None) -> ModelForecast:
        """All that is predicted of it."""
        languages = len(self.plan.languages)
        return ModelForecast(
            self.name,
            self.known.source,
            self.cells,
            self._peak,
            compare_peak(self.shape, languages, self._scope, self.per_weight),
            self._disk(languages),
            self.calibrating(rates) if rates else 0.0,
            self._comparing(),
        )

    def calibrating(self, rates: Rates) -> float:
        """Seconds."""
        if not self.unfilled:
            return 0.0
        work = (gradient_work if self.per_weight else cell_work)(self.shape, self.settings)
        loading = loading_seconds(self.shape, self.settings.dtype, self.converted, self._peak.readings)
        sums = self.cells * work.sums + len(self.unfilled) * work.reduction
        return loading + self._forwards * work.forward / rates.forward + sums / rates.sums

    @property
    def _forwards(self) -> int:
        """Texts whose windows are read: replicates are summed in the passes of the whole."""
        return len({(cell.corpus, cell.language) for cell in self.unfilled})

    @cached_property
    def _cell_bytes(self) -> int:
        return statistics_bytes(self.shape, self.settings.dtype, self.per_weight)

    @cached_property
    def _peak(self) -> Peak:
        device = chosen_device(self.settings)
        if self.per_weight:
            return gradient_peak(self.shape, self.settings, device, self.replicates)
        streamed = isinstance(self.plan.models[self.name], protocols.StreamingModel)
        return calibration_peak(self.shape, self.settings, device, max(1, self._forwards), streamed, self.replicates)

    def _disk(self, languages: int) -> Disk:
        """Replicates are compared as well, but their partial sums are not kept."""
        matrices = self.shape.layers * len(block_matrices(self.shape))
        terms = len(self.plan.config.one("distances").build().terms)
        return Disk(
            len(self.unfilled) * self._cell_bytes,
            len(self.plan.corpora) * matrices * 8 * languages * (terms * languages + 1),
            self.known.download if self.away else 0,
            4 * network_weights(self.shape) if self.converted else 0,
        )

    @property
    def _scope(self) -> str:
        return str(self.plan.config.one("quantizers").build().scope)

    def _comparing(self) -> float:
        """Of the whole texts, and of all replicates together."""
        times = 1 + bool(self.plan.replicates)
        return times * len(self.plan.corpora) * compare_seconds(self.shape, self._scope, torch.get_num_threads())
