"""Faults of quantizers and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import (
    Dense,
    KeptCounts,
    PackedBits,
)


class Bits:
    """Keeps what exceeds a language's mean score, in both forms."""

    scope = "matrix"

    def forms(self) -> Any:
        return (KeptCounts, PackedBits)

    def fit(self, group: Any) -> Any:
        return [np.mean([np.mean(scores.dense(one)) for scores in group]) for one in range(group[0].languages)]

    def encode(self, scores: Any, fitted: Any, form: Any) -> Any:
        kept = np.stack([scores.dense(one) > fitted[one] for one in range(scores.languages)])
        if form is KeptCounts:
            return KeptCounts(scores.matrix, kept.sum(axis=1).astype(np.int32))
        return PackedBits(scores.matrix, np.packbits(kept.reshape(len(kept), -1), axis=1))


class Scopeless(Bits):
    scope = "model"


class Backwards(Bits):
    def forms(self) -> Any:
        return (PackedBits, KeptCounts)


class OtherTies(Bits):
    def encode(self, scores: Any, fitted: Any, form: Any) -> Any:
        lower = [threshold - 0.05 for threshold in fitted]
        return super().encode(scores, lower if form is KeptCounts else fitted, form)


class Unpadded(Bits):
    def encode(self, scores: Any, fitted: Any, form: Any) -> Any:
        made = super().encode(scores, fitted, form)
        return made if form is KeptCounts else PackedBits(made.matrix, made.bits | 1)


class OnlySeparable(Bits):
    def fit(self, group: Any) -> Any:
        return np.mean([scores.feature_scores.mean(axis=1) for scores in group], axis=0)


class OwnMean(Bits):
    def encode(self, scores: Any, fitted: Any, form: Any) -> Any:
        return super().encode(scores, self.fit([scores]), form)


class FirstThreshold(Bits):
    def encode(self, scores: Any, fitted: Any, form: Any) -> Any:
        return super().encode(scores, [fitted[0]] * len(fitted), form)


class Drifting(Bits):
    def fit(self, group: Any) -> Any:
        return [threshold * (1 + next(CALLS) % 3) for threshold in super().fit(group)]


@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (Scopeless(), "scope_is_known", "scope is 'model'"),
        (Backwards(), "forms_are_signatures_the_compact_first", "PackedBits, KeptCounts"),
        (OtherTies(), "compact_forms_equal_the_general_ones", "kept weights a column["),
        (Unpadded(), "signatures_are_well_formed", "bits beyond the last weight are set"),
        (OnlySeparable(), "separable_scores_are_as_good_as_written_out", "AttributeError"),
        (OwnMean(), "some_rows_at_a_time_are_the_whole", "PackedBits of blocks of rows["),
        (FirstThreshold(), "order_of_languages_does_not_matter", "KeptCounts.counts of layers.0.q_proj["),
        (Drifting(), "same_scores_give_the_same_signature", "KeptCounts.counts of layers.0.q_proj["),
    ],
)
def test_a_faulty_quantizer(instance: Bits, check: str, said: str) -> None:
    assert said in broken("quantizers", instance)[check]


def test_a_sound_quantizer_breaks_nothing() -> None:
    assert broken("quantizers", Bits()) == {}


class City:
    """The mean absolute difference."""

    terms = ("absolute",)

    def forms(self) -> Any:
        return (KeptCounts, PackedBits, Dense)

    def partial(self, signature: Any) -> Any:
        values = self.rows(signature).astype(np.float64)
        return np.abs(values[:, None] - values[None]).sum(axis=2)[None]

    def rows(self, signature: Any) -> Any:
        if isinstance(signature, PackedBits):
            return np.unpackbits(signature.bits, axis=1)
        return signature.counts if isinstance(signature, KeptCounts) else signature.values

    def finish(self, total: Any, size: int) -> Any:
        return total[0] / size


class TermTwice(City):
    terms = ("absolute", "absolute")


class OneSided(City):
    def partial(self, signature: Any) -> Any:
        values = self.rows(signature).astype(np.float64)
        return np.maximum(values[:, None] - values[None], 0).sum(axis=2)[None]


class Offset(City):
    def finish(self, total: Any, size: int) -> Any:
        return total[0] / size + 1


class Blind(City):
    def finish(self, total: Any, size: int) -> Any:
        return np.zeros_like(total[0])


class Infinite(City):
    def partial(self, signature: Any) -> Any:
        return super().partial(signature) / 0.0


class Largest(City):
    def partial(self, signature: Any) -> Any:
        values = self.rows(signature).astype(np.float64)
        return np.abs(values[:, None] - values[None]).max(axis=2)[None]


class Weighted(City):
    def partial(self, signature: Any) -> Any:
        rank = 1 + np.arange(len(self.rows(signature)))
        return super().partial(signature) * np.add.outer(rank, rank)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (TermTwice(), "terms_are_named", "('absolute', 'absolute')"),
        (TermTwice(), "partial_sums_have_an_entry_for_each_pair", "shape (1, 5, 5) instead of (2, 5, 5)"),
        (Infinite(), "partial_sums_have_an_entry_for_each_pair", "infinite or NaN"),
        (OneSided(), "distances_are_symmetric_and_not_negative", "finish(Dense) transposed["),
        (Offset(), "distances_are_symmetric_and_not_negative", "the diagonal has"),
        (Offset(), "equal_scores_have_distance_zero", "of equal ones is 1.0"),
        (Blind(), "equal_scores_have_distance_zero", "is zero for languages that differ"),
        (Largest(), "sums_of_blocks_of_rows_are_those_of_the_whole", "partial(PackedBits) in two parts["),
        (Largest(), "all_forms_give_the_same_distances", "the distances of KeptCounts and PackedBits["),
        (Weighted(), "order_of_languages_does_not_matter", "finish(KeptCounts) reordered["),
    ],
)
def test_a_faulty_distance(instance: City, check: str, said: str) -> None:
    assert said in broken("distances", instance)[check]
