"""The hooks. Each only registers: it yields frozen records, and nothing is imported until a run needs it.

A plugin is a module behind an entry point of the group `langgeo`:

    [project.entry-points.langgeo]
    my_plugin = "my_plugin"
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from langgeo_core.contract import records

hookspec = pluggy.HookspecMarker("langgeo")


@hookspec
def langgeo_models() -> Iterable[records.Model]:  # type: ignore[empty-body]
    """Register language models. The factory builds a `protocols.Model`: `identity()`, `load(dtype)`, `weights()`,
    `tokenizer()`, and for scorers that need a loss `load_causal(dtype)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_models():
            yield records.Model("my-model", "My model, from a folder.", "my_plugin.model:MyModel")
    """


@hookspec
def langgeo_corpora() -> Iterable[records.Corpus]:  # type: ignore[empty-body]
    """Register corpora. The factory builds a `protocols.Corpus`: `identity()`, `languages()`, `read(language)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_corpora():
            yield records.Corpus("my-corpus", "My texts.", "my_plugin.corpus:MyCorpus", licence="CC0-1.0")
    """


@hookspec
def langgeo_scorers() -> Iterable[records.Scorer]:  # type: ignore[empty-body]
    """Register scorers. The factory builds a `protocols.Scorer`: `feature_scores(statistics)` gives g of S_ij = w_ij² ·
    g_j. `statistics` names the fields of `InputStatistics` that it reads.

    With `per_weight` set it builds a `protocols.PerWeightScorer` for scores of any other form:
    `statistic`, `accumulate(inputs, gradients)` and `scores(statistic, weights, tokens)`.

    Example::

        from langgeo_core.hooks import hookimpl, records

        class GramScorer:
            def feature_scores(self, statistics):
                return statistics.gram_diagonal + statistics.damping

        @hookimpl
        def langgeo_scorers():
            yield records.Scorer(
                "my-scorer", "Squared weight times mean squared input.", "my_plugin:GramScorer",
                statistics=("gram_diagonal",),
            )
    """


@hookspec
def langgeo_quantizers() -> Iterable[records.Quantizer]:  # type: ignore[empty-body]
    """Register quantizers. The factory builds a `protocols.Quantizer`: `scope`, `forms()`, `fit(group)`,
    `encode(scores, fitted, form)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_quantizers():
            yield records.Quantizer("my-bits", "Keep what exceeds the mean.", "my_plugin.bits:MeanBits")
    """


@hookspec
def langgeo_distances() -> Iterable[records.Distance]:  # type: ignore[empty-body]
    """Register distances between signatures. The factory builds a `protocols.Distance`: `terms`, `forms()`,
    `partial(signature)`, `finish(total, size)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_distances():
            yield records.Distance("my-distance", "Share of differing bits.", "my_plugin.distance:Differing")
    """


@hookspec
def langgeo_aggregators() -> Iterable[records.Aggregator]:  # type: ignore[empty-body]
    """Register aggregators. The factory builds a `protocols.Aggregator`: `aggregate(matrices)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_aggregators():
            yield records.Aggregator("my-mean", "Mean of the matrices.", "my_plugin.mean:MyMean")
    """


@hookspec
def langgeo_transforms() -> Iterable[records.Transform]:  # type: ignore[empty-body]
    """Register transforms of the aggregated distances. The factory builds a `protocols.Transform`:
    `transform(distances, languages)`. `pairwise` marks one whose result for a pair does not depend on which other
    languages there are.

    Example::

        from langgeo_core.api import DistanceMatrix
        from langgeo_core.hooks import hookimpl, records

        class Square:
            def transform(self, distances, languages):
                return DistanceMatrix(distances.ids, distances.values**2)

        @hookimpl
        def langgeo_transforms():
            yield records.Transform("my-square", "The squared distances.", "my_plugin:Square", pairwise=True)
    """


@hookspec
def langgeo_embedders() -> Iterable[records.Embedder]:  # type: ignore[empty-body]
    """Register embedders. The factory builds a `protocols.Embedder`: `embed(distances)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_embedders():
            yield records.Embedder("my-map", "Places languages on a line.", "my_plugin.line:Line")
    """


@hookspec
def langgeo_clusterers() -> Iterable[records.Clusterer]:  # type: ignore[empty-body]
    """Register clusterers. The factory builds a `protocols.Clusterer`: `k`, `seeds`, `cluster(embedding, k, seed)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_clusterers():
            yield records.Clusterer("my-groups", "Groups of neighbours.", "my_plugin.groups:Groups")
    """


@hookspec
def langgeo_evaluators() -> Iterable[records.Evaluator]:  # type: ignore[empty-body]
    """Register evaluators. The factory builds a `protocols.Evaluator`: `labels(languages)`, `evaluate(evaluation)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_evaluators():
            yield records.Evaluator("my-typology", "Agreement with word order.", "my_plugin.order:WordOrder")
    """


@hookspec
def langgeo_baselines() -> Iterable[records.Baseline]:  # type: ignore[empty-body]
    """Register baselines: distances between the languages of a run that need no language model. The factory builds a
    `protocols.Baseline`: `distances(context)`. `role` says what they are made from.

    Example::

        from langgeo_core.api import DistanceMatrix
        from langgeo_core.hooks import hookimpl, records

        class TextLengths:
            def distances(self, context):
                lengths = [sum(map(len, context.documents(language.id))) for language in context.languages]
                values = [[abs(one - other) for other in lengths] for one in lengths]
                return DistanceMatrix(tuple(language.id for language in context.languages), values)

        @hookimpl
        def langgeo_baselines():
            yield records.Baseline("my-lengths", "How unlike in length the texts are.", "my_plugin:TextLengths")
    """


@hookspec
def langgeo_exporters() -> Iterable[records.Exporter]:  # type: ignore[empty-body]
    """Register exporters. The factory builds a `protocols.Exporter`: `export(run)`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_exporters():
            yield records.Exporter("my-table", "The nearest neighbours as text.", "my_plugin.table:Table")
    """


@hookspec
def langgeo_executors() -> Iterable[records.Executor]:  # type: ignore[empty-body]
    """Register executors, which have the cells of a run calibrated elsewhere. The factory builds a
    `protocols.Executor`: `elsewhere(plan, store, folder, quiet)`. `langgeo_executors.api.Workers` has that, and asks
    for `texts` and for `open(folder)` with the `submit` of `concurrent.futures`.

    Example::

        from concurrent.futures import ThreadPoolExecutor

        from langgeo_core.hooks import hookimpl, records
        from langgeo_executors.api import Workers

        class Threads(Workers):
            texts = 4

            def open(self, folder):
                return ThreadPoolExecutor(2)

        @hookimpl
        def langgeo_executors():
            yield records.Executor("my-threads", "Two threads of the run's own process.", "my_plugin:Threads")
    """


@hookspec
def langgeo_commands() -> Iterable[records.Command]:  # type: ignore[empty-body]
    """Register commands of `langgeo`. The factory is a `click.Command` with the name of the record. It is imported when
    it is called. Its context's object is a dictionary with the options before the command: `registry`, `quiet`,
    `verbose`. A command that reads a key of configs names it as `config_key`, and with `check` the function that
    returns the problems of what is written there: `langgeo validate` reports them.

    Example::

        import click

        from langgeo_core.hooks import hookimpl, records

        @click.command("my-count")
        @click.argument("run")
        def count(run):
            \"""Count the languages of a finished RUN.\"""
            from langgeo_core.api import Run

            click.echo(len(Run(run).languages))

        @hookimpl
        def langgeo_commands():
            yield records.Command("my-count", "Count the languages of a run.", "my_plugin:count")
    """


@hookspec
def langgeo_readers() -> Iterable[records.Reader]:  # type: ignore[empty-body]
    """Register readers of distance matrices that other programs wrote. The factory builds a `protocols.Reader`:
    `example`, `recognises(beginning)`, `read(text)`. It has no options. The record's name is the format's name, which
    users write with `--format`.

    Example::

        from langgeo_core.hooks import hookimpl, records
        @hookimpl
        def langgeo_readers():
            yield records.Reader("my-format", "A matrix as my program writes it.", "my_plugin.reader:MyFormat")
    """
