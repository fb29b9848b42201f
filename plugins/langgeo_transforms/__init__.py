"""Other distances of the aggregated ones."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_transforms() -> Iterator[records.Transform]:
    """Register the transforms."""
    yield records.Transform(
        "whiten",
        "The angle between languages in the leading axes of their space, each axis scaled to the same variance.",
        "langgeo_transforms.angles:Whiten",
        options="langgeo_transforms.options:WhitenOptions",
        source="Torgerson 1952, Multidimensional Scaling: I. Theory and Method; "
        "Su, Cao, Liu & Ou 2021, Whitening Sentence Representations for Better Semantics and Faster Retrieval, arXiv "
        "2103.15316",
    )
    yield records.Transform(
        "centre",
        "The angle between languages as seen from the mean of all.",
        "langgeo_transforms.angles:Centre",
    )
    yield records.Transform(
        "same-lines",
        "The mean squared distance between two languages' translations of the same lines, as in mPLM-Sim.",
        "langgeo_transforms.same_lines:SameLines",
        source="Lin, Hu, Zhang, Martins & Schütze 2024, mPLM-Sim: Better Cross-Lingual Similarity and Transfer in "
        "Multilingual Pretrained Language Models, arXiv 2305.13684",
    )
    yield records.Transform(
        "whiten-within",
        "The angle between languages where what varies within a language counts little; reads replicates of texts.",
        "langgeo_transforms.whiten_within:WhitenWithin",
        options="langgeo_transforms.options:WhitenWithinOptions",
        source="Hatch, Kajarekar & Stolcke 2006, Within-Class Covariance Normalization for SVM-Based Speaker "
        "Recognition; "
        "Ledoit & Wolf 2004, A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices",
    )
    yield records.Transform(
        "local-scaling",
        "Distances relative to how far both languages' neighbours are, against hubs and outliers.",
        "langgeo_transforms.scaling:LocalScaling",
        options="langgeo_transforms.options:LocalScalingOptions",
        source="Zelnik-Manor & Perona 2004; Schnitzer, Flexer, Schedl & Widmer 2012",
    )
    yield records.Transform(
        "partial-out",
        "What is left of the distances when a regression has taken out script, place or another matrix.",
        "langgeo_transforms.partial_out:PartialOut",
        options="langgeo_transforms.options:PartialOutOptions",
        source="Legendre, Lapointe & Casgrain 1994, Modeling Brain Evolution from Behavior: A Permutational "
        "Regression Approach",
    )
    yield records.Transform(
        "rank",
        "The rank of each distance among all pairs, as a share of their number.",
        "langgeo_transforms.scaling:Rank",
    )
    yield records.Transform(
        "sqrt",
        "The square root, which makes Euclidean distances of Hamming distances of bits.",
        "langgeo_transforms.scaling:SquareRoot",
        pairwise=True,
        source="Gower & Legendre 1986",
    )


@hookimpl
def langgeo_baselines() -> Iterator[records.Baseline]:
    """Register `transformed`."""
    yield records.Baseline(
        "transformed",
        "Another baseline after transforms: what these do to distances without a language model.",
        "langgeo_transforms.baseline:Transformed",
        options="langgeo_transforms.options:TransformedOptions",
    )
