"""What scorers, quantizers and distances promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    Dense,
    Densities,
    InputStatistics,
    KeptCounts,
    LevelCounts,
    Levels,
    PackedBits,
    ScaledColumns,
    Scores,
    ShiftedColumns,
    Signature,
    protocols,
)
from langgeo_core.hooks import records
from langgeo_testing.check import Untouched, array, broken, finite, require, same, skip
from langgeo_testing.components import Contract
from langgeo_testing.signatures import (
    GENERAL,
    LANGUAGES,
    ROWS,
    SHAPES,
    arrays,
    blocks,
    equal_forms,
    permuted,
    separable,
    well_formed,
    written_out,
)

if TYPE_CHECKING:
    import torch


SCORED = ("deu", "fin", "tur")
FEATURES = 7
TOKENS = 40
DAMPING = 0.01


def statistics_of(language: str, dead: bool = False) -> InputStatistics:
    """The statistics of an input of seven features; with `dead`, one of them is zero for every token."""
    random = np.random.default_rng(sum(language.encode()))
    inputs = random.normal(size=(TOKENS, FEATURES)) * random.uniform(0.1, 3, size=FEATURES)
    if dead:
        inputs[:, 2] = 0.0
    gram = inputs.T @ inputs / TOKENS
    damping = DAMPING * float(np.diagonal(gram).mean())
    inverse = np.linalg.inv(gram + damping * np.eye(FEATURES))
    upper = np.linalg.cholesky(inverse).T
    return InputStatistics(
        np.diagonal(gram).copy(),
        np.diagonal(inverse).copy(),
        np.diagonal(upper) ** 2,
        damping,
        TOKENS,
        language,
        "input",
        mean=inputs.mean(axis=0),
        positive=(inputs > 0).mean(axis=0),
        hidden=inputs.mean(axis=0),
    )


class UndeclaredError(Exception):
    """A scorer reads a statistic that its record does not name."""


def only(statistics: InputStatistics, declared: tuple[str, ...]) -> InputStatistics:
    """The same statistics, of which those not declared raise `UndeclaredError` when they are read."""
    watched = object.__new__(_Watched)
    watched.__dict__.update(vars(statistics), _declared=declared)
    return watched


class _Watched(InputStatistics):
    def __getattribute__(self, name: str) -> Any:
        if name in MEASURED and name not in object.__getattribute__(self, "_declared"):
            raise UndeclaredError(name)
        return super().__getattribute__(name)


MEASURED = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal", "mean", "positive", "hidden")
"""The fields of `InputStatistics` that a scorer declares; the others are there for every scorer."""


class Scorers(Contract):
    """What a scorer of the form S_ij = w_ij² · g_j promises."""

    def declared_statistics_exist(self) -> None:
        """`statistics` names fields of `InputStatistics` that calibration measures; with `hidden` go no weights."""
        if not self._declared():
            skip("it declares no statistics")
        unknown = [name for name in self._declared() if name not in MEASURED]
        require(not unknown, f"statistics={unknown}; there are {', '.join(MEASURED)}")
        scorer = self.build()
        weightless = isinstance(scorer, protocols.WeightlessScorer) and not scorer.uses_weights
        require(
            weightless or "hidden" not in self._declared(), "it reads hidden, which has no weights, and uses weights"
        )

    def reads_declared_statistics_only(self) -> None:
        """The scorer reads no statistic that its record does not declare."""
        declared = self._declared()
        try:
            self.build().feature_scores(only(statistics_of("deu"), declared))
        except UndeclaredError as read:
            broken(f"it reads {read}, and the record has statistics={declared}")

    def gives_one_number_for_each_feature(self) -> None:
        """g is an array of floating-point numbers, one for each input feature."""
        array("g", self.build().feature_scores(statistics_of("deu")), (FEATURES,))

    def scores_are_finite_and_not_negative(self) -> None:
        """g is finite, in float32 and for a feature that is zero too, and not negative but for a `signed` record."""
        for case in _cases():
            scores = _scores(self.build(), case)
            finite(f"g in {case.language}", scores)
            finite(f"g in {case.language} as float32", scores.astype(np.float32))
            signed = isinstance(self.record, records.Scorer) and self.record.signed
            require(signed or bool((scores >= 0).all()), f"the least g in {case.language} is {scores.min()}")

    def same_statistics_give_the_same_scores(self) -> None:
        """The same statistics give the same g, at every call and in every instance."""
        scorer = self.build()
        for case in _cases():
            first = _scores(scorer, case)
            same(f"g in {case.language}, second call", _scores(scorer, case), first)
            same(f"g in {case.language}, second instance", _scores(self.build(), case), first)

    def order_of_languages_does_not_matter(self) -> None:
        """A language's g does not depend on the languages that were scored before it."""
        scorer, other = self.build(), self.build()
        forwards = {case.language: _scores(scorer, case) for case in map(statistics_of, SCORED)}
        backwards = {case.language: _scores(other, case) for case in map(statistics_of, reversed(SCORED))}
        for language, scores in forwards.items():
            same(f"g in {language}, scored in another order", backwards[language], scores)

    def statistics_are_left_as_they_are(self) -> None:
        """The scorer does not write into the statistics that it is given."""
        statistics = statistics_of("deu")
        before = Untouched({name: getattr(statistics, name) for name in MEASURED})
        self.build().feature_scores(statistics)
        before.check()

    def _declared(self) -> tuple[str, ...]:
        return self.record.statistics if isinstance(self.record, records.Scorer) else ()


