"""Weight importance: second order after SparseGPT, first order, from the gradient of the loss, and controls."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_scorers() -> Iterator[records.Scorer]:
    """Register the scorers."""
    yield records.Scorer(
        "sparsegpt",
        "w_ij² / [H⁻¹]_jj: the error of removing a weight, to second order.",
        "langgeo_scorers.sparsegpt:SparseGPT",
        options="langgeo_scorers.sparsegpt_options:SparseGPTOptions",
        statistics=("inverse_diagonal", "cholesky_diagonal"),
        source="Frantar & Alistarh 2023, arXiv 2301.00774; Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Scorer(
        "wanda",
        "w_ij² · Σ x_j² / tokens: weight times activation norm, squared.",
        "langgeo_scorers.activations:Wanda",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
        source="Sun et al. 2024, A Simple and Effective Pruning Approach for Large Language Models, arXiv 2306.11695",
    )
    yield records.Scorer(
        "activation-norm",
        "Σ x_j² / tokens alone, without the weight: what the inputs say by themselves.",
        "langgeo_scorers.activations:ActivationNorm",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "magnitude",
        "Control: w_ij² alone, the same for every language, so that all distances are zero.",
        "langgeo_scorers.controls:Magnitude",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "random",
        "Control: g drawn for each language and feature, so that nothing of the languages is left.",
        "langgeo_scorers.controls:Random",
        options="langgeo_scorers.options:RandomOptions",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "fisher",
        "w_ij² · F_ij, the Fisher information's diagonal: the loss of removing a weight, to second order.",
        "langgeo_scorers.fisher:Fisher",
        per_weight=True,
        source="LeCun, Denker & Solla 1990, Optimal Brain Damage; Theis et al. 2018, arXiv 1801.05787; "
        "Goodfellow 2015, arXiv 1510.01799",
    )
    yield records.Scorer(
        "taylor",
        "(w_ij · ∂loss/∂w_ij)²: the loss of removing a weight, to first order.",
        "langgeo_scorers.taylor:Taylor",
        per_weight=True,
        source="Molchanov et al. 2017, arXiv 1611.06440; Molchanov et al. 2019, arXiv 1906.10771",
    )
