"""Distances of 100 languages by exact counts, against bits in numpy and against the best library for packed bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from benchmarks import plain
from benchmarks.measure import ROUNDS, Result, cores, how, interleaved, ratio
from benchmarks.subject import load
from langgeo_core.api import KeptCounts, SeparableScores, WeightMatrix
from langgeo_distances.hamming import Hamming
from langgeo_quantizers.bits import Median
from langgeo_quantizers.options import MedianOptions

LANGUAGES, BLOCKS = 100, (0, 9)
SPREAD = 0.11
"""Standard deviation of a language's log g about the shared one: distances of about 2e-2, as between real languages."""

Float32 = NDArray[np.float32]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """Weights, and feature scores of every language, of one matrix."""

    matrix: WeightMatrix
    weights: Float32
    feature_scores: Float32


def run_dense() -> list[Result]:
    """Against one language at a time in numpy."""
    return [
        _compare(
            "distances-dense", lambda: dense(cases()), 20.0, "numpy: median, packbits, XOR and popcount of all pairs", 1
        )
    ]


def run_numkong() -> list[Result]:
    """Against numkong on packed bits, the bits made as fast as we could."""
    how_made = "numkong: np.partition, packbits, languages over threads, then hammings_symmetric of blocks"
    return [_compare("distances-numkong", lambda: packed(cases()), 1.0, how_made, cores())]


def _compare(name: str, reference: Callable[[], Counts], target: float, what: str, threads: int) -> Result:
    ours(cases())  # numba compiles once and keeps the code
    timings = interleaved({"ours": lambda: ours(cases()), "plain": reference})
    own, other = timings["ours"].value, timings["plain"].value
    size = sum(case.weights.size for case in cases())
    mean = own.sum() / (LANGUAGES * (LANGUAGES - 1)) / size
    note = (
        f"{LANGUAGES} languages, {size:,} weights of blocks {BLOCKS[0]} and {BLOCKS[1]} of {_name()}, synthetic g, "
        f"mean distance {mean:.3f}; ours with the sorting of the columns {timings['ours'].seconds:.2f} s, {what} "
        f"{timings['plain'].seconds:.2f} s; processor seconds {timings['ours'].cpu_seconds:.2f} against "
        f"{timings['plain'].cpu_seconds:.2f}; {how(ROUNDS, f'ours {cores()}, reference {threads}')}"
    )
    return Result(name, ratio(timings), target, bool(np.array_equal(own, other)), "comparisons an hour", note)


def ours(cases: Sequence[Case]) -> Counts:
    """Median, counts and city-block distances, from the weights as they are read."""
    quantizer, distance = Median(MedianOptions()), Hamming()
    total = np.zeros((len(cases[0].feature_scores),) * 2, dtype=np.int64)
    for case in cases:
        scores = SeparableScores(case.matrix, case.weights, case.feature_scores)
        signature = quantizer.encode(scores, quantizer.fit([scores]), KeptCounts)
        total += distance.partial(signature)[0].astype(np.int64)
    return total


def dense(cases: Sequence[Case]) -> Counts:
    """The plain way: a language's scores, their medians, bits; then all pairs."""
    return plain.differing_bits(_scores(cases, language) for language in range(len(cases[0].feature_scores)))


def _scores(cases: Sequence[Case], language: int) -> Iterator[Float32]:
    """One language's scores, a matrix at a time as they are asked for."""
    for case in cases:
        yield np.square(case.weights) * case.feature_scores[language]


def packed(cases: Sequence[Case]) -> Counts:
    """Bits made by the fastest means found, compared by numkong."""
    total = np.zeros((len(cases[0].feature_scores),) * 2, dtype=np.int64)
    with ThreadPoolExecutor(cores()) as pool:
        for case in cases:
            squares = np.square(case.weights)
            bits = np.stack(list(pool.map(partial(_bits, squares), case.feature_scores)))
            total += _differing(bits)
    return total


def _bits(squares: Float32, factors: Float32) -> NDArray[np.uint8]:
    scores = squares * factors
    flat = scores.ravel()
    upper = flat.size // 2
    ordered = np.partition(flat, upper)
    middle = np.float32((np.float64(ordered[upper]) + np.float64(ordered[:upper].max())) / 2)
    return np.packbits(flat > (ordered[upper] if flat.size % 2 else middle))


def _differing(bits: NDArray[np.uint8]) -> Counts:
    """numkong counts in uint32: blocks of 2²⁸ bits cannot overflow."""
    import numkong

    total = np.zeros((len(bits), len(bits)), dtype=np.int64)
    for start in range(0, bits.shape[1], 1 << 25):
        block = np.ascontiguousarray(bits[:, start : start + (1 << 25)])
        total += np.asarray(numkong.hammings_symmetric(block, dtype="uint1"))
    upper = np.triu(total, 1)
    return upper + upper.T


@cache
def cases() -> tuple[Case, ...]:
    """The weight matrices of two blocks with synthetic g: heavy-tailed over features, perturbed by language."""
    subject, source = load(0), np.random.default_rng(0)
    chosen = [matrix for matrix in subject.layout.matrices if matrix.layer in BLOCKS]
    factors: dict[str, Float32] = {}
    for matrix in chosen:
        if matrix.input not in factors:
            shared = source.normal(0.0, 1.5, matrix.columns)
            own = source.normal(0.0, SPREAD, (LANGUAGES, matrix.columns))
            factors[matrix.input] = np.exp(shared + own).astype(np.float32)
    return tuple(Case(matrix, subject.weight(matrix.name).copy(), factors[matrix.input]) for matrix in chosen)


@cache
def _name() -> str:
    return load(0).name