def _cases() -> Iterator[InputStatistics]:
    yield from map(statistics_of, SCORED)
    yield statistics_of("vie", dead=True)


def _scores(scorer: Any, statistics: InputStatistics) -> NDArray[np.float64]:
    return np.array(scorer.feature_scores(statistics), dtype=np.float64)


WINDOW = 12
OUTPUTS = 5
INPUTS = 7


class PerWeightScorers(Contract):
    """What a scorer that needs the gradient of the loss promises."""

    def statistic_has_a_version(self) -> None:
        """`statistic` names what is accumulated with its version, such as `squared-gradient/1`."""
        found = self.build().statistic
        require(
            isinstance(found, str) and re.fullmatch(r"[^/\s]+/[^/\s]+", found) is not None, f"statistic is {found!r}"
        )

    def accumulates_a_number_for_each_weight(self) -> None:
        """`accumulate` gives a finite tensor, (rows, columns), in float32 and in float64."""
        import torch

        for dtype in (torch.float32, torch.float64):
            found = self.build().accumulate(*_window(dtype))
            require(isinstance(found, torch.Tensor), f"accumulate gives {type(found).__name__}, no tensor")
            require(
                tuple(found.shape) == (OUTPUTS, INPUTS), f"its shape is {tuple(found.shape)}, not {(OUTPUTS, INPUTS)}"
            )
            finite(f"the statistic in {dtype}", _numbers(found))

    def accumulating_leaves_the_window_as_it_is(self) -> None:
        """`accumulate` does not write into what it is given."""
        inputs, gradients = _window()
        before = inputs.clone(), gradients.clone()
        self.build().accumulate(inputs, gradients)
        same("the inputs", inputs.numpy(), before[0].numpy())
        same("the gradients", gradients.numpy(), before[1].numpy())

    def scores_are_finite_and_not_negative(self) -> None:
        """`scores` is finite, (rows, columns), and not negative; record and scorer say alike whether it is `signed`."""
        signed = isinstance(self.record, records.Scorer) and self.record.signed
        require(signed == getattr(self.build(), "signed", False), "record and scorer differ in `signed`")
        for dead in (False, True):
            statistic, weights = self._matrix(dead)
            scores = array("scores", self.build().scores(statistic, weights, WINDOW), (OUTPUTS, INPUTS))
            finite("scores", scores)
            finite("scores as float32", scores.astype(np.float32))
            require(signed or bool((scores >= 0).all()), f"the least score is {scores.min()}")

    def scores_of_some_rows_are_those_of_the_whole(self) -> None:
        """`scores` of some rows of a weight matrix are the same rows of the scores of all."""
        statistic, weights = self._matrix()
        scorer = self.build()
        whole = scorer.scores(statistic.copy(), weights.copy(), WINDOW)
        same("the scores of rows 1 and 2", scorer.scores(statistic[1:3], weights[1:3], WINDOW), whole[1:3], 1e-6)

    def same_statistic_gives_the_same_scores(self) -> None:
        """The same statistic and weights give the same scores, and are left as they are."""
        statistic, weights = self._matrix()
        before = statistic.copy(), weights.copy()
        first = np.array(self.build().scores(statistic, weights, WINDOW))
        same("the statistic afterwards", statistic, before[0])
        same("the weights afterwards", weights, before[1])
        same("the scores of a second instance", self.build().scores(*before, WINDOW), first)

    def _matrix(self, dead: bool = False) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The statistic and weights, (rows, columns) float32; with `dead`, of a feature that is always zero."""
        inputs, gradients = _window()
        if dead:
            inputs[:, 2] = 0
        statistic = _numbers(self.build().accumulate(inputs, gradients)).astype(np.float32)
        weights = np.random.default_rng(1).normal(size=(OUTPUTS, INPUTS)).astype(np.float32)
        weights[0, 1] = 0.0
        return statistic, weights


def _window(dtype: torch.dtype | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (tokens, columns) and gradients (tokens, rows), float64 unless told."""
    import torch

    random = np.random.default_rng(0)
    inputs, gradients = random.normal(size=(WINDOW, INPUTS)), random.normal(size=(WINDOW, OUTPUTS))
    kind = dtype or torch.float64
    return torch.tensor(inputs, dtype=kind), torch.tensor(gradients, dtype=kind)


