"""First-order scorers, and controls."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_scorers() -> Iterator[components.Scorer]:
    """Register the scorers."""
    yield components.Scorer(
        "wanda",
        "w_ij² · Σ x_j² / tokens: weight times activation norm, squared.",
        "langgeo_scorers.activations:Wanda",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
        source="Sun et al. 2024, A Simple and Effective Pruning Approach for Large Language Models, arXiv 2306.11695",
    )
    yield components.Scorer(
        "activation-norm",
        "Σ x_j² / tokens alone, without the weight: what the inputs say by themselves.",
        "langgeo_scorers.activations:ActivationNorm",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
    )
    yield components.Scorer(
        "magnitude",
        "Control: w_ij² alone, the same for every language, so that all distances are zero.",
        "langgeo_scorers.controls:Magnitude",
        statistics=("gram_diagonal",),
    )
    yield components.Scorer(
        "random",
        "Control: g drawn for each language and feature, so that nothing of the languages is left.",
        "langgeo_scorers.controls:Random",
        options="langgeo_scorers.options:RandomOptions",
        statistics=("gram_diagonal",),
    )
