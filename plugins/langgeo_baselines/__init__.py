"""Distances between languages that need no language model: from their texts, their places, their classification."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_baselines() -> Iterator[components.Baseline]:
    """Register `char-ngrams`, `byte-ngrams`, `geography` and `glottolog-tree`."""
    yield components.Baseline(
        "char-ngrams",
        "Jensen-Shannon distance of the n-grams of characters in the run's texts.",
        "langgeo_baselines.text:CharacterNgrams",
        options="langgeo_baselines.options:CharacterOptions",
        source="Lin 1991; Endres & Schindelin 2003",
    )
    yield components.Baseline(
        "byte-ngrams",
        "Jensen-Shannon distance of the n-grams of UTF-8 bytes in the run's texts.",
        "langgeo_baselines.text:ByteNgrams",
        options="langgeo_baselines.options:ByteOptions",
        source="Lin 1991; Endres & Schindelin 2003",
    )
    yield components.Baseline(
        "geography",
        "Great-circle distance in kilometres between the places that Glottolog gives.",
        "langgeo_baselines.geography:Geography",
        source="Glottolog (Hammarström et al., CC BY 4.0)",
    )
    yield components.Baseline(
        "glottolog-tree",
        "A ceiling, no rival: distance on Glottolog's tree, which the evaluator glottolog compares with.",
        "langgeo_baselines.tree:GlottologTree",
        source="Wu & Palmer 1994; Glottolog (Hammarström et al., CC BY 4.0)",
        ceiling=True,
    )