def _numbers(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)


OTHER_ORDER = (2, 0, 3, 1)
ROUNDING = 1e-6
WIDE = ("layer", "global")
"""Scopes of more than one matrix: the two made-up ones belong to one decoder block."""

READ = ("weights", "feature_scores", "sorted_squares")


class Quantizers(Contract):
    """What a quantizer promises."""

    def scope_is_known(self) -> None:
        """`scope` is `row`, `matrix`, `layer` or `global`."""
        scope = self.build().scope
        require(scope in get_args(protocols.Scope), f"scope is {scope!r}")

    def forms_are_signatures_the_compact_first(self) -> None:
        """`forms()` names at least one signature of `langgeo_core.api`, those a column at a time first."""
        forms = tuple(self.build().forms())
        strange = [str(form) for form in forms if form not in get_args(Signature)]
        require(bool(forms) and not strange, f"forms() gives {', '.join(strange) or 'nothing'}")
        compact = [form in GENERAL for form in forms]
        require(compact == sorted(compact, reverse=True), f"forms() gives {', '.join(form.__name__ for form in forms)}")

    def signatures_are_well_formed(self) -> None:
        """`encode` gives the form that it is asked for, finite and with the shapes and dtypes of its class."""
        for form, signatures in self._everything(_group()):
            for signature in signatures:
                well_formed(signature, form)

    def compact_forms_equal_the_general_ones(self) -> None:
        """A form with an entry for each column agrees with the form with an entry for each weight, also for ties."""
        found = dict(self._everything(_group()))
        pairs = [(form, GENERAL[form]) for form in found if GENERAL.get(form) in found]
        if not pairs:
            skip("it has no signature in two forms")
        for compact, general in pairs:
            for one, other in zip(found[compact], found[general], strict=True):
                equal_forms(one, other)

    def separable_scores_are_as_good_as_written_out(self) -> None:
        """Scores that separate and the same scores one by one have the same signature."""
        for form, signatures in self._general(_group()):
            others = _encoded(self.build(), [written_out(scores) for scores in _group()], form)
            _equal(form, others, signatures)

    def some_rows_at_a_time_are_the_whole(self) -> None:
        """The signatures of some rows at a time, put together, are that of the whole matrix."""
        quantizer = self.build()
        for form, signatures in self._general(_group()):
            group = _group()
            for scores, whole in zip(group, signatures, strict=True):
                fitted = quantizer.fit(group if quantizer.scope in WIDE else [scores])
                parts = [_block(quantizer, block, fitted, form) for block in blocks(scores)]
                entries = np.concatenate([_by_entry(part) for part in parts], axis=1)
                same(f"{form.__name__} of blocks of rows", entries, _by_entry(whole), ROUNDING)

    def order_of_languages_does_not_matter(self) -> None:
        """Languages in another order have their signatures in that order."""
        for form, signatures in self._everything(_group()):
            moved = _encoded(self.build(), _group(OTHER_ORDER), form)
            _equal(form, moved, [permuted(signature, OTHER_ORDER) for signature in signatures])

    def same_scores_give_the_same_signature(self) -> None:
        """The same scores give the same signature, and are left as they are."""
        group = _group()
        before = Untouched(
            {f"{part} of {scores.matrix.name}": getattr(scores, part) for scores in group for part in READ}
        )
        for form, signatures in self._everything(group):
            _equal(form, _encoded(self.build(), group, form), signatures)
        before.check()

    def _everything(self, group: Sequence[Scores]) -> Iterator[tuple[type[Signature], list[Signature]]]:
        """Every form that may be asked for, with the signatures of all matrices."""
        quantizer = self.build()
        forms = [form for form in quantizer.forms() if quantizer.scope != "row" or form not in GENERAL]
        require(bool(forms), "forms() has no signature that this scope can have")
        for form in forms:
            yield form, _encoded(quantizer, group, form)

    def _general(self, group: Sequence[Scores]) -> Iterator[tuple[type[Signature], list[Signature]]]:
        """Those forms that have an entry for each weight."""
        if all(form in GENERAL for form in self.build().forms()):
            skip("it has no signature with an entry for each weight")
        yield from ((form, signatures) for form, signatures in self._everything(group) if form not in GENERAL)


