"""The windows of every text of a run: chosen once, and dealt to replicates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langgeo_core.calibration.windows import Selection, cell_windows, lines_of, select
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.planning.plan import Plan, PlannedCell
from langgeo_core.planning.replicates import deal

BYTES_A_TOKEN = 36
"""A number in a tuple, and the place that it has there."""


class RunWindows:
    """The windows that calibration reads of each text, and those of its replicates."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._texts = plan, plan.texts
        self._settings, self._reliability = plan.config.settings.calibration, plan.config.settings.reliability

    def of(self, model: str, corpus: str, language: str) -> Selection:
        """The windows of one text, as a model's tokenizer makes its tokens.

        Raises
        ------
        UserError
            If the text is too short and the policy is not to go on.
        """
        return self._texts.kept.get(
            ("windows", model, corpus, language),
            lambda: self._select(model, corpus, language),
            lambda found: 0 if isinstance(found.windows, int) else BYTES_A_TOKEN * found.windows.tokens,
        )

    def ids(self, model: str, corpus: str, language: str) -> tuple[tuple[int, ...], ...]:
        """The token ids of each window; none where the text is skipped."""
        windows = self.of(model, corpus, language).windows
        return () if isinstance(windows, int) else windows.ids

    def pieces(self, selection: Selection, cells: Sequence[PlannedCell]) -> list[Sequence[int]]:
        """The positions of the windows that each of a text's cells reads.

        Raises
        ------
        UserError
            If the text has fewer windows than there are replicates.
        """
        assert not isinstance(selection.windows, int)
        whole, count = range(len(selection.windows.ids)), self._reliability.replicates
        dealt = deal(selection.fresh, count) if any(cell.replicate is not None for cell in cells) else []
        return [whole if cell.replicate is None else dealt[cell.replicate] for cell in cells]

    def check(self, cells: Iterable[PlannedCell]) -> None:
        """Choose the windows of these cells, and refuse all texts that are too short for them at once.

        Raises
        ------
        ConfigError
            Naming every such text.
        """
        problems: list[Problem] = []
        texts: dict[tuple[str, str, str], list[PlannedCell]] = {}
        for cell in cells:
            texts.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
        for text, members in texts.items():
            try:
                selection = self.of(*text)
                if not isinstance(selection.windows, int):
                    self.pieces(selection, members)
            except LanggeoError as failure:
                problems.append(Problem(", ".join(text), failure.message, failure.hint))
        if texts and self._reliability.replicates and self._reliability.each == "line":
            problems.extend(self._unequal_lines(dict.fromkeys(corpus for _, corpus, _ in texts)))
        if problems:
            raise ConfigError(problems)

    def _select(self, model: str, corpus: str, language: str) -> Selection:
        documents, encode = self._texts.read(corpus, language).documents, self._texts.tokenizers[model]().encode
        if self._settings.unit == "tokens":
            known = dict(zip(documents, self._texts.tokens(model, corpus, language), strict=True))
            return select(documents, known.__getitem__, self._settings)
        return select(documents, encode, self._settings)

    def _unequal_lines(self, corpora: Iterable[str]) -> Iterable[Problem]:
        """The corpora of which the languages do not all read the same lines."""
        for corpus in corpora:
            read: dict[tuple[tuple[int, ...], ...], list[str]] = {}
            for cell in self._plan.cells:
                if cell.corpus == corpus and cell.key and (lines := self._line_windows(corpus, cell.language)):
                    read.setdefault(lines, []).append(cell.language)
            most = max(read.values(), key=len, default=[])
            if others := sorted({language for group in read.values() if group is not most for language in group}):
                yield Problem(
                    f"corpus {corpus}, languages {', '.join(others)}",
                    "other lines than in the other languages, and `reliability.each: line` needs parallel texts",
                    "leave these languages out, or set reliability.each=window",
                )

    def _line_windows(self, corpus: str, language: str) -> tuple[tuple[int, ...], ...] | None:
        """The numbers of the lines in each window; None where the text is skipped or refused."""
        try:
            found = cell_windows(lines_of(self._texts.read(corpus, language).documents), self._settings)
        except UserError:
            return None
        return None if isinstance(found, int) else found.ids
