"""Made-up languages with a known tree, a model that learns them, and controls that must find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_corpora() -> Iterator[records.Corpus]:
    """Register `synthetic`, `shuffled` and `pieces`."""
    yield records.Corpus(
        "synthetic",
        "Made-up languages that evolved along a known tree: sounds, words, affixes, word order, contact.",
        "langgeo_synthetic.corpus:Synthetic",
        options="langgeo_synthetic.options:SyntheticOptions",
        licence="CC0-1.0",
    )
    yield records.Corpus(
        "shuffled",
        "Another corpus with its characters or words in random order: a control.",
        "langgeo_synthetic.controls:Shuffled",
        options="langgeo_synthetic.options:ShuffledOptions",
        licence="that of the other corpus",
    )
    yield records.Corpus(
        "pieces",
        "One language's text dealt out among languages that do not exist: a control.",
        "langgeo_synthetic.controls:Pieces",
        options="langgeo_synthetic.options:PiecesOptions",
        licence="that of the other corpus",
    )


@hookimpl
def langgeo_models() -> Iterator[records.Model]:
    """Register `byte-lm` and `random-init`."""
    yield records.Model(
        "byte-lm",
        "A small language model of bytes that is trained from scratch on the run's texts, in minutes.",
        "langgeo_synthetic.models:ByteLm",
        options="langgeo_synthetic.options:ByteLmOptions",
        licence="that of the texts",
    )
    yield records.Model(
        "random-init",
        "Another model's architecture and tokenizer with random weights: a control.",
        "langgeo_synthetic.models:RandomInit",
        options="langgeo_synthetic.options:RandomInitOptions",
        licence="random numbers",
    )


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `synthetic-tree`."""
    yield records.Evaluator(
        "synthetic-tree",
        "Agreement with the tree that made-up languages evolved along, and how far a language is from its script twin.",
        "langgeo_synthetic.tree_evaluator:SyntheticTree",
        options="langgeo_synthetic.options:SyntheticTreeOptions",
        columns=(
            *("script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n"),
            *("classes", "class_ci_low", "class_ci_high"),
        ),
        headline=("map", "map-across-scripts", "map-within-script", "nn1", "quartet-distance:nj"),
        source="as the evaluators glottolog and trees; Pompei, Loreto & Tria 2011",
        headline_level="branch",
    )