def _group(order: Sequence[int] = range(LANGUAGES)) -> list[Any]:
    return [separable(module, order) for module in SHAPES]


def _encoded(quantizer: Any, group: Sequence[Scores], form: type[Signature]) -> list[Signature]:
    """As a run calls it: one fit for the matrices of a scope."""
    if quantizer.scope in WIDE:
        fitted = quantizer.fit(group)
        return [quantizer.encode(scores, fitted, form) for scores in group]
    return [quantizer.encode(scores, quantizer.fit([scores]), form) for scores in group]


def _block(quantizer: Any, block: Scores, fitted: Any, form: type[Signature]) -> Signature:
    found: Signature = quantizer.encode(block, quantizer.fit([block]) if quantizer.scope == "row" else fitted, form)
    return found


def _by_entry(signature: Signature) -> NDArray[Any]:
    """(languages, entries) of a signature with an entry for each weight."""
    (values,) = (values for name, values in arrays(signature).items() if name in ("values", "bits"))
    return np.unpackbits(values, axis=1)[:, : signature.matrix.size] if "bits" in arrays(signature) else values


def _equal(form: type[Signature], found: Sequence[Signature], expected: Sequence[Signature]) -> None:
    for one, other in zip(found, expected, strict=True):
        require(arrays(one).keys() == arrays(other).keys(), f"{form.__name__} has {', '.join(arrays(one))}")
        for name, values in arrays(other).items():
            same(f"{form.__name__}.{name} of {one.matrix.name}", arrays(one)[name], values, ROUNDING)


TWINS = (0, LANGUAGES)
"""Two languages with the same scores: the first, and a copy of it behind the others."""

TWINNED = (*range(LANGUAGES), 0)
ORDER = (3, 0, 4, 2, 1)
NOTHING = 1e-6
"""A distance of zero, as a share of the largest: a root of what rounding leaves of equal sums."""


