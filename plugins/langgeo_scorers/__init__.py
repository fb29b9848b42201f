"""Scores of weights: SparseGPT, activations, gradients of the loss, and two controls."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_scorers() -> Iterator[records.Scorer]:
    """Register the scorers."""
    yield records.Scorer(
        "sparsegpt",
        "w_ij² / [H⁻¹]_jj: the second-order error of removing a weight.",
        "langgeo_scorers.features:SparseGPT",
        options="langgeo_scorers.options:SparseGPTOptions",
        statistics=("inverse_diagonal", "cholesky_diagonal"),
        source="Frantar & Alistarh 2023, SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot, "
        "arXiv 2301.00774; "
        "Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Scorer(
        "wanda",
        "w_ij² · Σ x_j² / tokens: weight times activation norm, squared.",
        "langgeo_scorers.features:Wanda",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
        source="Sun et al. 2024, A Simple and Effective Pruning Approach for Large Language Models, arXiv 2306.11695",
    )
    yield records.Scorer(
        "activation-norm",
        "Σ x_j² / tokens: the mean squared activation, without the weights.",
        "langgeo_scorers.features:ActivationNorm",
        options="langgeo_scorers.options:ActivationOptions",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "activation-mean",
        "Σ x_j / tokens: the mean activation, without the weights; may be negative.",
        "langgeo_scorers.features:ActivationMean",
        statistics=("mean",),
        signed=True,
    )
    yield records.Scorer(
        "activation-probability",
        "The share of tokens at which x_j > 0, without the weights: how often a neuron is active.",
        "langgeo_scorers.features:ActivationProbability",
        statistics=("positive",),
        source="Tang et al. 2024, Language-Specific Neurons: The Key to Multilingual Capabilities in Large Language "
        "Models, arXiv 2402.16438",
    )
    yield records.Scorer(
        "hidden-mean",
        "The mean of the residual stream before each decoder layer and after the last; may be negative.",
        "langgeo_scorers.features:HiddenMean",
        statistics=("hidden",),
        signed=True,
        source="docs/explanation/method.md",
    )
    yield records.Scorer(
        "magnitude",
        "Control: w_ij², the same for all languages, so all distances are zero.",
        "langgeo_scorers.features:Magnitude",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "random",
        "Control: w_ij² times a random factor for each language and feature; distances unrelated to the languages.",
        "langgeo_scorers.features:Random",
        options="langgeo_scorers.options:RandomOptions",
        statistics=("gram_diagonal",),
    )
    yield records.Scorer(
        "fisher",
        "w_ij² · F_ij, F the diagonal of the Fisher information: the second-order loss of removing a weight.",
        "langgeo_scorers.gradients:Fisher",
        options="langgeo_scorers.options:FisherOptions",
        per_weight=True,
        collector="langgeo_scorers.collector:GradientCollector",
        source="LeCun, Denker & Solla 1990, Optimal Brain Damage; Theis et al. 2018, arXiv 1801.05787; Goodfellow "
        "2015, arXiv 1510.01799; Yun et al. 2023, arXiv 2310.17166",
    )
    yield records.Scorer(
        "gradient",
        "∂loss/∂w_ij with its sign: its inner products predict what training on one language does to another.",
        "langgeo_scorers.gradients:Gradient",
        per_weight=True,
        signed=True,
        collector="langgeo_scorers.collector:GradientCollector",
        source="Pruthi et al. 2020, Estimating Training Data Influence by Tracing Gradient Descent, arXiv 2002.08484",
    )
    yield records.Scorer(
        "taylor",
        "(w_ij · ∂loss/∂w_ij)²: the first-order loss of removing a weight, squared.",
        "langgeo_scorers.gradients:Taylor",
        per_weight=True,
        source="Molchanov et al. 2017, arXiv 1611.06440; Molchanov et al. 2019, arXiv 1906.10771",
    )
