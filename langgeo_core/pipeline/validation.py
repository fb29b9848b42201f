"""What several components of a config decide together."""

from __future__ import annotations

from langgeo_core.comparison.pairwise import choose_form
from langgeo_core.config.nodes import COMMAND_LINE
from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.contract.errors import Problem, UserError
from langgeo_core.contract.records import Scorer


def misfits(config: ResolvedConfig) -> list[Problem]:
    """A quantizer and a distance that do not fit, blamed on the one that was written nearer to the user's hand."""
    quantizers, distances = config.choices.get("quantizers", ()), config.choices.get("distances", ())
    if not (quantizers and distances):
        return []
    (quantizer,), (distance,) = quantizers, distances
    # Without a scorer that can be read, scores are taken to be separable: those have every form.
    scorers = [one.component for one in config.choices["scorers"]]
    per_weight = any(isinstance(one, Scorer) and one.per_weight for one in scorers)
    try:
        choose_form(quantizer.build(), distance.build(), not per_weight)
    except UserError as failure:
        blamed = distance if _nearness(config, distance) > _nearness(config, quantizer) else quantizer
        pair = f"the quantizer {quantizer.name} and the distance {distance.name} do not fit"
        return [Problem(blamed.where or blamed.kind, f"{pair}: {failure.message}", failure.hint)]
    return []


def _nearness(config: ResolvedConfig, chosen: Chosen) -> int:
    """0 for the registry, 1 for the config file, 2 for the command line."""
    return 2 * chosen.where.startswith(f"{COMMAND_LINE}:") or chosen.where.startswith(f"{config.marks.get('')}:")
