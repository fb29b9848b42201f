"""The evaluator `labels`: agreement with classes from a table of your own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property

from langgeo_core.api import Evaluation, Language, Metric, UserError
from langgeo_inference.api import Question
from langgeo_labels.level_metrics import Float64, metrics_of_levels, values_of_levels
from langgeo_labels.options import LabelsOptions
from langgeo_labels.scripts import note_what_scripts_leave_out
from langgeo_labels.table import LabelTable, read_labels

notice = logging.getLogger("langgeo.notice")

SHOWN = 12
"""The most languages without a class that are named."""


class Labels:
    """Compares distances and clusters with classes from a table.

    A row of a language (`cmn`) also counts for its texts that have no row of their own (`cmn_Hans`).
    """

    def __init__(self, options: LabelsOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The class of every language in every column; None where the table has none.

        Raises
        ------
        UserError
            If the table cannot be used, or has classes for fewer than two of the languages.
        """
        labels = {
            level: tuple(_class_of(language, classes) for language in languages)
            for level, classes in self._table.classes.items()
        }
        self._check_coverage(languages, labels)
        return note_what_scripts_leave_out(languages, labels)

    def remarks(self) -> Sequence[str]:
        """Which names in the table were read as which languages."""
        return self._table.remarks

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Metrics of every column with at least two labelled languages."""
        return metrics_of_levels("labels", self._table.classes, evaluation, self._options)

    def values_on(self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]) -> dict[Question, Float64]:
        """(subsets,) the value of every metric on each subset of the languages, without null or interval."""
        return values_of_levels("labels", self._table.classes, evaluation, subsets)

    @cached_property
    def _table(self) -> LabelTable:
        return read_labels(self._options.file, self._options.levels)

    def _check_coverage(self, languages: Sequence[Language], labels: dict[str, tuple[str | None, ...]]) -> None:
        for level, classes in labels.items():
            lacking = [language.id for language, label in zip(languages, classes, strict=True) if label is None]
            where = f"the column {level!r} of {self._options.file}"
            if len(lacking) > len(languages) - 2:
                known = ", ".join(sorted(self._table.classes[level])[:8])
                message = f"{where} has classes for fewer than two languages of this run"
                raise UserError(message, f"it has classes for {known or 'no language'}")
            if lacking:
                shown = ", ".join(lacking[:SHOWN]) + (" and others" if len(lacking) > SHOWN else "")
                notice.info("%d of %d languages have no class in %s: %s", len(lacking), len(languages), where, shown)


def _class_of(language: Language, classes: dict[str, str]) -> str | None:
    return classes.get(language.id, classes.get(language.iso639_3))
