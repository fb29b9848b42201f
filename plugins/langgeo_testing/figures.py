"""What evaluators, baselines, exporters and readers promise."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    BaselineContext,
    DistanceMatrix,
    Evaluation,
    LanggeoError,
    Language,
    Metric,
    RawMatrix,
    Run,
    UnavailableError,
    UserError,
    protocols,
)
from langgeo_testing.check import broken, require, same, skip
from langgeo_testing.components import Contract
from langgeo_testing.made_up import evaluation, languages, made_up_text, write_run


class Evaluators(Contract):
    """What an evaluator promises."""

    def every_level_has_a_class_for_each_language(self) -> None:
        """`labels` gives for each level as many classes as there are languages, each a text or None."""
        known = languages()
        for level, classes in self._labels(known).items():
            require(isinstance(level, str) and bool(level.strip()), f"a level is called {level!r}")
            require(len(classes) == len(known), f"{level} has {len(classes)} classes for {len(known)} languages")
            strange = [one for one in classes if not (one is None or (isinstance(one, str) and one))]
            require(not strange, f"{level} has the classes {strange}")

    def a_class_depends_on_its_language_alone(self) -> None:
        """A language's class does not depend on the other languages or their order."""
        known = languages()
        whole, reverse = self._labels(known), self._labels(known[::-1])
        for level, classes in whole.items():
            found = tuple(reversed(reverse.get(level, ())))
            require(found == tuple(classes), f"{level} is {found} in reverse, and {tuple(classes)} otherwise")

    def metrics_are_numbers_over_known_languages(self) -> None:
        """`evaluate` gives metrics with a name, a finite value, and an n of at most the number of languages."""
        for metric in self._metrics():
            require(isinstance(metric, Metric), f"evaluate gives a {type(metric).__name__}, no Metric")
            require(bool(metric.evaluator and metric.metric), f"a metric has no name: {metric}")
            require(math.isfinite(metric.value), f"{_name(metric)} is {metric.value}")
            require(
                0 < metric.n <= len(languages()), f"{_name(metric)} has n = {metric.n} of {len(languages())} languages"
            )

    def nulls_and_intervals_are_in_order(self) -> None:
        """p lies in (0, 1], spreads are not negative, and an interval's lower end is not above its upper one."""
        for metric in self._metrics():
            require(metric.p is None or 0 < metric.p <= 1, f"{_name(metric)} has p = {metric.p}")
            spreads = [one for one in (metric.sd, metric.null_sd) if one is not None and not one >= 0]
            require(not spreads, f"{_name(metric)} has the spread {spreads}")
            ends = (metric.ci_low, metric.ci_high)
            require((None in ends) == (ends == (None, None)), f"{_name(metric)} has the interval {ends}")
            require(
                ends[0] is None or ends[1] is None or ends[0] <= ends[1], f"{_name(metric)} has the interval {ends}"
            )
            require(metric.seeds >= 1, f"{_name(metric)} has seeds = {metric.seeds}")

    def metrics_name_known_levels_and_clusterers(self) -> None:
        """A metric's level and clusterer are those of the evaluation, or empty, and no question is answered twice."""
        given = self._evaluation()
        clusterers = {one.clusterer for one in given.clusterings}
        questions: set[tuple[str, ...]] = set()
        for metric in self._metrics(given):
            require(metric.level in {"", *given.labels}, f"{_name(metric)} is of the level {metric.level!r}")
            require(metric.clusterer in {"", *clusterers}, f"{_name(metric)} is of the clusterer {metric.clusterer!r}")
            require(metric.question not in questions, f"{_name(metric)} is there twice")
            questions.add(metric.question)

    def same_evaluation_gives_the_same_metrics(self) -> None:
        """The same evaluation gives the same metrics in every instance: what is random takes `evaluation.seed`."""
        first, again = self._metrics(), self._metrics()
        for one, other in zip(first, again, strict=True):
            require(one == other, f"{one} is {other} the second time")

    def languages_without_a_class_are_no_failure(self) -> None:
        """Where no language, or a single one, has a class, `evaluate` still gives a list."""
        known = languages()
        levels = self.build().labels(known)
        for alone in (None, 0):
            labels = {level: _only(classes, alone) for level, classes in levels.items()}
            found = self.build().evaluate(evaluation(known, labels))
            require(isinstance(found, list), f"evaluate gives a {type(found).__name__}")

    def _evaluation(self) -> Evaluation:
        known = languages()
        return evaluation(known, dict(self.build().labels(known)))

    def _labels(self, known: tuple[Language, ...]) -> dict[str, tuple[str | None, ...]]:
        found: dict[str, tuple[str | None, ...]] = self.build().labels(known)
        if not found:
            skip("it has no levels")
        return found

    def _metrics(self, given: Evaluation | None = None) -> list[Any]:
        found: list[Any] = self.build().evaluate(given or self._evaluation())
        if not found:
            skip("it has no metric for the made-up languages")
        return found


