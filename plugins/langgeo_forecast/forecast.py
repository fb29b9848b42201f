"""What a plan will take: a forecast for each of its models, at the speed that this machine shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch.nn.functional import linear

from langgeo_core.api import Catalog, Plan, PlannedCell, chosen_device, inference, protocols, side_by_side
from langgeo_core.hooks import records
from langgeo_forecast.costs import (
    ENTRY,
    WHITENED,
    WHITENING,
    Peak,
    calibration_peak,
    cell_work,
    compare_peak,
    compare_seconds,
    gradient_peak,
    gradient_work,
    loading_seconds,
)
from langgeo_forecast.shapes import (
    Gathered,
    Known,
    ShapedModel,
    block_matrices,
    facts_of,
    network_weights,
    statistics_bytes,
)

Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

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
class AmongReplicates:
    """What the distances among all `count` replicates take: bytes of memory at the peak and of files, and seconds at
    most of a transform that makes distances of languages from them.
    """

    count: int
    memory: int
    disk: int
    seconds: float

    @classmethod
    def of(cls, plan: Plan) -> AmongReplicates | None:
        """None where a run has no replicates."""
        count = len({(cell.language, cell.replicate) for cell in plan.replicates if cell.key or not cell.here})
        if not count:
            return None
        built = (chosen.build() for chosen in plan.config.choices["transforms"])
        reads = any(isinstance(transform, protocols.ReplicateTransform) for transform in built)
        members, terms = len(plan.models) * len(plan.corpora), len(plan.config.one("distances").build().terms)
        matrices = max(2 * terms + 2, (WHITENED + members) * reads)  # sums of one weight matrix, over all, and pairs
        seconds = WHITENING * count**3 if reads else 0.0
        return cls(count, matrices * 8 * count**2, (members + 1) * ENTRY * count**2, seconds)


@dataclass(frozen=True)
class Forecast:
    """All models of a plan; `unknown` are those of which nothing can be said. `rates` is None where all is stored."""

    models: tuple[ModelForecast, ...]
    unknown: tuple[str, ...]
    device: str
    rates: Rates | None
    replicates: AmongReplicates | None = None

    @property
    def seconds(self) -> float:
        """Calibration, comparing, and what a transform makes of replicates."""
        among = self.replicates.seconds if self.replicates else 0.0
        return among + sum(model.calibrating + model.comparing for model in self.models)

    @property
    def process(self) -> int:
        """Bytes of the process at its peak."""
        among = self.replicates.memory if self.replicates else 0
        return max([among, *(max(model.peak.process, model.later) for model in self.models)])

    @property
    def disk(self) -> int:
        """Bytes, downloads included."""
        among = self.replicates.disk if self.replicates else 0
        return among + sum(model.disk.total for model in self.models)


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
    models = models_of(plan, unfilled, catalog)
    unknown = tuple(name for name in plan.models if name not in {model.name for model in models})
    device = chosen_device(plan.config.settings.calibration)
    rates = _rates(plan, models, device, rate) if unfilled and models else None
    found = tuple(model.forecast(rates) for model in models)
    return Forecast(found, unknown, str(device), rates, AmongReplicates.of(plan))


def models_of(plan: Plan, unfilled: Sequence[PlannedCell], catalog: Catalog) -> list[_Model]:
    """The models whose shape is known, each with its cells."""
    known = {name: _known(plan, name, catalog) for name in plan.models}
    return [
        _Model(plan, name, facts, [cell for cell in unfilled if cell.model == name])
        for name, facts in known.items()
        if facts
    ]


def _known(plan: Plan, name: str, catalog: Catalog) -> Known | None:
    """From the model's own config.json if it is here, else from registry.yaml."""
    model = plan.models[name]
    shape = model.shape() if isinstance(model, ShapedModel) else None
    chosen = next(chosen for chosen in plan.config.choices["models"] if chosen.name == name)
    return Known(shape, "config.json") if shape else facts_of((name, chosen.component.name), catalog)


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
        scorer = plan.config.one("scorers").component
        self.per_weight = isinstance(scorer, records.Scorer) and scorer.per_weight
        self.gathered = Gathered.of(known.shape, plan.needs)
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
        loading, each = self.seconds(rates)
        return loading + self._forwards * each

    def seconds(self, rates: Rates) -> tuple[float, float]:
        """To load the model, and for each text with its replicates; none where nothing is to be calibrated."""
        if not self.unfilled:
            return 0.0, 0.0
        if self.per_weight:
            work = gradient_work(self.shape, self.settings)
        else:
            here = chosen_device(self.settings).type == "cpu"
            work = cell_work(self.shape, self.settings, self.gathered, max(1, self.replicates), here)
        loading = loading_seconds(self.shape, self.settings.dtype, self.converted, self._peak.readings)
        sums = self.cells * work.sums
        sums += sum(work.inverses if cell.replicate is None else work.of_replicate for cell in self.unfilled)
        return loading, work.forward / rates.forward + sums / rates.sums / self._forwards

    @property
    def _forwards(self) -> int:
        """Texts whose windows are read: replicates are summed in the passes of the whole."""
        return len({(cell.corpus, cell.language) for cell in self.unfilled})

    @cached_property
    def _cell_bytes(self) -> int:
        return statistics_bytes(self.shape, self.settings.dtype, self.per_weight, self.gathered)

    @cached_property
    def _peak(self) -> Peak:
        device = chosen_device(self.settings)
        if self.per_weight:
            return gradient_peak(self.shape, self.settings, device, self.replicates)
        streamed = isinstance(self.plan.models[self.name], protocols.StreamingModel)
        inverse, cells = self.gathered.inverse, max(1, self._forwards)
        return calibration_peak(self.shape, self.settings, device, cells, streamed, self.replicates, inverse)

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


