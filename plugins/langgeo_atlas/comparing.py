"""Two spaces of languages beside each other: how alike they are, which has the better figures, what moved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langgeo_atlas.packaged import space, spaces
from langgeo_atlas.space import LanguageSpace, load_run, lost_in_noise, needed_pandas, slug
from langgeo_core.api import (
    DistanceMatrix,
    LanguageTable,
    Metric,
    Run,
    UserError,
    catalog_of,
    draft_matrix,
    installed,
    is_empty,
    run,
    schema,
    write_distances,
    write_table,
)
from langgeo_core.hooks import records
from langgeo_formats.api import read_matrix, what_to_open
from langgeo_inference.api import holm

if TYPE_CHECKING:
    import pandas as pd

Float64 = NDArray[np.float64]
FEWEST = 4
PAIRS = "pairs.csv"
PERMUTATIONS = 999


class Figure(NamedTuple):
    """A figure of both spaces over the languages of both, and by how much it differs.

    `low` to `high` is the 95 % interval of the difference over the same halves of the languages, `p` two-sided of no
    difference, `adjusted` by Holm over the figures of a level.
    """

    level: str
    metric: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    n: int


class Moved(NamedTuple):
    """A pair of languages, and the share of pairs that are nearer than it in each space."""

    one: str
    other: str
    first: float
    second: float


@dataclass(frozen=True)
class SpaceComparison:
    """What `compare` found over the `ids` that both spaces have.

    Parameters
    ----------
    pearson, spearman : correlation of the distances over all pairs
    p : of a correlation this high with the languages of one space in random order (Mantel 1967), one-sided
    figures : the headline figures of the first evaluator that has some, at its level
    pairs : all pairs, the one whose rank differs most first
    languages : each language with Spearman's correlation of its distances to all others, the least alike first
    report : what to open: the first space's run with the second as its baseline; empty where no folder was asked for
    notes : what was left out or taken for granted, such as scripts that the spaces do not say
    equal : whether all distances are the same, up to rounding
    """

    names: tuple[str, str]
    ids: tuple[str, ...]
    pearson: float
    spearman: float
    p: float
    figures: tuple[Figure, ...]
    pairs: tuple[Moved, ...]
    languages: tuple[tuple[str, float], ...]
    report: str = ""
    notes: tuple[str, ...] = ()
    equal: bool = False

    def to_frame(self) -> pd.DataFrame:
        """The figures, a row for each."""
        return needed_pandas().DataFrame(self.figures)


def as_space(given: Any, kind: str = "") -> LanguageSpace:
    """A space from itself, the name of a packaged one, the folder or name of a run, a file of distances, or a frame.

    Raises
    ------
    UserError
        If it is none of these.
    """
    if isinstance(given, LanguageSpace):
        return given
    if hasattr(given, "columns") and hasattr(given, "to_numpy"):  # a frame of pandas or of another library
        return _of_frame(given)
    name = str(given)
    if name in spaces():
        return space(name)
    if folder := run_folder(name):
        return load_run(folder)
    if Path(name).is_file():
        found = read_matrix(Path(name), skip_unknown=True)
        return _bare(found.distances, Path(name).stem, f"The file {name}.")
    raise UserError(
        f"there is no space {name!r}", f"a run folder, a file of distances, or one of {', '.join(spaces())}"
    )


def run_folder(name: str) -> Path | None:
    """The folder of this path, or of this name among `runs`; None where there is none."""
    return next((folder for folder in (Path(name), Path("runs") / name) if folder.is_dir()), None)


def compare(first: Any, second: Any, out: str | Path | None = None, settings: Mapping[str, Any] | None = None,
            quiet: bool = True) -> SpaceComparison:  # fmt: skip
    """Compare two spaces over the languages that both have.

    Parameters
    ----------
    first, second : each as `as_space` takes it
    out : where to keep the run folder with its report, `pairs.csv` and `languages.csv`; None for nowhere

    Raises
    ------
    UserError
        If they share fewer than four languages, or lack a pair of these, or the folder holds something else.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> found = lg.compare("runs/mine", "letters")  # a run against the letters of its languages
    >>> found.names, len(found.ids), -1 <= found.spearman <= 1
    (('mine', 'letters'), 8, True)
    >>> sorted({figure.metric for figure in found.figures})
    ['map', 'map-within-script', 'nn1']
    """
    if out is None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as scratch:
            return _compared(as_space(first), as_space(second), Path(scratch), settings, quiet, page=False)
    folder = Path(out)
    if folder.is_dir() and not is_empty(folder) and not (folder / PAIRS).is_file():
        raise UserError(f"{folder} is not empty and holds no comparison", "choose another folder to write to")
    return _compared(as_space(first), as_space(second), folder, settings, quiet, page=True)


def _compared(
    one: LanguageSpace, other: LanguageSpace, folder: Path, settings: Mapping[str, Any] | None, quiet: bool, page: bool
) -> SpaceComparison:
    ids = tuple(identifier for identifier in one.ids if identifier in set(other.ids))
    if len(ids) < FEWEST:
        raise UserError(f"{one.name} and {other.name} share {len(ids)} languages", f"at least {FEWEST} are needed")
    matrices = [each.distances.subset(ids) for each in (one, other)]
    for each, matrix in zip((one, other), matrices, strict=True):
        matrix.require_complete(f"a comparison of {each.name}")
    upper = np.triu_indices(len(ids), 1)
    values = [matrix.values[upper] for matrix in matrices]
    for each, found in zip((one, other), values, strict=True):
        if found.min() == found.max():
            hint = "compare spaces whose distances differ"
            raise UserError(f"all distances of {each.name} are equal: nothing can agree with them", hint)
    ranks = [_ranks(found) for found in values]
    pairs = (
        Moved(ids[row], ids[column], float(a), float(b))
        for row, column, a, b in zip(*upper, *(found / len(found) for found in ranks), strict=True)
    )
    own, theirs = (scripts_known(each.subset(ids)) for each in (one, other))
    scripts = theirs | own
    moved = tuple(sorted(pairs, key=lambda pair: -abs(pair.second - pair.first)))
    alike = tuple(sorted(_rows_alike(ids, matrices), key=lambda found: found[1]))
    if page:
        write_table(folder / PAIRS, list(Moved._fields), [pair._asdict() for pair in moved])
        rows = [{"language": identifier, "spearman": found} for identifier, found in alike]
        write_table(folder / "languages.csv", ["language", "spearman"], rows)
    figures, report, notes = _figures(one.name, other.name, matrices, scripts, folder, settings, quiet, page)
    return SpaceComparison(
        (one.name, other.name),
        ids,
        _correlation(*values),
        _correlation(*ranks),
        _mantel(ranks, upper, len(ids)),
        tuple(figures),
        moved,
        alike,
        report if page else "",
        (*_noise(one, other), *_borrowed(one.name, other.name, len(theirs.keys() - own.keys())), *notes),
        bool(np.allclose(values[0], values[1], rtol=1e-9, atol=0)),
    )


def _figures(
    first: str, second: str, matrices: Sequence[DistanceMatrix], scripts: Mapping[str, str], folder: Path,
    settings: Mapping[str, Any] | None, quiet: bool, page: bool,
) -> tuple[list[Figure], str, tuple[str, ...]]:  # fmt: skip
    """The headline figures of the first space's run, whose baseline the second one is, what to open, and notes."""
    settings = dict(settings or {"registry": None})
    files = [folder / "distances" / f"{number}-{slug(name)}.csv" for number, name in enumerate((first, second), 1)]
    for file, matrix in zip(files, matrices, strict=True):
        write_distances(file, matrix)
    label = slug(second) if slug(second) != slug(first) else f"{slug(second)}-2"
    baseline = {"name": "file", "as": label, "path": str(files[1]), "distances": True}
    overrides = [f"name={slug(first)}", f"baselines={json.dumps([baseline])}"]
    table = written_scripts(folder / "distances" / "scripts.csv", scripts)
    given = {"file": str(files[0]), "distances": "true", **table}
    config = draft_matrix(given, "", [*overrides, "exporters=[html]" if page else "exporters=[]"], installed(),
                          catalog_of(settings)).resolved()  # fmt: skip
    record = run(config, folder / "run", overwrite=True, quiet=quiet)
    finished = Run(folder / "run")
    differences = {
        (row["evaluator"], row["level"], row["clusterer"], row["metric"]): row
        for row in finished.rows(schema.COMPARISONS)
    }
    theirs = {metric.question: metric.value for metric in finished.metrics if metric.source == label}
    shown: list[Metric] = []
    for chosen in config.choices["evaluators"]:
        component = chosen.component
        names = component.headline if isinstance(component, records.Evaluator) else ()
        own = [metric for metric in finished.metrics if metric.source == "run" and metric.evaluator == chosen.name]
        shown = shown or [metric for metric in own if metric.metric in names]
    known = [metric for metric in shown if metric.question in differences and metric.question in theirs]
    figures = []
    for level in dict.fromkeys(metric.level for metric in known):
        own = [metric for metric in known if metric.level == level]
        tested = [row["p"] for row in (differences[one.question] for one in own) if row["p"] is not None]
        adjusted = iter(holm(tested))
        for one in own:
            row = differences[one.question]
            corrected = None if row["p"] is None else next(adjusted)
            found = (row["delta"], row["low"], row["high"], row["p"], corrected, row["n"])
            figures.append(Figure(level, one.metric, one.value, theirs[one.question], *found))
    notes = tuple(incident["message"] for incident in record["incidents"])
    return figures, what_to_open(config, folder / "run", record), notes


