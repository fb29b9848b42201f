"""How numbers are printed, and what each metric means. A figure that is missing is printed as nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langgeo_core.api import Metric
from langgeo_inference.api import TINY

_MEANINGS = {
    "ari": "Adjusted Rand index: agreement of clusters with classes over pairs of languages; 0 is chance, 1 perfect.",
    "ami": "Adjusted mutual information of clusters and classes; 0 is chance, 1 perfect.",
    "nmi": "Normalised mutual information of clusters and classes, 0 to 1; increases with the number of clusters.",
    "purity": "Share of languages that are in the most frequent class of their cluster; increases with the number of "
    "clusters, so compare it with its null.",
    "homogeneity": "1 if each cluster contains only one class, 0 at worst.",
    "completeness": "1 if each class is in only one cluster, 0 at worst.",
    "vmeasure": "Harmonic mean of homogeneity and completeness, 0 to 1.",
    "silhouette": "How much closer a language is to its own group than to the next one, -1 to 1; near 0 the groups "
    "overlap.",
    "neighbours": "Share of languages whose nearest neighbour is of their class, among those that are not alone in it.",
    "nn3": "Share of a language's three nearest neighbours that are of its class, relative to the largest possible.",
    "nn5": "Share of a language's five nearest neighbours that are of its class, relative to the largest possible.",
    "map": "Mean average precision: how high the languages of its class rank when all languages are ranked by their "
    "distance from a language, among those that are not alone in their class; 1 if they all come first.",
    "mapacrossscripts": "Mean average precision where only languages in other scripts are ranked, so that shared "
    "letters cannot help; its chance is for labels shuffled within scripts.",
    "mapwithinscript": "Mean average precision where only languages in the language's own script are ranked; its "
    "chance is for labels shuffled within scripts.",
    "mapbyclass": "Mean average precision, first averaged within each class, so that large classes do not decide.",
    "mapacrossscriptsbyclass": "Mean average precision across scripts, first averaged within each class.",
    "mapwithinscriptbyclass": "Mean average precision within scripts, first averaged within each class.",
    "noise": "Share of languages that the clusterer assigns to no cluster.",
    "mantel": "Correlation of the distances with another matrix, tested by permuting languages.",
    "anosim": "How much larger distances (as ranks) are between classes than within them, -1 to 1.",
    "permanova": "Share of the sum of squared distances that is between classes.",
    "cophenetic": "Correlation of the distances with those along a tree.",
    "tripletagreement": "Share of the triples resolved in Glottolog's rooted tree that the run's tree resolves in the "
    "same way; 1 in 3 is chance.",
    "quartetdistance": "Share of the quartets resolved in Glottolog's tree that the run's tree does "
    "not resolve in the same way; 2 in 3 is chance.",
    "delta": "Delta score: how far quartets of distances are from any tree, 0 to 1; 0 fits a tree exactly.",
    "qresidual": "Squared deviation of quartets of distances from any tree, with the mean distance scaled to 1.",
    "support": "Median support of the tree's clades: the share of trees, one for each replicate of the texts that "
    "is left out, that contain a clade.",
    "fullsupport": "Share of the tree's clades that are in all trees without one replicate of the texts.",
    "triplets": "Share of language triples whose closest pair is the closest one in the classification.",
    "quartets": "Share of four-language subtrees that agree with the classification.",
    "gamma": "Rank agreement of distances with the classification's tree, -1 to 1; 0 is chance.",
}
_ALIASES = {
    "adjustedrand": "ari",
    "adjustedrandindex": "ari",
    "adjustedmutualinformation": "ami",
    "normalizedmutualinformation": "nmi",
    "nn1": "neighbours",
    "1nn": "neighbours",
    "knn": "neighbours",
    "nn": "neighbours",
    "nearestneighbour": "neighbours",
    "nearestneighbours": "neighbours",
    "neighbouragreement": "neighbours",
    "triplet": "triplets",
    "quartet": "quartets",
}
_TITLES = {
    "map": "mean average precision",
    "mapacrossscripts": "mean average precision across scripts",
    "mapwithinscript": "mean average precision within scripts",
    "ari": "adjusted Rand index",
    "ami": "adjusted mutual information",
    "nmi": "normalised mutual information",
    "neighbours": "nearest-neighbour agreement",
    "vmeasure": "V-measure",
}


def number(value: float | None) -> str:
    """Three decimals."""
    return "" if value is None else f"{value:z.3f}".replace("-", "−")


def spread(sd: float | None, digits: int = 3) -> str:
    """`± 0.050`, only ever a standard deviation; nothing where all values were the same, so that nothing could vary."""
    return f"± {sd:.{digits}f}" if sd and sd > TINY else ""


def probability(p: float | None) -> str:
    """Three decimals, or `< 0.001`."""
    if p is None:
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(value: float) -> str:
    """`12.3 %`."""
    return f"{100 * value:.1f} %"


def interval(metric: Metric, printed: Callable[[float], str] = number) -> str:
    """`0.300 to 0.520`."""
    return " to ".join(map(printed, metric.interval or ()))


def with_interval(metric: Metric) -> str:
    """`0.420 (0.300 to 0.520)`."""
    return f"{number(metric.value)} ({ends})" if (ends := interval(metric)) else number(metric.value)


def in_brackets(metric: Metric) -> str:
    """The interval as `[0.30, 0.52]`."""
    ends = ", ".join(f"{end:z.2f}".replace("-", "−") for end in metric.interval or ())
    return f"[{ends}]" if ends else ""


def class_interval(metric: Metric) -> str:
    """The interval over classes and their number: `0.300 to 0.780 (6)`; empty for a metric without one."""
    low, high = (metric.extras.get(end) for end in ("class_ci_low", "class_ci_high"))
    known = low is not None and high is not None
    return f"{number(low)} to {number(high)} ({metric.extras['classes']:.0f})" if known else ""


def title(metric: str) -> str:
    """What the metric is called in a sentence."""
    return _TITLES.get(_key(metric), metric.replace("_", " "))


def meaning(metric: str) -> str:
    """The metric explained in a sentence; empty for an unknown one."""
    return _MEANINGS.get(_key(metric), "")


def _key(metric: str) -> str:
    key = "".join(character for character in metric.lower() if character.isalnum())
    return _ALIASES.get(key, key)


def explanations(metrics: Sequence[Metric]) -> dict[str, str]:
    """The meaning of each metric that occurs, in their order."""
    names = dict.fromkeys(metric.metric for metric in metrics)
    return {name: meaning(name) for name in names if meaning(name)}


def duration(seconds: float) -> str:
    """Seconds in words.

    Examples
    --------
    >>> duration(4.21), duration(40), duration(200), duration(2400), duration(7500), duration(3e8)
    ('4.2 s', '40 s', '3 min 20 s', '40 min', '2 h 5 min', '3,472 days')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole >= 4 * 86400:
        return f"{whole / 86400:,.0f} days"
    larger, smaller, whole = ("min", "s", whole) if whole < 3600 else ("h", "min", whole // 60)
    first, rest = divmod(whole, 60)
    return f"{first} {larger} {rest} {smaller}" if rest else f"{first} {larger}"
