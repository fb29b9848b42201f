"""How far apart languages are by what typologists, maps and classifications say of them: URIEL.

The vectors are read from the files of the distribution `lang2vec`: the package itself imports a module that setuptools
no longer has, and reads one of its files with pickle.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.options import UrielGeneticOptions, UrielOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, LanguageTable, MissingPackageError, UserError

Float64 = NDArray[np.float64]

DISTRIBUTION = "lang2vec"
FILES = {
    "fam": "family_features",
    "geo": "geocoord_features",
    "average": "feature_averages",
    "knn": "feature_predictions",
}
PREFIXES = {"syntax": "S_", "phonology": "P_", "inventory": "INV_"}

MACROLANGUAGES = (
    "ara", "aym", "aze", "bal", "bik", "bua", "chm", "doi", "est", "fas", "gba", "grn", "hmn", "iku", "jrb", "kau",
    "kok", "kom", "kon", "kpe", "kur", "lah", "lav", "luy", "man", "mlg", "mon", "msa", "mwr", "nep", "nor", "oji",
    "ori", "orm", "pus", "que", "srd", "swa", "syr", "uzb", "yid", "zha", "zho", "zza",
)  # fmt: skip
"""Codes of macrolanguages for which URIEL has facts; langgeo reads each as its best known member."""

OTHER_MEMBERS = {"nno": "nor", "zlm": "msa"}
"""Other members of macrolanguages."""


def vectors(codes: Sequence[str], features: str) -> Float64:
    """(codes, features) one row for each ISO 639-3 code; NaN where nothing is documented.

    What URIEL lacks for a language is taken from its macrolanguage.

    Parameters
    ----------
    features : a set of lang2vec: `fam`, `geo`, or `syntax`, `phonology` or `inventory` with `_average` or `_knn`

    Raises
    ------
    MissingPackageError
        If lang2vec is not installed.
    UserError
        If its files cannot be read.
    """
    known, table = _table(features)
    rows = {code: row for row, code in enumerate(known)}
    absent = np.full((1, table.shape[1]), np.nan)
    table = np.concatenate([table, absent])
    own = table[[rows.get(code, -1) for code in codes]]
    wider = table[[rows.get(_macrolanguages().get(code, ""), -1) for code in codes]]
    return np.where(np.isnan(own), wider, own)


@cache
def _macrolanguages() -> dict[str, str]:
    """The code of the macrolanguage of each of its members."""
    return {LanguageTable().lookup(code).iso639_3: code for code in MACROLANGUAGES} | OTHER_MEMBERS


def _table(features: str) -> tuple[list[str], Float64]:
    """All codes of a set, and its (codes, features)."""
    group, _, version = features.partition("_")
    codes, names, values = _read(FILES[version or group])
    table = values[:, [name.startswith(PREFIXES.get(group, "")) for name in names]].astype(np.float64)
    table[table == -1] = np.nan
    if features == "fam":
        table[~table.any(axis=1)] = np.nan  # no family: an isolate or unknown; URIEL does not distinguish these
    return codes, table


def _read(name: str) -> tuple[list[str], list[str], NDArray[np.floating]]:
    """Codes, names of features, and the (codes, features) of a file's only source."""
    file = Path(str(_distribution().locate_file(f"lang2vec/data/{name}.npz")))
    try:
        with file.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            return arrays["langs"].tolist(), arrays["feats"].tolist(), arrays["data"][:, :, 0]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as failure:
        hint = f"type: pip install --force-reinstall --no-deps {DISTRIBUTION}"
        raise UserError(f"{file} of {DISTRIBUTION} cannot be read: {failure}", hint) from failure


def _distribution() -> metadata.Distribution:
    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError as missing:
        raise MissingPackageError(f"{DISTRIBUTION} is not installed", 'type: pip install "langgeo[uriel]"') from missing


class Uriel:
    """Distance between vectors of documented features or of places (Littell et al. 2017)."""

    def __init__(self, options: UrielOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a pair with too few documented features."""
        return _matrix(context, self._options.features, self._options.metric, self._options.shared)


class UrielGenetic:
    """Distance between vectors that include the classification of languages (Littell et al. 2017)."""

    def __init__(self, options: UrielGeneticOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language that URIEL lacks or has no family for."""
        return _matrix(context, self._options.features, self._options.metric, 1)


def _matrix(context: BaselineContext, features: str, metric: str, least: int) -> DistanceMatrix:
    found = vectors([language.iso639_3 for language in context.languages], features)
    return DistanceMatrix(tuple(language.id for language in context.languages), vector_distances(found, metric, least))


def vector_distances(values: Float64, metric: str, least: int) -> Float64:
    """(n, n) from (n, features), over the features that both rows have; NaN where those are fewer than `least`.

    `cosine` is 1 − x·y / (‖x‖ ‖y‖), NaN where a vector is zero; `euclidean` is √(Σ (x − y)² / features).
    """
    measure = {"cosine": _cosine, "euclidean": _euclidean}[metric]
    distances = np.zeros((len(values), len(values)))
    for row in range(len(values) - 1):
        both = ~np.isnan(values[row]) & ~np.isnan(values[row + 1 :])
        one, others = np.where(both, values[row], 0.0), np.where(both, values[row + 1 :], 0.0)
        shared = both.sum(axis=1)
        with np.errstate(invalid="ignore"):
            found = np.where(shared < least, np.nan, measure(one, others, shared))
        distances[row, row + 1 :] = distances[row + 1 :, row] = found
    return distances


def _cosine(one: Float64, others: Float64, shared: NDArray[np.int64]) -> Float64:
    lengths = np.sqrt((one**2).sum(axis=1) * (others**2).sum(axis=1))
    cosines: Float64 = (one * others).sum(axis=1) / lengths
    return np.clip(1 - cosines, 0.0, 2.0)


def _euclidean(one: Float64, others: Float64, shared: NDArray[np.int64]) -> Float64:
    means: Float64 = ((one - others) ** 2).sum(axis=1) / shared
    return np.sqrt(means)