def _only(classes: tuple[str | None, ...], place: int | None) -> tuple[str | None, ...]:
    return tuple(one if index == place else None for index, one in enumerate(classes))


def _name(metric: Metric) -> str:
    return " ".join(filter(None, (metric.metric, metric.level, metric.clusterer)))


ROUNDING = 1e-9
SILENT = "ita"
"""The language without a text."""


class Baselines(Contract):
    """What a baseline promises."""

    def one_distance_for_each_pair(self) -> None:
        """`distances` gives a DistanceMatrix over the languages of the context, not all zero or missing."""
        found = self._measured(languages())
        known = found.values[np.triu_indices(len(found.ids), 1)]
        known = known[np.isfinite(known)]
        require(len(known) > 0, "every distance is missing")
        require(float(known.max()) > 0, f"all {len(known)} distances that it has are zero")

    def same_languages_give_the_same_distances(self) -> None:
        """The same languages and texts give the same distances in every instance."""
        known = languages()
        same("distances of a second instance", self._measured(known).values, self._measured(known).values)

    def order_of_languages_does_not_matter(self) -> None:
        """A pair's distance does not depend on the order of the languages."""
        known = languages()
        expected = self._measured(known)
        turned = self._measured(known[::-1]).subset(expected.ids)
        same("distances, languages turned round", turned.values, expected.values, ROUNDING)

    def a_language_without_text_is_missing_or_measured(self) -> None:
        """A language without a text has distances or NaN, or a LanggeoError says why not; the others keep theirs."""
        known = languages()
        try:
            found = self._measured(known, silent=SILENT)
        except LanggeoError:
            return
        rest = [one.id for one in known if one.id != SILENT]
        expected = self._measured(known).subset(rest).values
        same("distances between the other languages", found.subset(rest).values, expected, ROUNDING)

    def a_run_without_models_or_texts_is_accepted_or_refused(self) -> None:
        """Where a run has neither text nor tokenizer, it measures all the same or raises UnavailableError."""
        known = languages()
        try:
            self.build().distances(BaselineContext(known, _no_texts))
        except UnavailableError:
            return

    def _measured(self, known: tuple[Language, ...], silent: str = "") -> DistanceMatrix:
        texts = {one.id: () if one.id == silent else _documents(one.id) for one in known}
        tokens = {"model": lambda name, whole: _tokens(texts[name], whole)}
        context = BaselineContext(known, texts.__getitem__, tokens, {"model": texts.__getitem__})
        try:
            found = self.build().distances(context)
        except UnavailableError as lacking:
            skip(str(lacking))
        require(isinstance(found, DistanceMatrix), f"distances gives {type(found).__name__}, no DistanceMatrix")
        require(set(found.ids) == {one.id for one in known}, f"the ids are {', '.join(found.ids)}")
        kept: DistanceMatrix = found.subset([one.id for one in known])
        return kept


