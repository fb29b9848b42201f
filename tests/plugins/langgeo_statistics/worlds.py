"""Evaluations over made-up languages whose distances follow what a test says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langgeo_core.api import DistanceMatrix, Embedding, Evaluation, Language

SCRIPTS = ("Latn", "Cyrl")


def languages(families: int = 4, branches: int = 2, members: int = 3) -> tuple[Language, ...]:
    """Families of branches of members; every other family is written in another script; places are random."""
    rng = np.random.default_rng(1)
    made = []
    for family in range(families):
        for branch in range(branches):
            for member in range(members):
                name = f"{'abcdefgh'[family]}{'abcdefgh'[branch]}{'abcdefgh'[member]}"
                made.append(
                    Language(
                        name,
                        name,
                        glottocode=f"{name}1234",
                        family=f"F{family}",
                        script=SCRIPTS[family % 2],
                        lineage=(f"f{family}", f"f{family}b{branch}"),
                        latitude=float(rng.uniform(-60, 60)),
                        longitude=float(rng.uniform(-180, 180)),
                    )
                )
    return tuple(made)


def related(known: Sequence[Language], noise: float = 0.0) -> np.ndarray:
    """1 within a branch, 2 within a family, 3 between families, and noise."""
    shared = [[sum(map(str.__eq__, one.lineage, other.lineage)) for other in known] for one in known]
    values = 3.0 - np.array(shared)
    wild = noise * np.random.default_rng(2).random(values.shape)
    values += np.triu(wild, 1) + np.triu(wild, 1).T
    np.fill_diagonal(values, 0.0)
    return values


def evaluation(
    known: Sequence[Language], values: np.ndarray, baselines: dict[str, np.ndarray] | None = None
) -> Evaluation:
    ids = tuple(language.id for language in known)
    others = {name: DistanceMatrix(ids, matrix) for name, matrix in (baselines or {}).items()}
    points = Embedding(ids, np.zeros((len(ids), 1)))
    return Evaluation(tuple(known), DistanceMatrix(ids, values), points, (), {}, 0, others)


def noise(n: int, seed: int) -> np.ndarray:
    """Symmetric independent numbers."""
    wild = np.triu(np.random.default_rng(seed).random((n, n)), 1)
    return wild + wild.T
