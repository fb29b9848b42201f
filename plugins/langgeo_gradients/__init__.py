"""Weight importance from the gradient of the text's loss."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_scorers() -> Iterator[components.Scorer]:
    """Register the scorers."""
    yield components.Scorer(
        "fisher",
        "w_ij² · F_ij, the Fisher information's diagonal: the loss of removing a weight, to second order.",
        "langgeo_gradients.fisher:Fisher",
        per_weight=True,
        source="LeCun, Denker & Solla 1990, Optimal Brain Damage; Theis et al. 2018, arXiv 1801.05787; "
        "Goodfellow 2015, arXiv 1510.01799",
    )
    yield components.Scorer(
        "taylor",
        "(w_ij · ∂loss/∂w_ij)²: the loss of removing a weight, to first order.",
        "langgeo_gradients.taylor:Taylor",
        per_weight=True,
        source="Molchanov et al. 2017, arXiv 1611.06440; Molchanov et al. 2019, arXiv 1906.10771",
    )