def _documents(language: str) -> tuple[str, ...]:
    """Two texts, whose length is the language's own as well."""
    letters = 300 + 40 * (sum(language.encode()) % 13)
    return made_up_text(language, letters), made_up_text(language[::-1], letters)


def _tokens(documents: tuple[str, ...], whole: bool) -> NDArray[np.int64]:
    """(tokens,) one for each three letters of a word, of all the text or of its first eighty words."""
    words = " ".join(documents).split()[: None if whole else 80]
    pieces = [word[start : start + 3] for word in words for start in range(0, len(word), 3)]
    return np.array([int.from_bytes(piece.encode(), "big") for piece in pieces], dtype=np.int64)


def _no_texts(_: str) -> tuple[str, ...]:
    raise UnavailableError("it reads texts, and this run has none")


class Exporters(Contract):
    """What an exporter promises."""

    def files_written_are_given_back(self) -> None:
        """`export` writes at least one file and gives back the paths of all that it wrote."""
        with _finished_run() as run:
            before = _hashes(run.path)
            written = self.build().export(run)
            require(isinstance(written, list) and bool(written), f"export gives {written!r}, no list of paths")
            absent = [str(file) for file in written if not Path(file).is_file()]
            require(not absent, f"there is no {', '.join(absent)}")
            new = {file for file in _hashes(run.path) if file not in before}
            silent = sorted(str(file) for file in new - {Path(file).resolve() for file in written})
            require(not silent, f"it does not give back {', '.join(silent)}")

    def files_lie_in_the_run_folder(self) -> None:
        """`export` writes into `run.path` and nowhere beside it."""
        with _finished_run() as run:
            before = {file for file in _hashes(run.path.parent) if not file.is_relative_to(run.path.resolve())}
            written = self.build().export(run)
            outside = [str(file) for file in written if not Path(file).resolve().is_relative_to(run.path.resolve())]
            require(not outside, f"it writes {', '.join(outside)}")
            after = {file for file in _hashes(run.path.parent) if not file.is_relative_to(run.path.resolve())}
            require(after == before, f"beside the run folder there is {', '.join(map(str, after - before))}")

    def tables_of_the_run_are_left_as_they_are(self) -> None:
        """`export` changes no file that the run has written."""
        with _finished_run() as run:
            before = _hashes(run.path)
            self.build().export(run)
            after = _hashes(run.path)
            changed = [str(file) for file, digest in before.items() if after.get(file) != digest]
            require(not changed, f"it changes {', '.join(changed)}")

    def exporting_again_gives_the_same_files(self) -> None:
        """`export` can be called again, as `langgeo report` does, and gives the same files."""
        with _finished_run() as run:
            first = sorted(map(str, self.build().export(run)))
            again = sorted(map(str, self.build().export(Run(run.path))))
            require(first == again, f"it gives {', '.join(again)} the second time, {', '.join(first)} the first")


@contextmanager
def _finished_run() -> Iterator[Run]:
    """A finished run in a folder of its own."""
    with TemporaryDirectory() as folder:
        yield Run(write_run(Path(folder) / "run"))


def _hashes(folder: Path) -> dict[Path, str]:
    files = (file.resolve() for file in folder.rglob("*") if file.is_file())
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


GARBAGE = "This file holds no distances between languages.\nIt has two lines of prose.\n"
BEGINNINGS = ("\n", "{", "#", "<", "3\n", "a\tb\n", "a,b\n", "\0\1\2", GARBAGE)
"""How files of other formats may begin."""


