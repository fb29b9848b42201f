"""What `langgeo rank fit` keeps: trees, the worth and size of each source, and the distances that they go with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from langgeo_atlas.api import LanguageSpace
from langgeo_core.api import DamagedFileError, Language, UserError, read_record, write_record
from langgeo_transfer.distances import between, positions, with_scripts
from langgeo_transfer.figures import Pairs
from langgeo_transfer.ranking import Choice, Trees, choose, learn, lightgbm
from langgeo_transfer.table import Task


@dataclass(frozen=True)
class Fitted:
    """Trees as LightGBM's text, empty where none were chosen; `worth` and `sizes` are by the id of the source."""

    task: str
    spaces: tuple[str, ...]
    choice: Choice
    trees: str
    worth: Mapping[str, float]
    sizes: Mapping[str, float | None]

    def ranked(
        self, target: Language, sources: Sequence[Language], spaces: Sequence[LanguageSpace]
    ) -> list[tuple[Language, float]]:
        """The sources with their scores, the best first."""
        scores = np.zeros((1, len(sources)))
        known = positions(tuple(self.worth), sources)
        sizes = np.array([self.sizes[one] for one in self.worth], dtype=np.float64)  # NaN for None
        sizes = np.where(known < 0, np.nan, sizes[known])[np.newaxis]
        task = Task(self.task, (target,), tuple(sources), scores, sizes)
        task = with_scripts(task, dict(zip(self.spaces, ((one,) for one in spaces), strict=True)))
        near = {name: between(one.distances, [target], sources) for name, one in zip(self.spaces, spaces, strict=True)}
        pairs = Pairs(self.task, task.targets, task.sources, scores, sizes, near, ())
        own = np.where(known < 0, 0.0, np.array([*self.worth.values()])[known])[np.newaxis]
        boosters = {self.choice.weight: lightgbm().Booster(model_str=self.trees)} if self.trees else {}
        (found,) = -Trees(boosters, own).predict(pairs, np.array([0]), self.choice)
        return [(sources[place], float(found[place])) for place in np.argsort(-found, kind="stable")]


def fitted_to(pairs: Pairs, names: Sequence[str]) -> Fitted:
    """What is learnt from all targets."""
    every = np.arange(len(pairs.targets))
    choice = choose(pairs, every)
    trees = learn(pairs, every, weights=(choice.weight,), rounds=max(choice.rounds, 1))
    text = trees.boosters[choice.weight].model_to_string(num_iteration=choice.rounds) if choice.rounds else ""
    known = np.isfinite(pairs.scores)
    centred = pairs.scores - np.nanmean(pairs.scores, axis=1, keepdims=True)
    scaled = np.where(known, centred / np.nanstd(pairs.scores, axis=1, keepdims=True), 0.0)
    worth = scaled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    sized = np.isfinite(pairs.sizes)
    sizes = np.where(sized, pairs.sizes, 0.0).sum(axis=0) / np.maximum(sized.sum(axis=0), 1)
    used = np.flatnonzero(known.any(axis=0)).tolist()
    return Fitted(
        pairs.task,
        tuple(names),
        choice,
        text,
        {pairs.sources[place].id: float(worth[place]) for place in used},
        {pairs.sources[place].id: float(sizes[place]) if sized[:, place].any() else None for place in used},
    )


def write_fitted(file: Path, fitted: Fitted) -> None:
    """Write it as JSON with a checksum of itself."""
    write_record(file, asdict(fitted))


def read_fitted(file: Path) -> Fitted:
    """Read what `write_fitted` wrote.

    Raises
    ------
    UserError
        If the file is not there.
    DamagedFileError
        If it is no such file, or was edited.
    """
    try:
        kept = read_record(file)
        return Fitted(**{**kept, "spaces": tuple(kept["spaces"]), "choice": Choice(**kept["choice"])})
    except OSError as failure:
        raise UserError(
            f"cannot read {file}: {failure.strerror}", "langgeo rank fit TABLE --out FILE makes one"
        ) from None
    except (ValueError, TypeError, KeyError, json.JSONDecodeError) as failure:
        raise DamagedFileError(f"{file} is not what `langgeo rank fit` keeps: {failure}", "fit it again") from failure
