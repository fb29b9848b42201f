"""Distances that need no language model: from languages' texts, tokens, places, features and classification."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_baselines() -> Iterator[records.Baseline]:
    """Register baselines of texts, of tokens, and of what is known about languages."""
    yield from _texts()
    yield from _tokens()
    yield from _lengths()
    yield from _facts()
    yield records.Baseline(
        "file",
        "Distances of a finished run, such as a control of random weights, or of a file.",
        "langgeo_baselines.file:FileDistances",
        options="langgeo_baselines.options:FileOptions",
        shorthand="path",
    )


def _texts() -> Iterator[records.Baseline]:
    yield records.Baseline(
        "char-ngrams",
        "Jensen-Shannon or Hellinger distance of the n-grams of characters in the run's texts.",
        "langgeo_baselines.text:CharacterNgrams",
        options="langgeo_baselines.options:CharacterOptions",
        source="Lin 1991, Divergence Measures Based on the Shannon Entropy; "
        "Endres & Schindelin 2003, A New Metric for Probability Distributions; "
        "Hellinger 1909",
    )
    yield records.Baseline(
        "byte-ngrams",
        "Jensen-Shannon or Hellinger distance of the n-grams of UTF-8 bytes in the run's texts.",
        "langgeo_baselines.text:ByteNgrams",
        options="langgeo_baselines.options:ByteOptions",
        source="Lin 1991, Divergence Measures Based on the Shannon Entropy; "
        "Endres & Schindelin 2003, A New Metric for Probability Distributions; "
        "Hellinger 1909",
    )


def _tokens() -> Iterator[records.Baseline]:
    yield records.Baseline(
        "token-overlap",
        "Jaccard distance of the sets of tokens that the models' tokenizers make of the run's texts.",
        "langgeo_baselines.tokens:TokenOverlap",
        options="langgeo_baselines.options:OverlapOptions",
        source="Jaccard 1912, The Distribution of the Flora in the Alpine Zone",
    )
    yield records.Baseline(
        "token-distribution",
        "Jensen-Shannon or Hellinger distance of the tokens that the models' tokenizers make of the run's texts.",
        "langgeo_baselines.tokens:TokenDistribution",
        options="langgeo_baselines.options:DistributionOptions",
        source="Lin 1991, Divergence Measures Based on the Shannon Entropy; "
        "Endres & Schindelin 2003, A New Metric for Probability Distributions; "
        "Hellinger 1909",
    )


def _lengths() -> Iterator[records.Baseline]:
    yield records.Baseline(
        "fertility",
        "Difference in tokens per character of the models' tokenizers on the run's texts.",
        "langgeo_baselines.lengths:Fertility",
        options="langgeo_baselines.options:FertilityOptions",
        source="Rust et al. 2021",
    )
    yield records.Baseline(
        "byte-length",
        "Difference in the number of bytes of the run's texts.",
        "langgeo_baselines.lengths:ByteLength",
    )


def _facts() -> Iterator[records.Baseline]:
    yield records.Baseline(
        "geography",
        "Great-circle distance in kilometres between Glottolog's coordinates.",
        "langgeo_baselines.facts:Geography",
        source="Glottolog (Hammarström et al., CC BY 4.0)",
        role="facts",
    )
    yield records.Baseline(
        "glottolog-tree",
        "A ceiling: distance on Glottolog's tree, the classification that the evaluator glottolog compares with.",
        "langgeo_baselines.facts:GlottologTree",
        source="Wu & Palmer 1994, Verb Semantics and Lexical Selection; Glottolog (Hammarström et al., CC BY 4.0)",
        role="ceiling",
    )
    yield records.Baseline(
        "ldnd",
        "How unlike the words for the same meanings are (LDND), from a file of the ASJP database's word lists.",
        "langgeo_baselines.ldnd:Ldnd",
        options="langgeo_baselines.options:LdndOptions",
        source="Bakker et al. 2009; Wichmann et al. 2010",
        shorthand="path",
        role="facts",
    )
    yield records.Baseline(
        "blend",
        "The weighted mean of other baselines, such as a finished run and letters.",
        "langgeo_baselines.blend:Blend",
        options="langgeo_baselines.options:BlendOptions",
        role="run",
    )
    yield records.Baseline(
        "uriel",
        "Distance of URIEL's vectors of documented syntax, phonology or sounds, or of coordinates.",
        "langgeo_baselines.uriel:Uriel",
        options="langgeo_baselines.options:UrielOptions",
        requires=("lang2vec",),
        install='"langgeo[uriel]"',
        source="Littell et al. 2017 (URIEL, CC BY-SA 4.0)",
        role="facts",
    )
    yield records.Baseline(
        "uriel-genetic",
        "A ceiling: distance of URIEL's vectors of families, or of features filled in from related languages.",
        "langgeo_baselines.uriel:UrielGenetic",
        options="langgeo_baselines.options:UrielGeneticOptions",
        requires=("lang2vec",),
        install='"langgeo[uriel]"',
        source="Littell et al. 2017 (URIEL, CC BY-SA 4.0)",
        role="ceiling",
    )
