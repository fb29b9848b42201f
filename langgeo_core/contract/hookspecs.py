"""The hooks. Each only registers: it yields frozen records, and nothing is imported until a run needs it.

A plugin is a module behind an entry point of the group `langgeo`:

    [project.entry-points.langgeo]
    my_plugin = "my_plugin"
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from langgeo_core.contract import records as components

hookspec = pluggy.HookspecMarker("langgeo")


@hookspec
def langgeo_models() -> Iterable[components.Model]:  # type: ignore[empty-body]
    """Register language models.

    The factory builds a `protocols.Model`: `identity()`, `load(dtype)`, `weights()`, `tokenizer()`, and
    for scorers that need a loss `load_causal(dtype)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_models():
            yield components.Model("my-model", "My model, from a folder.", "my_plugin.model:MyModel")
    """


@hookspec
def langgeo_corpora() -> Iterable[components.Corpus]:  # type: ignore[empty-body]
    """Register corpora.

    The factory builds a `protocols.Corpus`: `identity()`, `languages()`, `read(language)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_corpora():
            yield components.Corpus("my-corpus", "My texts.", "my_plugin.corpus:MyCorpus", licence="CC0-1.0")
    """


@hookspec
def langgeo_scorers() -> Iterable[components.Scorer]:  # type: ignore[empty-body]
    """Register scorers.

    The factory builds a `protocols.Scorer`: `feature_scores(statistics)` gives g of
    S_ij = w_ij² · g_j. `statistics` names the fields of `InputStatistics` that it reads.

    With `per_weight` set it builds a `protocols.PerWeightScorer` for scores of any other form:
    `statistic`, `accumulate(inputs, gradients)` and `scores(statistic, weights, tokens)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        class GramScorer:
            def feature_scores(self, statistics):
                return statistics.gram_diagonal + statistics.damping

        @hookimpl
        def langgeo_scorers():
            yield components.Scorer(
                "my-scorer", "Squared weight times mean squared input.", "my_plugin:GramScorer",
                statistics=("gram_diagonal",),
            )
    """


@hookspec
def langgeo_quantizers() -> Iterable[components.Quantizer]:  # type: ignore[empty-body]
    """Register quantizers.

    The factory builds a `protocols.Quantizer`: `scope`, `forms()`, `fit(group)`,
    `encode(scores, fitted, form)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_quantizers():
            yield components.Quantizer("my-bits", "Keep what exceeds the mean.", "my_plugin.bits:MeanBits")
    """


@hookspec
def langgeo_distances() -> Iterable[components.Distance]:  # type: ignore[empty-body]
    """Register distances between signatures.

    The factory builds a `protocols.Distance`: `terms`, `forms()`, `partial(signature)`,
    `finish(total, size)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_distances():
            yield components.Distance("my-distance", "Share of differing bits.", "my_plugin.distance:Differing")
    """


@hookspec
def langgeo_aggregators() -> Iterable[components.Aggregator]:  # type: ignore[empty-body]
    """Register aggregators.

    The factory builds a `protocols.Aggregator`: `aggregate(matrices)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_aggregators():
            yield components.Aggregator("my-mean", "Mean of the matrices.", "my_plugin.mean:MyMean")
    """


@hookspec
def langgeo_transforms() -> Iterable[components.Transform]:  # type: ignore[empty-body]
    """Register transforms of the aggregated distances.

    The factory builds a `protocols.Transform`: `transform(distances, languages)`. `pairwise` marks one
    whose result for a pair does not depend on which other languages there are.

    Example
    -------
    ::

        from langgeo_core.api import DistanceMatrix, components, hookimpl

        class Square:
            def transform(self, distances, languages):
                return DistanceMatrix(distances.ids, distances.values**2)

        @hookimpl
        def langgeo_transforms():
            yield components.Transform("my-square", "The squared distances.", "my_plugin:Square", pairwise=True)
    """


@hookspec
def langgeo_embedders() -> Iterable[components.Embedder]:  # type: ignore[empty-body]
    """Register embedders.

    The factory builds a `protocols.Embedder`: `embed(distances)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_embedders():
            yield components.Embedder("my-map", "Places languages on a line.", "my_plugin.line:Line")
    """


@hookspec
def langgeo_clusterers() -> Iterable[components.Clusterer]:  # type: ignore[empty-body]
    """Register clusterers.

    The factory builds a `protocols.Clusterer`: `k`, `seeds`, `cluster(embedding, k, seed)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_clusterers():
            yield components.Clusterer("my-groups", "Groups of neighbours.", "my_plugin.groups:Groups")
    """


@hookspec
def langgeo_evaluators() -> Iterable[components.Evaluator]:  # type: ignore[empty-body]
    """Register evaluators.

    The factory builds a `protocols.Evaluator`: `labels(languages)`, `evaluate(evaluation)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_evaluators():
            yield components.Evaluator("my-typology", "Agreement with word order.", "my_plugin.order:WordOrder")
    """


@hookspec
def langgeo_baselines() -> Iterable[components.Baseline]:  # type: ignore[empty-body]
    """Register baselines: distances between the languages of a run that need no language model.

    The factory builds a `protocols.Baseline`: `distances(context)`. `ceiling` marks one that knows the
    answer.

    Example
    -------
    ::

        from langgeo_core.api import DistanceMatrix, components, hookimpl

        class TextLengths:
            def distances(self, context):
                lengths = [sum(map(len, context.documents(language.id))) for language in context.languages]
                values = [[abs(one - other) for other in lengths] for one in lengths]
                return DistanceMatrix(tuple(language.id for language in context.languages), values)

        @hookimpl
        def langgeo_baselines():
            yield components.Baseline("my-lengths", "How unlike in length the texts are.", "my_plugin:TextLengths")
    """


@hookspec
def langgeo_exporters() -> Iterable[components.Exporter]:  # type: ignore[empty-body]
    """Register exporters.

    The factory builds a `protocols.Exporter`: `export(run)`.

    Example
    -------
    ::

        from langgeo_core.api import components, hookimpl

        @hookimpl
        def langgeo_exporters():
            yield components.Exporter("my-table", "The nearest neighbours as text.", "my_plugin.table:Table")
    """
