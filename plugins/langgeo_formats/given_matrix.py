"""A distance matrix from a file: its format recognised, its languages looked up, its numbers checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    DistanceMatrix,
    GivenMatrix,
    Incident,
    LanggeoError,
    Language,
    MissingPackageError,
    RawMatrix,
    Registered,
    UserError,
    installed,
    protocols,
    read_text,
)
from langgeo_formats.entries import Float64
from langgeo_formats.names import find_languages
from langgeo_formats.scripts import scripts_of

BEGINNING = 4096
"""Characters of a file by which a reader recognises its format."""
SHUFFLES = 500
"""Shuffled matrices with which one that may hold similarities is compared."""
ROUNDING = 1e-6
"""Differences up to this share of the largest distance are treated as rounding."""


def read_matrix(
    file: Path,
    format: str | None = None,
    name: str | None = None,
    skip_unknown: bool = False,
    distances: bool = False,
) -> GivenMatrix:
    """Read a distance matrix from a file, and look its languages up.

    Parameters
    ----------
    format : the name of a reader; None to recognise the format by how the file begins
    name : which of several matrices; None for the file's default, or its only one
    skip_unknown : leave out unknown languages, with a note
    distances : these are distances, even if related languages are farthest apart

    Raises UserError if the file cannot be read, does not hold the matrix, or its numbers are not distances, and
    ConfigError with every unknown language, and every language that is there twice.
    """
    text = read_text(file, "pass a file with a distance matrix")
    if not text.strip():
        raise UserError(f"{file} is empty")
    if format is None:
        entry, reader, notes = _recognised(text, file)
    else:
        entry, notes = installed().get("readers", format), ()
        reader = _built(entry)
    raw = _chosen(_matrices(entry, reader, text, file), name, file)
    if repeated := sorted({written for written in raw.names if raw.names.count(written) > 1}):
        raise UserError(f"{file} names languages twice: {', '.join(repeated)}", "keep one row and column of each")
    languages = find_languages(raw.names, file.name, skip_unknown, "leave them out with --skip-unknown")
    kept = [index for index, written in enumerate(raw.names) if written in languages.languages]
    names = [raw.names[index] for index in kept]
    if len(names) < 2:
        raise UserError(f"{file}: known languages: {len(names)}; at least 2 are needed")
    values, remarks = as_distances(raw.values[kept][:, kept], names, file.name)
    ids = tuple(languages.languages[written].id for written in names)
    notes = (*notes, *languages.notes, *(Incident("plan", f"{file.name}: {remark}") for remark in remarks))
    if not distances and look_like_similarities(values, [languages.languages[written] for written in names]):
        message = f"{file.name}: these look like similarities: languages of one branch are farther apart than others"
        hint = "subtract each from the largest, or say that they are distances: --distances, or `distances: true`"
        raise UserError(message, hint)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return GivenMatrix(file, digest, entry.component.name, raw.name, DistanceMatrix(ids, values), notes)


def read_with_scripts(scripts: Path | None = None, **settings: Any) -> GivenMatrix:
    """As `read_matrix`, with the scripts of the languages, as `scripts_of` takes and notes them."""
    given = read_matrix(**settings)
    found, told = scripts_of(given.distances.ids, scripts)
    return replace(given, scripts=found, notes=(*given.notes, told) if told else given.notes)


def _built(entry: Registered) -> protocols.Reader:
    component = entry.component
    if missing := component.missing_packages():
        message = f"the reader {component.name} needs packages that are not installed: {', '.join(missing)}"
        raise MissingPackageError(message, component.how_to_install())
    try:
        reader: protocols.Reader = component.load("factory")()
    except Exception as failure:
        message = f"the reader {component.name} cannot be used: {type(failure).__name__}: {failure}"
        raise UserError(message, entry.origin.bug) from failure
    return reader


def _recognised(text: str, file: Path) -> tuple[Registered, protocols.Reader, tuple[Incident, ...]]:
    """The reader that recognises the file best, and a note on each reader that is broken."""
    found: list[tuple[float, Registered, protocols.Reader]] = []
    notes = []
    for entry in installed().all("readers"):
        try:
            reader = _built(entry)
            found.append((reader.recognises(text[:BEGINNING]), entry, reader))
        except MissingPackageError:
            continue
        except Exception as failure:
            said = failure.message if isinstance(failure, LanggeoError) else f"{type(failure).__name__}: {failure}"
            notes.append(Incident("plan", f"the reader {entry.component.name} was not asked about {file.name}: {said}"))
    best = max((sure for sure, _, _ in found), default=0.0)
    likely = [(entry, reader) for sure, entry, reader in found if sure == best > 0]
    if not likely:
        start = text.lstrip().partition("\n")[0][:60]
        hint = f"choose one with --format: {', '.join(installed().names('readers'))}"
        raise UserError(f"the format of {file} is not recognised; it begins with {start!r}", hint)
    if len(likely) > 1:
        names = [f"{entry.origin.distribution}:{entry.component.name}" for entry, _ in likely]
        raise UserError(f"{file} may have several formats", f"choose one with --format: {', '.join(names)}")
    return *likely[0], tuple(notes)


def _matrices(entry: Registered, reader: protocols.Reader, text: str, file: Path) -> Sequence[RawMatrix]:
    """What the reader finds in the text; its errors name the file."""
    try:
        found = reader.read(text)
    except UserError as failure:
        raise UserError(f"{file.name}: {failure.message}", failure.hint) from failure
    except Exception as failure:
        message = f"{file.name}: the reader {entry.component.name} fails: {type(failure).__name__}: {failure}"
        raise UserError(message, entry.origin.bug) from failure
    if not found:
        raise UserError(f"{file.name}: the reader {entry.component.name} finds no matrix")
    return found


def _chosen(matrices: Sequence[RawMatrix], name: str | None, file: Path) -> RawMatrix:
    known = ", ".join(matrix.name for matrix in matrices)
    if name is None:
        defaults = [matrix for matrix in matrices if matrix.default] or matrices
        if len(defaults) > 1:
            raise UserError(f"{file} holds several matrices and no default", f"choose one with --matrix: {known}")
        return defaults[0]
    found = [matrix for matrix in matrices if matrix.name == name]
    if not found:
        hint = f"it holds {known}" if known else "it holds one matrix without a name: leave --matrix out"
        raise UserError(f"{file} has no matrix {name!r}", hint)
    return found[0]


def as_distances(values: Float64, names: Sequence[str], place: str) -> tuple[Float64, list[str]]:
    """A copy that is symmetric, non-negative and zero on its diagonal, and a remark on each change.

    Differences due to rounding are removed, anything larger is refused. The diagonal of a language without any
    distance may be missing, and one empty triangle is filled from the other.
    `values` is (n, n), NaN for missing pairs; `place` names the file in messages. Raises UserError naming the worst
    pair, if it is infinite, negative, not symmetric or not zero on the diagonal.
    """
    values = np.array(values, dtype=np.float64)
    if np.isnan(values[~np.eye(len(values), dtype=bool)]).all():
        raise UserError(f"{place}: every distance is missing")
    if np.isinf(values).any():
        pair = _pair(np.isinf(values), names)
        raise UserError(f"{place}: the distance of {pair} is infinite", "leave it empty if it is unknown")
    sizes = np.abs(values[values != 0])
    slack = ROUNDING * float(np.nanmedian(sizes)) if np.isfinite(sizes).any() else 0.0
    remarks = list(_diagonal(values, names, slack, place))
    upper = np.triu(np.ones_like(values, dtype=bool), 1)
    for mine, name, other in ((upper, "upper", "lower"), (upper.T, "lower", "upper")):
        if np.isnan(values[mine]).all() and not np.isnan(values[mine.T]).all():
            values[mine] = values.T[mine]
            remarks.append(f"the {name} triangle is empty; it was filled from the {other} one")
    remarks += _symmetric(values, names, slack, place)
    remarks += _non_negative(values, names, slack, place)
    return values, remarks


def look_like_similarities(values: Float64, languages: Sequence[Language]) -> bool:
    """Whether languages of one branch are the farthest apart, which of distances is hardly ever true.

    True if at least 80 % of the comparisons of a pair within a branch with another pair say so, and at most 1 % of
    the shuffled matrices say so as clearly. `values` is (n, n), NaN for missing pairs; of more than 200 languages 200
    are looked at.
    """
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(languages))[:200]
    branches = np.array([languages[row].branch or languages[row].family for row in chosen])
    values = values[np.ix_(chosen, chosen)]
    known = np.triu(~np.isnan(values), 1)
    within = (branches[:, np.newaxis] == branches) & (branches != "") & known
    pairs, others = int(within.sum()), int((known & ~within).sum())
    if not pairs or not others:
        return False
    from scipy.stats import rankdata  # takes a second to import, which a question after a distance need not wait for

    ranks = np.zeros_like(values)
    ranks[known] = rankdata(values[known])
    ranks += ranks.T
    least = pairs * (pairs + 1) / 2

    def share(order: NDArray[np.intp]) -> float:
        """Of the comparisons, with the languages in another order."""
        return float((ranks[np.ix_(order, order)][within].sum() - least) / (pairs * others))

    found = share(np.arange(len(chosen)))
    if found < 0.8:
        return False
    shuffled = [share(rng.permutation(len(chosen))) for _ in range(SHUFFLES)]
    return sum(one >= found - 1e-9 for one in shuffled) <= SHUFFLES // 100


def _diagonal(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    diagonal = np.diagonal(values).copy()
    worst = int(np.argmax(np.nan_to_num(np.abs(diagonal))))
    if abs(np.nan_to_num(diagonal[worst])) > slack:
        alike = np.nanmin(diagonal) > 0 and np.nanmin(diagonal) >= np.nanmax(values) - slack
        hint = "these look like similarities: subtract each from the largest" if alike else ""
        message = f"{place}: the distance of {names[worst]} from itself is {diagonal[worst]:g}, not 0"
        raise UserError(message, hint)
    if (diagonal[~np.isnan(diagonal)] != 0).any():
        yield f"values up to {np.nanmax(np.abs(diagonal)):.1e} on the diagonal were set to 0"
    np.fill_diagonal(values, 0.0)


def _symmetric(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    one_sided = np.isnan(values) != np.isnan(values.T)
    if one_sided.any():
        message = f"{place}: the distance of {_pair(one_sided, names)} is missing in one direction only"
        raise UserError(message, "give it in both directions, or leave it out in both")
    differences = np.nan_to_num(np.abs(values - values.T))
    worst = float(differences.max(initial=0.0))
    if worst > slack:
        row, column = divmod(int(differences.argmax()), len(differences))
        there, back = values[row, column], values[column, row]
        raise UserError(
            f"{place}: not symmetric: {names[row]} to {names[column]} is {there:.9g}, the other way {back:.9g}",
            "if the mean of both is meant, average the matrix with its transpose first",
        )
    if worst > 0:
        values[:] = values / 2 + values.T / 2
        yield f"the matrix was not exactly symmetric (differences up to {worst:.1e}); means of both values are used"


def _non_negative(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    least = float(np.nanmin(values, initial=0.0))
    if least < -slack:
        pair = _pair(values == least, names)
        raise UserError(f"{place}: the distance of {pair} is {least:g}", "distances cannot be negative")
    if least < 0:
        values[values < 0] = 0.0
        yield f"negative distances down to {least:.1e} were set to 0"


def _pair(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], names: Sequence[str]) -> str:
    row, column = np.argwhere(where)[0]
    return f"{names[row]} and {names[column]}"