def scripts_known(space: LanguageSpace) -> dict[str, str]:
    """In which script the text of each language was, by id; without those of which the space does not know it."""
    return {language.id: language.script for language in space.languages if language.script}


def _noise(*spaces: LanguageSpace) -> Iterator[str]:
    for each in spaces:
        if told := lost_in_noise(each.rows):
            yield f"{each.name}:{told}"


def _borrowed(first: str, second: str, count: int) -> Iterator[str]:
    if count:
        yield f"{first} does not say the scripts of {count} languages: they are taken to be those of {second}"


def written_scripts(file: Path, scripts: Mapping[str, str]) -> dict[str, str]:
    """Write a table of scripts, and the setting of `matrix` that names it; without any, the usual ones are taken."""
    if not scripts:
        return {}
    rows = [{"language": one, "script": script} for one, script in scripts.items()]
    write_table(file, ["language", "script"], rows)
    return {"scripts": str(file)}


def _mantel(ranks: Sequence[Float64], upper: tuple[Any, Any], n: int) -> float:
    """One-sided p of the rank correlation, from the second matrix with its languages in random order."""
    square = np.zeros((n, n))
    square[upper] = ranks[1] - ranks[1].mean()
    square += square.T
    own = ranks[0] - ranks[0].mean()
    rng = np.random.default_rng(0)
    orders = (rng.permutation(n) for _ in range(PERMUTATIONS))
    reached = sum(float(own @ square[np.ix_(order, order)][upper]) >= own @ square[upper] for order in orders)
    return float((1 + reached) / (1 + PERMUTATIONS))


