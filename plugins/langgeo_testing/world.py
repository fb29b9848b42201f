"""Real languages with made-up texts, and distances between them that follow their families."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import (
    Clustering,
    CorpusIdentity,
    DistanceMatrix,
    Embedding,
    Evaluation,
    Language,
    NetworkParts,
    Text,
    WeightMatrix,
)
from langgeo_core.languages.table import LanguageTable

IDS = ("deu", "eng", "swe", "spa", "fra", "ita", "rus", "pol", "fin", "tur", "kaz", "hin")
OTHER_SCRIPTS = {"rus": "Cyrl", "kaz": "Cyrl", "hin": "Deva"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Labels = dict[str, tuple[str | None, ...]]


def languages() -> tuple[Language, ...]:
    """Twelve languages of three families, with what Glottolog says of them, and the script that each is written in."""
    known = map(LanguageTable().lookup, IDS)
    return tuple(replace(one, script=OTHER_SCRIPTS.get(one.id, "Latn")) for one in known)


def made_up_text(language: str, letters: int = 700) -> str:
    """Words whose letters follow a distribution of the language's own; the same at every call."""
    draw = random.Random(language)
    weights = [draw.random() ** 4 for _ in LETTERS]
    words = ("".join(draw.choices(LETTERS, weights, k=draw.randint(2, 9))) for _ in range(letters // 4))
    return " ".join(words)[:letters]


class MadeUpCorpus:
    """Texts in three of the languages, as a corpus plugin gives them."""

    def identity(self) -> CorpusIdentity:
        """Nobody's text, for everybody."""
        return CorpusIdentity("made-up", "1", "CC0-1.0", "made up")

    def languages(self) -> tuple[str, ...]:
        """The first three."""
        return IDS[:3]

    def read(self, language: str) -> Text:
        """A hundred words or so, the same at every call."""
        return Text(language, (made_up_text(language),), "made up")


def coordinates(known: tuple[Language, ...]) -> NDArray[np.float64]:
    """(languages, 4) points near those of the same branch, and less near those of the same family."""
    return np.stack(
        [_place(f"family {one.family}", 3) + _place(f"branch {one.branch}", 1.5) + _place(one.id, 0.4) for one in known]
    )


def _place(name: str, spread: float) -> NDArray[np.float64]:
    seed = int.from_bytes(name.encode()[-6:], "big")
    return np.random.default_rng(seed).normal(scale=spread, size=4)


def distances_between(known: tuple[Language, ...]) -> DistanceMatrix:
    """Euclidean distances of the points."""
    points = coordinates(known)
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(tuple(one.id for one in known), values)


def evaluation(known: tuple[Language, ...], labels: Labels) -> Evaluation:
    """What a run gives an evaluator: one clustering for each level, and one of the clusterer's own number."""
    ids = tuple(one.id for one in known)
    families = {family: number for number, family in enumerate(sorted({one.family for one in known}))}
    groups = np.array([families[one.family] for one in known])
    clusterings = [Clustering(ids, groups, "kmeans", level, len(families), seed) for level in labels for seed in (0, 1)]
    clusterings.append(Clustering(ids, np.where(groups == 1, -1, groups), "hdbscan"))
    embedding = Embedding(ids, coordinates(known))
    parts = _network(known, labels)
    return Evaluation(known, distances_between(known), embedding, tuple(clusterings), labels, 5, parts=parts)


def _network(known: tuple[Language, ...], labels: Labels) -> NetworkParts:
    """A model of two layers, in which the distances grow with the number of matrices that are asked for."""
    matrices = tuple(
        WeightMatrix(f"layers.{layer}.{module}", layer, module, 16, 16, "")
        for layer in (0, 1)
        for module in ("q_proj", "down_proj")
    )

    def distances(_: str, chosen: NDArray[np.bool_]) -> DistanceMatrix:
        whole = distances_between(known)
        return DistanceMatrix(whole.ids, whole.values * chosen.sum())

    def judged(found: DistanceMatrix, seeds: int) -> Evaluation:
        own = {one.id: place for place, one in enumerate(known)}
        rows = [own[identifier] for identifier in found.ids]
        of_part = {level: tuple(classes[row] for row in rows) for level, classes in labels.items()}
        given = evaluation(tuple(known[row] for row in rows), of_part)
        clusterings = tuple(one for one in given.clusterings if one.level and one.seed < seeds)
        return replace(given, distances=found, clusterings=clusterings)

    return NetworkParts({"model": matrices}, distances, judged)
