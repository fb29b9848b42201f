"""What other plugins may import: the texts of a config, shares of them, and about how long they will take."""

from __future__ import annotations

from collections.abc import Iterable

from langgeo_core.api import Plan, PlannedCell, UserError
from langgeo_forecast.shares import share as share, texts_of as texts_of


def guessed_seconds(plan: Plan, cells: Iterable[PlannedCell]) -> dict[str, tuple[float, float]]:
    """Of each model whose shape is known: seconds to load it, and to calibrate one text of these cells.

    They are guessed for the device that the config would have on this machine; nothing is measured. None are known if
    that device is not there, as on a machine that only hands out work.
    """
    from langgeo_core.api import bundled_catalog, chosen_device
    from langgeo_forecast.forecast import models_of, stated

    try:
        rates = stated(0.0, chosen_device(plan.config.settings.calibration))
    except UserError:
        return {}
    return {model.name: model.seconds(rates) for model in models_of(plan, list(cells), bundled_catalog())}