def _rows_alike(ids: Sequence[str], matrices: Sequence[DistanceMatrix]) -> Iterator[tuple[str, float]]:
    for row, identifier in enumerate(ids):
        both = [_ranks(np.delete(matrix.values[row], row)) for matrix in matrices]
        yield identifier, _correlation(*both)


def _correlation(one: Float64, other: Float64) -> float:
    """Pearson's; NaN where one of them does not vary."""
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) and np.ptp(other) else float("nan")


def _ranks(values: Float64) -> Float64:
    from scipy.stats import rankdata

    ranks: Float64 = rankdata(values)
    return ranks


def _bare(distances: DistanceMatrix, name: str, about: str) -> LanguageSpace:
    """A space of distances alone, with what Glottolog says of the languages."""
    languages = tuple(map(LanguageTable().lookup, distances.ids))
    labels = {level: {one.id: getattr(one, level) or None for one in languages} for level in ("family", "branch")}
    return LanguageSpace(languages, distances, np.empty((len(languages), 0)), labels, name, about)


def _of_frame(frame: Any) -> LanguageSpace:
    from langgeo_formats.api import as_distances, find_languages

    names = [str(name) for name in frame.columns]
    if [str(name) for name in frame.index] != names:
        raise UserError("the frame's index and columns do not name the same languages in the same order", "reindex it")
    known = find_languages(names, "the frame").languages
    values, _ = as_distances(np.asarray(frame, dtype=np.float64), names, "the frame")
    return _bare(DistanceMatrix(tuple(known[name].id for name in names), values), "frame", "A frame of distances.")
