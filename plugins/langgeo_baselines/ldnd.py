"""The baseline `ldnd`: how unlike the words are that languages have for the same meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from langgeo_baselines.options import LdndOptions
from langgeo_baselines.word_lists import WordList, read_word_lists
from langgeo_core.api import BaselineContext, DistanceMatrix, UserError
from langgeo_formats.api import find_languages

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


class Ldnd:
    """Normalised Levenshtein distance of words, divided by that of words of different meanings."""

    def __init__(self, options: LdndOptions) -> None:
        self._options = options
        self._remarks: list[str] = []

    def remarks(self) -> Sequence[str]:
        """Which languages have several word lists, and what could not be read."""
        return self._remarks

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without a word list, and for a pair that shares too few meanings.

        Raises
        ------
        UserError
            If the file is not in the format, or has fewer than two of the languages.
        """
        read = read_word_lists(self._options.path)
        codes = [language.iso639_3 for language in context.languages]
        of_code = self._chosen(read.lists, codes)
        if len(of_code) < 2:
            raise UserError(f"{self._options.path} has word lists of fewer than two languages of this run")
        if read.unread:
            self._remarks.append(f"words not in ASJPcode are left out: {read.unread}, the first in {read.first_unread}")
        values = np.full((len(codes), len(codes)), np.nan)
        known = {code: number for number, code in enumerate(of_code)}
        between = list_distances(list(of_code.values()), self._options.shared)
        for (row, one), (column, other) in combinations(enumerate(codes), 2):
            if one in known and other in known:
                values[row, column] = values[column, row] = between[known[one], known[other]]
        np.fill_diagonal(values, 0.0)
        return DistanceMatrix(tuple(language.id for language in context.languages), values)

    def _chosen(self, lists: Sequence[WordList], codes: Sequence[str]) -> dict[str, list[WordList]]:
        """The lists of each code of the run, in the order of the file; notes those of a code that has several."""
        found: dict[str, list[WordList]] = {}
        for one in lists:
            code = _language_of(one.code, self._options.path)
            if code in codes:
                found.setdefault(code, []).append(one)
        for code, several in found.items():
            if len(several) > 1:
                names = ", ".join(one.name for one in several)
                what = "the first is read" if self._options.lists == "first" else "distances are means over them"
                self._remarks.append(f"{code} has {len(several)} word lists, and {what}: {names}")
        return {code: every[:1] if self._options.lists == "first" else every for code, every in found.items()}


@cache
def _language_of(code: str, path: Path) -> str:
    """The ISO 639-3 code as languages of a run have it, such as that of a macrolanguage's member; "" if unknown."""
    found = find_languages([code], path.name, skip_unknown=True).languages
    return found[code].iso639_3 if code in found else ""


def list_distances(groups: Sequence[Sequence[WordList]], shared: int) -> Float64:
    """(groups, groups) the mean LDND over the pairs of lists of two groups that share enough meanings, else NaN."""
    encoded = _Encoded([one for group in groups for one in group])
    starts = np.cumsum([0, *map(len, groups)])
    values = np.zeros((len(groups), len(groups)))
    for one, other in combinations(range(len(groups)), 2):
        found = [
            encoded.ldnd(a, b, shared)
            for a in range(starts[one], starts[one + 1])
            for b in range(starts[other], starts[other + 1])
        ]
        known = sorted(value for value in found if not np.isnan(value))
        values[one, other] = values[other, one] = np.mean(known) if known else np.nan
    return values


def ldnd(one: WordList, other: WordList, shared: int = 1) -> float:
    """LDND of two lists (Bakker et al. 2009; Wichmann et al. 2010); NaN if they share fewer meanings, or only one.

    LDN is the Levenshtein distance of two words divided by the length of the longer one; of two meanings, its mean over
    the pairs of their words. LDND is the mean LDN of the N shared meanings, divided by the mean over the N (N − 1)
    pairs of different ones: what two sound systems share by chance drops out, and unrelated languages are near 1.
    """
    return _Encoded([one, other]).ldnd(0, 1, shared)


class _Encoded:
    """Word lists in numbers."""

    def __init__(self, lists: Sequence[WordList]) -> None:
        every = sorted({sound for one in lists for words in one.words.values() for word in words for sound in word})
        self._sounds = {sound: number for number, sound in enumerate(every)}
        self._lists = [one.words for one in lists]
        meanings = sorted({meaning for one in self._lists for meaning in one})
        self._numbers = {meaning: number for number, meaning in enumerate(meanings)}
        self._words = [self._encode(one) for one in self._lists]

    def _encode(self, words: Mapping[str, tuple[tuple[str, ...], ...]]) -> tuple[Int64, Int64, Int64, Float64]:
        """(sounds,) of all words in a row, (words + 1,) where each begins, (words,) its meaning and its weight."""
        flat = [(self._numbers[meaning], word, 1 / len(words[meaning])) for meaning in words for word in words[meaning]]
        flat.sort(key=lambda entry: entry[0])
        codes = [self._sounds[sound] for _, word, _ in flat for sound in word]
        starts = np.cumsum([0, *(len(word) for _, word, _ in flat)])
        meanings, weights = [number for number, _, _ in flat], [weight for _, _, weight in flat]
        return np.array(codes, np.int64), starts.astype(np.int64), np.array(meanings, np.int64), np.array(weights)

    def ldnd(self, one: int, other: int, shared: int) -> float:
        """As the function `ldnd`, of the lists at two positions."""
        both = sorted(self._numbers[meaning] for meaning in self._lists[one].keys() & self._lists[other].keys())
        n = len(both)
        if n < max(shared, 2):
            return float("nan")
        is_shared = np.zeros(len(self._numbers), dtype=np.bool_)
        is_shared[both] = True
        first, second = sorted((one, other))  # so that the order of two languages changes no last digit
        same, different = _sums(*self._words[first], *self._words[second], is_shared)
        return float(same / n / (different / (n * (n - 1)))) if different else float("nan")


@njit(cache=True)
def _sums(codes_a, starts_a, meanings_a, weights_a, codes_b, starts_b, meanings_b, weights_b, is_shared):  # type: ignore[no-untyped-def]
    """Σ LDN over pairs of the same meaning, and over pairs of different ones; words weigh 1 / (words of a meaning)."""
    same, different = 0.0, 0.0
    for a in range(len(weights_a)):
        for b in range(len(weights_b)):
            if is_shared[meanings_a[a]] and is_shared[meanings_b[b]]:
                one, other = codes_a[starts_a[a] : starts_a[a + 1]], codes_b[starts_b[b] : starts_b[b + 1]]
                weighed = weights_a[a] * weights_b[b] * levenshtein(one, other) / max(len(one), len(other))
                if meanings_a[a] == meanings_b[b]:
                    same += weighed
                else:
                    different += weighed
    return same, different


@njit(cache=True)  # type: ignore[untyped-decorator]
def levenshtein(one: Int64, other: Int64) -> int:
    """The fewest insertions, deletions and substitutions that make one sequence the other (Levenshtein 1966)."""
    row = np.arange(len(other) + 1)
    for a in range(len(one)):
        diagonal, row[0] = row[0], a + 1
        for b in range(len(other)):
            above = row[b + 1]
            row[b + 1] = min(above + 1, row[b] + 1, diagonal + (one[a] != other[b]))
            diagonal = above
    return int(row[-1])