class Distances(Contract):
    """What a distance between signatures promises."""

    def terms_are_named(self) -> None:
        """`terms` names the sums that are kept, each once."""
        terms = self.build().terms
        named = isinstance(terms, tuple) and all(isinstance(term, str) and term for term in terms)
        require(bool(named and terms and len(set(terms)) == len(terms)), f"terms is {terms!r}")

    def forms_are_signatures(self) -> None:
        """`forms()` names at least one signature of `langgeo_core.api`."""
        forms = tuple(self.build().forms())
        strange = [str(form) for form in forms if form not in get_args(Signature)]
        require(bool(forms) and not strange, f"forms() gives {', '.join(strange) or 'nothing'}")

    def partial_sums_have_an_entry_for_each_pair(self) -> None:
        """`partial` gives finite numbers, (terms, languages, languages)."""
        distance = self.build()
        for signature in self._signatures():
            partial = array(_of(signature, "partial"), distance.partial(signature), _shape(distance), "fiu")
            finite(_of(signature, "partial"), partial)

    def distances_are_symmetric_and_not_negative(self) -> None:
        """`finish` gives finite distances that are symmetric and not negative, zero for a language and itself."""
        distance = self.build()
        for signature in self._signatures():
            values = array(_of(signature, "finish"), _finished(distance, signature), _shape(distance)[1:])
            finite(_of(signature, "finish"), values)
            least = NOTHING * float(np.abs(values).max())
            same(f"{_of(signature, 'finish')} transposed", values.T, values, ROUNDING)
            require(float(values.min()) >= -least, f"{_of(signature, 'finish')} has {values.min()}")
            require(float(np.abs(np.diagonal(values)).max()) <= least, f"the diagonal has {np.diagonal(values)}")

    def equal_scores_have_distance_zero(self) -> None:
        """Two languages with the same signature are at distance zero, and others are not."""
        distance = self.build()
        for signature in self._signatures():
            values = _finished(distance, signature)
            require(float(values.max()) > 0, f"{_of(signature, 'finish')} is zero for languages that differ")
            between = float(values[TWINS])
            require(
                abs(between) <= NOTHING * float(values.max()), f"{_of(signature, 'finish')} of equal ones is {between}"
            )

    def sums_of_blocks_of_rows_are_those_of_the_whole(self) -> None:
        """The partial sums of some rows at a time add up to those of the whole matrix."""
        distance = self.build()
        tried = [signature for signature in self._signatures() if type(signature) not in GENERAL]
        if not tried:
            skip("it reads signatures a column at a time alone")
        for signature in tried:
            parts = [distance.partial(_rows(signature, part)) for part in (slice(0, 5), slice(5, ROWS))]
            same(
                f"{_of(signature, 'partial')} in two parts", parts[0] + parts[1], distance.partial(signature), ROUNDING
            )

    def all_forms_give_the_same_distances(self) -> None:
        """The compact form of a signature gives the distances of the form with an entry for each weight."""
        distance = self.build()
        read = distance.forms()
        pairs = [(one, other) for one, other in _equivalent() if type(one) in read and type(other) in read]
        if not pairs:
            skip("it reads no two forms of one signature")
        for compact, general in pairs:
            both = f"{type(compact).__name__} and {type(general).__name__}"
            same(f"the distances of {both}", _finished(distance, compact), _finished(distance, general), ROUNDING)

    def order_of_languages_does_not_matter(self) -> None:
        """Languages in another order have their distances in that order."""
        distance = self.build()
        for signature in self._signatures():
            moved = _finished(distance, permuted(signature, ORDER))
            same(
                f"{_of(signature, 'finish')} reordered",
                moved,
                _finished(distance, signature)[np.ix_(ORDER, ORDER)],
                ROUNDING,
            )

    def signatures_are_left_as_they_are(self) -> None:
        """The same signature gives the same distances, and is left as it is."""
        for signature in self._signatures():
            before = Untouched(arrays(signature))
            first = _finished(self.build(), signature)
            before.check()
            same(f"{_of(signature, 'finish')} of a second instance", _finished(self.build(), signature), first)

    def _signatures(self) -> Iterator[Signature]:
        """One of each form that the distance reads."""
        made: dict[type[Signature], Signature] = {Densities: _densities()}
        for pair in _equivalent():
            for signature in pair:
                made.setdefault(type(signature), signature)
        forms = self.build().forms()
        require(bool(forms), "forms() is empty")
        yield from (made[form] for form in forms)


