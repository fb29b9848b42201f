"""Models of Hugging Face transformers."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_models() -> Iterator[records.Model]:
    """Register the models."""
    yield records.Model(
        "huggingface",
        "Any decoder or encoder of transformers: a local folder, a model of the hub, or a GGUF file.",
        "langgeo_hf.model:huggingface_model",
        options="langgeo_hf.options:HuggingFaceOptions",
        source="https://huggingface.co/docs/transformers",
    )
