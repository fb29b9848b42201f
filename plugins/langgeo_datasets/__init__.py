"""Text in many languages from large data sets: of the Hugging Face hub, or in a folder with the same layout."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_corpora() -> Iterator[records.Corpus]:
    """Register `hub-text`."""
    yield records.Corpus(
        "hub-text",
        "A seeded sample of documents from a data set of the hub, or from a folder with the same layout.",
        "langgeo_datasets.corpus:HubText",
        options="langgeo_datasets.options:HubTextOptions",
        requires=("datasets",),
        install='"langgeo[datasets]"',
        source="https://huggingface.co/docs/datasets",
        licence="the data set's own",
    )
