"""Second-order weight importance after SparseGPT."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_scorers() -> Iterator[components.Scorer]:
    """Register the scorer."""
    yield components.Scorer(
        "sparsegpt",
        "w_ij² / [H⁻¹]_jj: the error of removing a weight, to second order.",
        "langgeo_sparsegpt.scorer:SparseGPT",
        options="langgeo_sparsegpt.options:SparseGPTOptions",
        statistics=("inverse_diagonal", "cholesky_diagonal"),
        source="Frantar & Alistarh 2023, arXiv 2301.00774; Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
