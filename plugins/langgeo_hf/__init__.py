"""Models of Hugging Face transformers."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_models() -> Iterator[components.Model]:
    """Register the models."""
    yield components.Model(
        "huggingface",
        "A model that transformers reads from a local folder of safetensors.",
        "langgeo_hf.folder:FolderModel",
        options="langgeo_hf.options:FolderOptions",
        source="https://huggingface.co/docs/transformers",
    )
