"""URIEL's vectors, as the distribution `lang2vec` carries them.

Read from its files: lang2vec itself imports a module that setuptools no longer has, and reads one of them with pickle.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import LanguageTable, MissingPackageError, UserError

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
"""Codes of macrolanguages under which URIEL has facts, too; langgeo reads each as its best known member."""

OTHER_MEMBERS = {"nno": "nor", "zlm": "msa"}
"""Members of macrolanguages that are not what langgeo reads the macrolanguage as."""


def vectors(codes: Sequence[str], features: str) -> Float64:
    """(codes, features) one row for each ISO 639-3 code; NaN where nothing is documented.

    What URIEL does not have under a language's own code is taken from that of its macrolanguage.

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
        table[~table.any(axis=1)] = np.nan  # no family at all: an isolate or unknown, which URIEL does not tell apart
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