SECONDS = 5.0
QUICK = 0.2
ASSUMED = 5e10
"""Floating-point operations a second of each thread, where nothing is measured."""
ASSUMED_OF_A_CARD = 2e14
DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Rates:
    """Operations a second of matrix products in the format of the forward pass and in that of the sums."""

    forward: float
    sums: float
    source: str


def stated(rate: float, device: torch.device) -> Rates:
    """A rate that the user gave, or a guess where it is 0."""
    if rate:
        return Rates(rate, rate, "as given")
    guess = ASSUMED_OF_A_CARD if device.type == "cuda" else ASSUMED * torch.get_num_threads()
    return Rates(guess, guess, "a guess, nothing was measured")


def probed(dtype: str, device: torch.device, quick: bool = False) -> Rates:
    """What this machine does just now, for `SECONDS`, or for a moment where it is to be `quick`.

    A card sums products of bfloat16 as they are; a processor makes float32 of them first, and sums with another library
    than that of linear layers.
    """
    seconds, forward = QUICK if quick else SECONDS, DTYPES[dtype]
    if device.type == "cuda":
        rate = matmul_rate(linear, forward, device, seconds)
        return Rates(rate, rate, "measured")
    sums = torch.float32 if forward is torch.bfloat16 else forward
    layers = matmul_rate(linear, forward, device, seconds / 2)
    return Rates(layers, matmul_rate(torch.matmul, sums, device, seconds / 2), "measured")


def matmul_rate(product: Product, dtype: torch.dtype, device: torch.device, seconds: float) -> float:
    """Operations a second (2n³ a product) of square matrices.

    On the processor each thread has products of its own, as in calibration: threads that share one wait for each other
    on a busy machine.
    """
    if device.type == "cuda":
        return _rate(product, dtype, device, 8192, seconds)
    threads = range(torch.get_num_threads())
    return sum(rate for _, rate in side_by_side(lambda _: _rate(product, dtype, device, 1024, seconds), threads))


def _rate(product: Product, dtype: torch.dtype, device: torch.device, size: int, seconds: float) -> float:
    """Of one thread, or of a card, after one product to warm up."""
    left = torch.randn((size, size), device=device).to(dtype)
    spent, products = 0.0, 0
    with inference():
        _timed(lambda: product(left, left), device)
        while spent < seconds:
            spent += _timed(lambda: product(left, left), device)
            products += 1
    return 2.0 * size**3 * products / spent


def _timed(work: Callable[[], object], device: torch.device) -> float:
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
