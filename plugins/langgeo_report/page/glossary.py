"""What each metric means, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.api import Metric

_MEANINGS = {
    "ari": "Adjusted Rand index: agreement of clusters with classes over pairs of languages; 0 is chance, 1 perfect.",
    "ami": "Adjusted mutual information of clusters and classes; 0 is chance, 1 perfect.",
    "nmi": "Normalised mutual information of clusters and classes, 0 to 1; rises with the number of clusters.",
    "purity": "Share of languages whose cluster is named after their class; many clusters raise it by themselves, "
    "so read it against its null.",
    "homogeneity": "How far each cluster holds one class only, 0 to 1.",
    "completeness": "How far each class lies in one cluster only, 0 to 1.",
    "vmeasure": "Harmonic mean of homogeneity and completeness, 0 to 1.",
    "silhouette": "How much nearer a language is to its own group than to the next, -1 to 1; near 0 the groups touch.",
    "neighbours": "Share of languages with company in their class whose nearest neighbour is of that class.",
    "nn3": "Share of a language's three nearest that are of its class, of as many as there are.",
    "nn5": "Share of a language's five nearest that are of its class, of as many as there are.",
    "noise": "Share of languages that the clusterer leaves outside every cluster.",
    "mantel": "Correlation of the distances with another matrix, tested by permuting languages.",
    "anosim": "How much larger distances are between classes than within (ranks), -1 to 1.",
    "permanova": "Share of squared distance that lies between classes.",
    "cophenetic": "Correlation of the distances with those along a tree.",
    "tripletagreement": "Share of the triples resolved in Glottolog's rooted tree that the run's resolves likewise; "
    "1 in 3 is chance.",
    "quartetdistance": "Share of the quartets resolved in Glottolog's tree that the run's does "
    "not resolve likewise; 2 in 3 is chance.",
    "delta": "Delta score: how far quartets of distances are from any tree, 0 to 1; 0 fits a tree exactly.",
    "qresidual": "How far quartets of distances are from any tree, squared, with a mean distance of 1.",
    "support": "Median support of the tree's clades: the share of four trees, each of the texts without one of four "
    "blocks, that have a clade.",
    "fullsupport": "Share of the tree's clades that all four trees without a block of the texts have.",
    "triplets": "Share of language triples whose closest pair is the one the classification calls closest.",
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
    "ari": "adjusted Rand index",
    "ami": "adjusted mutual information",
    "nmi": "normalised mutual information",
    "neighbours": "nearest-neighbour agreement",
    "vmeasure": "V-measure",
}


def title(metric: str) -> str:
    """What to call the metric in a sentence."""
    return _TITLES.get(_key(metric), metric.replace("_", " "))


def meaning(metric: str) -> str:
    """The metric in a sentence, or nothing for one that is not known here."""
    return _MEANINGS.get(_key(metric), "")


def _key(metric: str) -> str:
    key = "".join(character for character in metric.lower() if character.isalnum())
    return _ALIASES.get(key, key)


def explanations(metrics: Sequence[Metric]) -> dict[str, str]:
    """The meanings of all metrics that occur, in their order."""
    names = dict.fromkeys(metric.metric for metric in metrics)
    return {name: meaning(name) for name in names if meaning(name)}