def _equivalent() -> Iterator[tuple[Signature, Signature]]:
    """Compact signatures of four languages and a twin, each with the general one that says the same."""
    scores = separable(order=TWINNED)
    dense = np.stack([scores.dense(language) for language in range(scores.languages)])
    matrix, flat = scores.matrix, dense.reshape(len(dense), -1)
    kept = dense > np.median(flat, axis=1)[:, None, None]
    yield KeptCounts(matrix, kept.sum(axis=1, dtype=np.int32)), PackedBits(matrix, _packed(kept))
    thresholds = np.quantile(flat, (0.25, 0.5, 0.75), axis=1)
    levels = np.stack([dense > threshold[:, None, None] for threshold in thresholds]).sum(axis=0, dtype=np.uint8)
    above = [(levels > threshold).sum(axis=1, dtype=np.int32) for threshold in range(3)]
    yield LevelCounts(matrix, np.stack(above)), Levels(matrix, levels.reshape(len(flat), -1))
    yield _scaled(scores.weights, scores.feature_scores), Dense(matrix, flat)
    yield _shifted(scores.weights, scores.feature_scores)


def _densities() -> Densities:
    scores = separable(order=TWINNED)
    flat = np.stack([scores.dense(language).ravel() for language in range(scores.languages)])
    return Densities(scores.matrix, flat, flat.mean(axis=1, dtype=np.float64))


def _packed(kept: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.packbits(kept.reshape(len(kept), -1), axis=1)


def _scaled(weights: NDArray[np.float32], factors: NDArray[np.float32]) -> ScaledColumns:
    squares = np.square(weights).astype(np.float64)
    return ScaledColumns(separable().matrix, factors.astype(np.float64), squares.sum(axis=0), (squares**2).sum(axis=0))


def _shifted(weights: NDArray[np.float32], factors: NDArray[np.float32]) -> tuple[ShiftedColumns, Dense]:
    """Of logarithms, the zero weights left out."""
    counts = weights != 0
    logarithms = np.log(np.square(weights, dtype=np.float64), out=np.zeros(weights.shape), where=counts)
    values = np.log(factors.astype(np.float64))
    matrix = separable().matrix
    sums = logarithms.sum(axis=0), np.square(logarithms).sum(axis=0)
    dense = np.stack([(logarithms + value)[counts] for value in values]).astype(np.float32)
    return ShiftedColumns(matrix, values, counts.sum(axis=0).astype(np.float64), *sums), Dense(matrix, dense)


def _rows(signature: Signature, part: slice) -> Signature:
    """Some rows of a signature with an entry for each weight."""
    matrix = replace(signature.matrix, rows=part.stop - part.start)
    entries = slice(part.start * matrix.columns, part.stop * matrix.columns)
    if isinstance(signature, PackedBits):
        unpacked = np.unpackbits(signature.bits, axis=1)[:, entries]
        return PackedBits(matrix, np.packbits(unpacked, axis=1))
    changed: dict[str, Any] = {"matrix": matrix, "values": arrays(signature)["values"][:, entries]}
    return replace(signature, **changed)


def _finished(distance: Any, signature: Signature) -> NDArray[np.float64]:
    found: NDArray[np.float64] = distance.finish(distance.partial(signature), signature.matrix.size)
    return found


def _shape(distance: Any) -> tuple[int, int, int]:
    return len(distance.terms), LANGUAGES + 1, LANGUAGES + 1


def _of(signature: Signature, what: str) -> str:
    return f"{what}({type(signature).__name__})"