class Readers(Contract):
    """What a reader of distance matrices promises."""

    def it_has_no_options(self) -> None:
        """A reader is built without options."""
        require(not self.record.options, f"options={self.record.options!r}")

    def its_example_is_recognised(self) -> None:
        """`recognises` gives more than 0, and at most 1, for the beginning of `example`."""
        reader: protocols.Reader = self.build()
        sure = reader.recognises(reader.example[:4096])
        require(0 < sure <= 1, f"recognises(example) is {sure!r}")

    def prose_is_not_recognised(self) -> None:
        """`recognises` gives 0 for two lines of prose."""
        sure = self.build().recognises(GARBAGE)
        require(sure == 0, f"recognises({GARBAGE!r}) is {sure!r}")

    def any_beginning_can_be_asked_about(self) -> None:
        """`recognises` gives a number from 0 to 1, however a file begins."""
        reader: protocols.Reader = self.build()
        for beginning in BEGINNINGS:
            sure = reader.recognises(beginning)
            require(isinstance(sure, int | float) and 0 <= sure <= 1, f"recognises({beginning!r}) is {sure!r}")

    def its_example_is_read(self) -> None:
        """`read(example)` gives at least one matrix of at least two languages."""
        found = _read(self.build())
        for matrix in found:
            require(isinstance(matrix, RawMatrix), f"it gives {matrix!r}, not a RawMatrix")
            require(len(matrix.names) >= 2, f"the names are {matrix.names!r}")

    def names_are_unique(self) -> None:
        """The names in a matrix of the example are different texts."""
        for matrix in _read(self.build()):
            require(all(isinstance(name, str) and name for name in matrix.names), f"the names are {matrix.names!r}")
            require(len(set(matrix.names)) == len(matrix.names), f"the names are {matrix.names!r}")

    def numbers_are_distances(self) -> None:
        """The numbers of the example are (names, names) float64, symmetric, not negative and 0 on the diagonal."""
        for matrix in _read(self.build()):
            values, n = matrix.values, len(matrix.names)
            require(values.shape == (n, n), f"the shape is {values.shape} with {n} names")
            require(values.dtype == np.float64, f"the dtype is {values.dtype}")
            require(np.array_equal(values, values.T, equal_nan=True), f"not symmetric: {values}")
            require(not (values < 0).any() and not np.isinf(values).any(), f"negative or infinite: {values}")
            require(not np.diagonal(values).any(), f"the diagonal is {np.diagonal(values)}")
            require(bool(np.nansum(values) > 0), f"every distance is 0 or missing: {values}")

    def matrices_can_be_chosen(self) -> None:
        """Several matrices have different names, and at most one is the default."""
        found = _read(self.build())
        names = [matrix.name for matrix in found]
        require(len(set(names)) == len(names), f"the matrices are named {names!r}")
        require(sum(matrix.default for matrix in found) <= 1, "several matrices are the default")

    def reading_again_gives_the_same(self) -> None:
        """`read` gives the same matrices each time."""
        reader: protocols.Reader = self.build()
        for one, other in zip(_read(reader), _read(reader), strict=True):
            require(
                (one.names, one.name, one.default) == (other.names, other.name, other.default), f"{one!r}, {other!r}"
            )
            require(np.array_equal(one.values, other.values, equal_nan=True), f"{one.values}, then {other.values}")

    def garbage_is_refused_with_one_message(self) -> None:
        """`read` raises UserError, with a message of one line, where the text is not in the format."""
        try:
            found = self.build().read(GARBAGE)
        except UserError as failure:
            require(len(failure.message.splitlines()) == 1, f"the message is {failure.message!r}")
        except Exception as failure:
            broken(f"it raises {type(failure).__name__}: {failure}")
        else:
            broken(f"it reads {found!r}")

    def half_a_file_is_read_or_refused(self) -> None:
        """`read` raises nothing but UserError where the example is cut off."""
        reader: protocols.Reader = self.build()
        for end in range(1, len(reader.example), math.ceil(len(reader.example) / 100)):
            text = reader.example[:end]
            if text.strip():
                try:
                    reader.read(text)
                except UserError:
                    continue
                except Exception as failure:
                    broken(f"read({text!r}) raises {type(failure).__name__}: {failure}")


def _read(reader: protocols.Reader) -> Sequence[RawMatrix]:
    found = reader.read(reader.example)
    require(len(found) > 0, "it gives no matrix of its example")
    return found
