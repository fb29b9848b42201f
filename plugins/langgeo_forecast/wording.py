"""A forecast in words."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.config.schema import CalibrationSettings
from langgeo_forecast.predict import Forecast, ModelForecast


def lines(settings: CalibrationSettings, found: Forecast) -> Iterator[str]:
    """What is predicted: a line for each model that has work, and the sums."""
    assert found.rates is not None
    forward, sums = in_flops(found.rates.forward), in_flops(found.rates.sums)
    rates = forward if forward == sums else f"{forward} forward, {sums} for sums"
    yield f"predicted on {found.device}, matrix products at {rates} ({found.rates.source}), {settings.dtype}:"
    for model in found.models:
        yield from _model_lines(model, found.device)
    total = f"in all: {in_time(found.seconds)}, {in_bytes(found.process)} of memory, {in_bytes(found.disk)} of disk"
    yield f"  {total}; texts, evaluation and report not counted"
    if settings.unit != "tokens":
        yield f"  a rough number of tokens stands for {settings.tokens} {settings.unit}"


def _model_lines(model: ModelForecast, device: str) -> Iterator[str]:
    disk, peak = model.disk, model.peak
    if model.cells:
        each = f", {in_time(model.calibrating / model.cells)} each" if model.cells > 1 else ""
        yield (
            f"  {model.model}: {model.cells:g} cells in {in_time(model.calibrating)}{each}; "
            f"comparing {in_time(model.comparing)}"
        )
        where = "" if device == "cpu" else f", {in_bytes(peak.device)} of them on the card"
        most = in_bytes(max(peak.process, model.later))
        yield f"    memory {most} ({peak.mode}{where})"
    parts = (
        ("statistics", disk.statistics),
        ("sums of distances", disk.partials),
        ("download", disk.download),
        ("converted weights", disk.converted),
    )
    yield f"    disk {', '.join(f'{name} {in_bytes(size)}' for name, size in parts if size)}; shape from {model.source}"


def in_bytes(count: float) -> str:
    """
    Examples
    --------
    >>> in_bytes(14.5e9), in_bytes(3_400_000)
    ('14.5 GB', '3.4 MB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"


def in_time(seconds: float) -> str:
    """
    Examples
    --------
    >>> in_time(0.01), in_time(40), in_time(2400), in_time(86400), in_time(3e8)
    ('1 s', '40 s', '40 min', '24 h', '3,472 days')
    """
    if seconds < 100:
        return f"{max(seconds, 1):.2g} s"
    if seconds < 6000:
        return f"{seconds / 60:.2g} min"
    return f"{seconds / 3600:.3g} h" if seconds < 4 * 86400 else f"{seconds / 86400:,.0f} days"


def in_flops(rate: float) -> str:
    """
    Examples
    --------
    >>> in_flops(1.2e11), in_flops(4e14)
    ('120 GFLOP/s', '400 TFLOP/s')
    """
    return f"{rate / 1e12:.3g} TFLOP/s" if rate >= 1e12 else f"{rate / 1e9:.3g} GFLOP/s"
